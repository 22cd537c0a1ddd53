"""Format short texts for messages and displays. Pure: no network, no clock, no disk."""

from __future__ import annotations

from collections.abc import Iterable

from flxframe.dtypes import kind_of

MAX_TEXT_LENGTH = 300
"""Long enough for any message of flxframe, and for most of a server's."""

_MAX_REPR_LENGTH = 60
_MAX_NAMES_LISTED = 12


def cut(value: object, max_length: int = MAX_TEXT_LENGTH) -> str:
    """Return the text of a value, cut to a length; a missing value is an empty text.

    Examples
    --------
    >>> cut("00123"), cut("a long text", 6), cut(None)
    ('00123', 'a lon…', '')
    """
    if kind_of(value) == "missing":
        return ""

    text = str(value)
    if len(text) <= max_length:
        return text
    return f"{text[: max_length - 1]}…"


def is_encodable(text: str) -> bool:
    r"""Return whether a text has no unpaired surrogate, which neither JSON nor a file can contain.

    Examples
    --------
    >>> is_encodable("order"), is_encodable("\ud83d")
    (True, False)
    """
    return text.encode("utf-8", "ignore").decode("utf-8") == text


def one_line(value: object) -> str:
    """Return a value as one line of printable text, which cannot control the terminal."""
    text = str(value)
    unprintable = {ord(letter): " " for letter in set(text) if not letter.isprintable()}
    return text.translate(unprintable)


def short_repr(value: object) -> str:
    """Return the repr of a value, cut to a readable length for a message."""
    text = repr(value)
    if len(text) <= _MAX_REPR_LENGTH:
        return text
    return f"{text[: _MAX_REPR_LENGTH - 3]}..."


def listed(names: Iterable[object]) -> str:
    """Return names for a message: the first ones, and the number of the others.

    Examples
    --------
    >>> listed(["EU", "US"])
    "'EU', 'US'"
    """
    texts = [repr(name) for name in names]
    more = len(texts) - _MAX_NAMES_LISTED
    first = ", ".join(texts[:_MAX_NAMES_LISTED])
    return f"{first} and {more} more" if more > 0 else first


def counted(number: int, noun: str) -> str:
    """Return a number and its noun, in the plural unless the number is 1.

    Examples
    --------
    >>> counted(1, "row"), counted(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def duration(seconds: float) -> str:
    """Return a readable length of time.

    Examples
    --------
    >>> duration(7), duration(125), duration(50000)
    ('7 s', '2 min 5 s', '13 h 53 min')
    """
    total = max(0, round(seconds))
    if total < 60:
        return f"{total} s"
    if total < 3600:
        return f"{total // 60} min {total % 60} s"
    return f"{total // 3600} h {total % 3600 // 60} min"
