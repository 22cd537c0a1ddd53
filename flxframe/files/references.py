"""Cell references such as ``C7``, and the letters of columns. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384
"""The size of a sheet."""

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})", re.IGNORECASE)
_COLUMNS = re.compile(r"\$?([A-Z]{1,3}):\$?([A-Z]{1,3})", re.IGNORECASE)
_ROWS = re.compile(r"\$?([0-9]{1,7}):\$?([0-9]{1,7})")


@lru_cache(maxsize=16_384)
def letters(column: int) -> str:
    """Return the letters of a column.

    Examples
    --------
    >>> letters(1), letters(28), letters(16384)
    ('A', 'AB', 'XFD')
    """
    text = ""
    while column:
        column, digit = divmod(column - 1, 26)
        text = chr(ord("A") + digit) + text
    return text


def column_number(name: str) -> int:
    """Return the number of a column, given its letters.

    Examples
    --------
    >>> column_number("A"), column_number("AB"), column_number("XFD")
    (1, 28, 16384)
    """
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def reference(row: int, column: int) -> str:
    """Return the reference of a cell.

    Examples
    --------
    >>> reference(7, 3)
    'C7'
    """
    return f"{letters(column)}{row}"


def position(reference: str) -> tuple[int, int]:
    """Return the row and the column of a cell, given its reference.

    Raises
    ------
    ValueError
        If the text is not the reference of a cell.

    Examples
    --------
    >>> position("C7"), position("$c$7")
    ((7, 3), (7, 3))
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ValueError(f"{reference!r} is not a cell reference")
    return int(match[2]), column_number(match[1].upper())


def span(reference: str) -> tuple[int, int, int, int]:
    """Return the first row, first column, last row and last column of a range.

    Raises
    ------
    ValueError
        If the text is not a range or the reference of one cell.

    Examples
    --------
    >>> span("A1:C3"), span("C7")
    ((1, 1, 3, 3), (7, 3, 7, 3))
    """
    first, _, last = reference.partition(":")
    return (*position(first), *position(last or first))


def area(reference: str) -> tuple[int, int, int, int]:
    """Return the corners of a range like `span`, also of a range of whole columns or rows.

    Raises
    ------
    ValueError
        If the text is not a range or the reference of one cell.

    Examples
    --------
    >>> area("D:E"), area("2:3"), area("C3:A1")
    ((1, 4, 1048576, 5), (2, 1, 3, 16384), (1, 1, 3, 3))
    """
    if match := _COLUMNS.fullmatch(reference):
        reference = f"{match[1]}1:{match[2]}{MAX_ROW}"
    elif match := _ROWS.fullmatch(reference):
        reference = f"A{match[1]}:{letters(MAX_COLUMN)}{match[2]}"

    top, left, bottom, right = span(reference)
    return min(top, bottom), min(left, right), max(top, bottom), max(left, right)
