"""Cell references such as ``C7``, and columns' letters. Pure."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=16_384)
def letters(column: int) -> str:
    """Return a column's letters.

    Examples
    --------
    >>> letters(1), letters(28), letters(16384)
    ('A', 'AB', 'XFD')
    """
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_number(name: str) -> int:
    """Return the number of the column that letters name.

    Examples
    --------
    >>> column_number("A"), column_number("AB"), column_number("XFD")
    (1, 28, 16384)
    """
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number


_REFERENCE = re.compile(r"\$?([A-Z]+)\$?([0-9]+)")


def position(reference: str) -> tuple[int, int]:
    """Return the row and the column of a cell's reference.

    Examples
    --------
    >>> position("C7")
    (7, 3)
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ValueError(f"{reference!r} is no cell")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def span(reference: str) -> tuple[int, int, int, int]:
    """Return first row, first column, last row and last column of a range such as ``A1:C3``."""
    first, _, last = reference.partition(":")
    return (*position(first), *position(last or first))
