"""Format short texts for messages and displays. Pure: no network, no clock, no disk."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flxframe.dtypes import kind_of

MAX_TEXT_LENGTH = 300
"""Long enough for any message of flxframe, and for most of a server's."""

_TO_SPACES = str.maketrans("\t\n\r\xa0", "    ")

_MAX_REPR_LENGTH = 60
_MAX_NAMES_LISTED = 12

# A quoted name, which is part of the cause: at the start of a message, after a colon, or after a
# noun such as "column".
_NAME = r"""
    (?: ^ | :[ ] | \b (?: attribute | column | event | field | key | parameter | property ) [ ] )
    (?: '[^']*' | "[^"]*" )
"""

# Any other quoted word is a value: a single word, or anything after "not".
_QUOTED = r"""
    (?<! \w ) (?: '[^'\s]+' | "[^"\s]+" ) (?! [\w:] )
  | (?<= \b not[ ] ) '[^']*'
"""

# A word of a server's message: an id, a time, an e-mail address and a URL are one word each.
_WORD = r"""
    [\w@#+-]+ (?: [.:/] [\w@#+-]+ )*
"""

_PARTS = re.compile(
    f"(?P<name> {_NAME} ) | (?P<quoted> {_QUOTED} ) | (?P<word> {_WORD} )", re.VERBOSE
)

# A word is an id if it has an "@", two digits, or a digit that does not follow a letter.
_ID = re.compile(
    r"""
    @
  | \d .* \d
  | (?<! [^\W\d] ) \d
    """,
    re.VERBOSE,
)


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


def escape_unprintable(text: str) -> str:
    r"""Return a text with visible escapes for what would control a terminal or hide text.

    These are control characters, marks that reverse the direction of writing, invisible spaces and
    unpaired surrogates.

    Examples
    --------
    >>> print(escape_unprintable("\x1b[31mred\u202e"))
    \x1b[31mred\u202e
    """
    if text.isprintable():
        return text

    letters = []
    for letter in text:
        escaped = letter.encode("unicode_escape").decode("ascii")
        letters.append(letter if letter.isprintable() else escaped)
    return "".join(letters)


def one_line(value: object) -> str:
    r"""Return a value as one line of printable text, which cannot control the terminal.

    Examples
    --------
    >>> print(one_line("two\nlines, \x1b[31mred"))
    two lines, \x1b[31mred
    """
    return escape_unprintable(str(value).translate(_TO_SPACES))


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


def without_ids(error: str) -> str:
    """Replace each id in an error, so that errors with the same cause are equal.

    Examples
    --------
    A quoted name is kept, any other quoted word is an id:

    >>> without_ids("field 'sku' is missing"), without_ids("SKU 'RED-L' is missing")
    ("field 'sku' is missing", 'SKU … is missing')
    >>> without_ids("column 'draft' must be yes or no, not 'on a Monday'")
    "column 'draft' must be yes or no, not …"

    So is a word that looks like a number, a time or an address:

    >>> without_ids("at 2026-01-01T00:00:00Z bob@example.com sent order A123")
    'at … … sent order …'
    """
    return _PARTS.sub(_mark_id, error)


def _mark_id(part: re.Match[str]) -> str:
    text = part[0]
    kind = part.lastgroup
    if kind == "quoted" or (kind == "word" and _is_id(text)):
        return "…"
    return text


def _is_id(word: str) -> bool:
    """Return whether a word looks like an id.

    Examples
    --------
    >>> [_is_id(word) for word in ("7", "A123", "x9y9", "bob@example.com")]
    [True, True, True, True]
    >>> [_is_id(word) for word in ("order", "addressLine1")]
    [False, False]
    """
    return _ID.search(word) is not None
