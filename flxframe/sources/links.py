"""Links to tables: which are safe, and where the file behind a share link is. Pure."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlencode, urljoin, urlsplit

from flxframe.exceptions import FileError
from flxframe.request.base_url import is_host, is_loopback

_LINK = re.compile(r"\s*https?:/", re.IGNORECASE)

_SHEETS_HOST = "docs.google.com"
_SHARED = re.compile(
    r"/spreadsheets(?:/u/[0-9]+)?/d/(?!e/)([\w-]+)(?:/(?:edit|view|preview|htmlview).*)?/?"
)
_PUBLISHED = re.compile(r"/spreadsheets(?:/u/[0-9]+)?/d/e/([\w-]+)/pubhtml/?")

_LOGIN_HOSTS = re.compile(r"(accounts|login|signin|auth|sso|idp)\.", re.IGNORECASE)
_LOGIN_PATH = re.compile(
    r"/(log[-_]?in|sign[-_]?in|sso|servicelogin|authenticate|authorize)\b", re.IGNORECASE
)


def is_link(text: str) -> bool:
    """Return whether a text is a link and not the path of a file.

    Examples
    --------
    >>> is_link("https://example.com/orders.csv"), is_link("orders.csv")
    (True, False)
    """
    return _LINK.match(text) is not None


def check_link(link: str) -> str:
    """Return a link without the part after ``#``, if it is safe to follow.

    Raises
    ------
    FileError
        If it is not a URL, has a password, or is not https while its host is another computer.
    """
    try:
        parts = urlsplit(link.strip())
        host = parts.hostname or ""
        _ = parts.port
    except ValueError as error:
        raise FileError(f"{link_name(link)} is not a link ({error}): copy it again") from None

    if not is_host(host) or not link.strip().isprintable():
        raise FileError(f"{link_name(link)} is not a link: copy it again, as text")
    if parts.username is not None:
        raise FileError(
            f"the link to {host} contains a user name or password: download the file yourself, and "
            "use the file"
        )
    if parts.scheme.lower() != "https" and not is_loopback(host):
        raise FileError(f"{link_name(link)} is not encrypted: use a link with https://")
    return parts._replace(fragment="").geturl()


def redirected(link: str, location: str, name: str) -> str:
    """Return the link that a server redirects to, if it is safe.

    Parameters
    ----------
    link : str
        The link that was requested.
    location : str
        The answer's ``Location``.
    name : str
        The name of the first link, for the message.

    Raises
    ------
    FileError
        If it is not a safe link, or leads from another computer to this one.
    """
    try:
        target = check_link(urljoin(link, location))
    except (FileError, ValueError) as error:
        raise FileError(f"{name} redirects to another link: {error}") from None

    hosts = [urlsplit(url).hostname or "" for url in (link, target)]
    if is_loopback(hosts[1]) and not is_loopback(hosts[0]):
        raise FileError(f"{name} redirects to this computer, which is not safe: check the link")
    return target


def link_name(link: str) -> str:
    """Return a link for messages: without what might be a secret, such as a signature.

    Examples
    --------
    >>> link_name("https://user:pw@example.com/orders.csv?sig=4711#x")
    'https://example.com/orders.csv'
    """
    bare = re.split(r"[?#]", link.strip(), maxsplit=1)[0]
    scheme, slashes, rest = bare.partition("//")
    host, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{host.rpartition('@')[2]}{slash}{path}"


def file_link(link: str, sheet: str | None) -> str:
    """Return the link to the file behind a Google Sheets share link; other links are unchanged.

    The file is a .csv of the sheet that the link's gid names, otherwise of the first sheet; with
    the name of a sheet it is the whole workbook.

    Examples
    --------
    >>> file_link("https://docs.google.com/spreadsheets/d/1aB/edit?usp=sharing#gid=7", None)
    'https://docs.google.com/spreadsheets/d/1aB/export?format=csv&gid=7'
    """
    parts = urlsplit(link.strip())
    if (parts.hostname or "") != _SHEETS_HOST:
        return link

    gid = _gid(parts.query, parts.fragment)
    shared = _SHARED.fullmatch(parts.path)
    published = _PUBLISHED.fullmatch(parts.path)
    query = {"format": "csv", **gid} if sheet is None else {"format": "xlsx"}
    if shared:
        path = f"/spreadsheets/d/{shared[1]}/export"
    elif published:
        path = f"/spreadsheets/d/e/{published[1]}/pub"
        query["output"] = query.pop("format")
        query |= {"single": "true"} if "gid" in query else {}
    else:
        return link
    return parts._replace(path=path, query=urlencode(query), fragment="").geturl()


def suffix_of(link: str) -> str:
    """Return the end of the file name in a link, such as ``.csv`` or ``.csv.gz``.

    Examples
    --------
    >>> suffix_of("https://example.com/feed/orders.csv.gz?day=7")
    '.csv.gz'
    """
    name = unquote(urlsplit(link).path).rpartition("/")[2]
    match = re.search(r"(\.[a-z]{3,7})?\.[a-z]{2,7}$", name, re.IGNORECASE)
    return match[0].lower() if match else ""


def is_login(link: str) -> bool:
    """Return whether a link is that of a page where users sign in.

    Examples
    --------
    >>> is_login("https://accounts.google.com/v3/signin"), is_login("https://example.com/a.csv")
    (True, False)
    """
    parts = urlsplit(link)
    return bool(_LOGIN_HOSTS.match(parts.hostname or "") or _LOGIN_PATH.search(parts.path))


def _gid(query: str, fragment: str) -> dict[str, str]:
    """Return the id of the sheet in a link; the part after ``#`` is what the browser showed."""
    for text in (fragment, query):
        for gid in parse_qs(text).get("gid", []):
            if gid.isascii() and gid.isdigit():
                return {"gid": gid}
    return {}
