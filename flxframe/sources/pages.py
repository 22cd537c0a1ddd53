"""Web pages that a server sends instead of a file, above all those that ask for a login."""

from __future__ import annotations

import re
from pathlib import Path

from flxframe.exceptions import FileError
from flxframe.sources.links import is_login

LOGIN_STATUSES = (401, 403, 407)
"""The HTTP statuses of answers to users who are not signed in."""

_HEAD_SIZE = 2**20
_WHITESPACE = b"\xef\xbb\xbf \t\r\n"
_PAGE = re.compile(
    rb"(?:<\?xml[^>]*>|(?><!--.*?-->)|\s)*+<(?:!doctype\s+html|html|head|body|script)\b",
    re.IGNORECASE | re.DOTALL,
)
_PASSWORD = re.compile(rb"""<input\b[^>]*\btype\s*=\s*["']?password""", re.IGNORECASE)


def check_page(path: Path, link: str, name: str) -> None:
    """Raise if a downloaded file is a web page.

    Parameters
    ----------
    path : Path
        The file.
    link : str
        The link that it was found at, after all redirects.
    name : str
        The link that the user passed, for the message.

    Raises
    ------
    FileError
        If it is; the message says whether it asks for a login.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_SIZE)
    if not _PAGE.match(head.lstrip(_WHITESPACE)):
        return

    if is_login(link) or _PASSWORD.search(head):
        raise login_error(name)
    raise FileError(
        f"{name} is a web page, not a file with a table: use the link that downloads the file"
    )


def login_error(name: str) -> FileError:
    """Return the error for a link that only users who are signed in can follow."""
    return FileError(
        f"{name} asks for a login: share the file with anyone who has the link, or download it and "
        "use the file"
    )
