"""A token that shows itself nowhere. Pure: no network, no clock, no disk.

Tracebacks with local variables (IPython's verbose ones, ``pytest -l``, error trackers), `vars`,
`dataclasses.asdict` and pickles show what variables contain. So every function that gets a token as
text hides it in its first line, and only the request itself reveals it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeAlias


class Token:
    """An API token, without surrounding spaces. Only `reveal` returns its text.

    Parameters
    ----------
    text : str
        The token.

    Examples
    --------
    >>> Token("a-secret-token")
    Token()
    """

    __slots__ = ("_read",)

    def __init__(self, text: object) -> None:
        if isinstance(text, str):
            text = text.strip()
        # Not an attribute with the text, which would be shown by whatever lists attributes.
        self._read: Callable[[], str] = lambda: str(text)

    def reveal(self) -> str:
        """Return the text of the token, to send it or to look for it; never keep it."""
        return self._read()

    def __repr__(self) -> str:
        return "Token()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and self.reveal() == other.reveal()

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __copy__(self) -> Token:
        return self

    def __deepcopy__(self, _memo: object) -> Token:
        return self

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError(
            "a token can't be pickled, since the file would contain it: pass it again where it is "
            "used, such as by FLXPOINT_API_TOKEN"
        )

    def problem(self) -> str | None:
        """Return why the token cannot be sent in a header, or None if it can."""
        if not self.reveal():
            return "is empty: check its source"
        if not re.fullmatch(r"[!-~]+", self.reveal()):
            return "contains a space, a line break or a character that is not ASCII: copy it again"
        return None


TokenArgument: TypeAlias = str | Token | Mapping[str, str | Token] | None
"""The token of a run, or several by name."""


def hide(token: Any) -> Any:
    """Return the token of an argument, or each of several by name, as `Token`; None stays None.

    Examples
    --------
    >>> hide("secret-1"), hide({"EU": "secret-1"}), hide(None)
    (Token(), {'EU': Token()}, None)
    """
    if token is None or isinstance(token, Token):
        return token
    if isinstance(token, Mapping):
        return {name: hide(value) or Token("") for name, value in token.items()}
    return Token(token if isinstance(token, str) else "")
