"""Quotes and apostrophes in delimited text, which distinguish a text from a number. Pure.

A file marks a text that looks like a number, a boolean or a formula in two ways:

- Quotes around a number or boolean, if the file also has numbers without quotes. The csv module
  drops quotes, so `MarkedLines` puts a NUL in front of the number first.
- An apostrophe before a text that starts with ``=``, ``+``, ``-``, ``@``, a tab or a line break.
  It keeps a spreadsheet program from treating the text as a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from flxframe.exceptions import FileError

_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_SCALAR = rf"(?:{_NUMBER}|true|false)"
_FORMULA_START = r"[=+\-@\t\r\n]"

NUMBER = re.compile(_NUMBER)
"""A number as JSON writes it."""

_IS_SCALAR = re.compile(_SCALAR).fullmatch
_NEEDS_APOSTROPHE = re.compile(rf"'*{_FORMULA_START}|'+{_SCALAR}\Z").match
_HAS_APOSTROPHE = re.compile(rf"'(?:'*{_FORMULA_START}|'*{_SCALAR}\Z)").match

_QUOTED_SCALAR = re.compile(rf'(?<![^,;\t\r\n])"(?={_SCALAR}"(?![^,;\t\r\n]))')
_NEEDS_QUOTES = re.compile(r'[,;\t"\r\n]|^\s|\s$').search
"""All delimiters, so that the delimiter of the file can be detected again."""

_NUL = "\x00"
"""Marks a number or boolean in quotes; a file that contains a NUL itself is refused."""


class MarkedLines:
    """The lines of a file for the csv module, with a mark on each number or boolean in quotes.

    Parameters
    ----------
    path : Path
        The name of the file, for messages.
    lines : iterable of str
        Its lines, with their line breaks.
    """

    def __init__(self, path: Path, lines: Iterable[str]) -> None:
        self._path = path
        self._lines = lines
        self.has_marks = False

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self._lines, 1):
            if _NUL in line:
                raise FileError(
                    f"{self._path}, line {number} contains a NUL byte: the "
                    "file is damaged or not a text file; export it again"
                )

            if '"' in line:
                marked = _QUOTED_SCALAR.sub(f'"{_NUL}', line)
                self.has_marks = self.has_marks or marked != line
                yield marked
            else:
                yield line


def has_scalar(cells: Iterable[str]) -> bool:
    """Return whether any of the cells is a number or boolean without quotes."""
    return any(map(_IS_SCALAR, cells))


def unmark(cell: str) -> str:
    """Return the text of a cell, without its mark.

    Examples
    --------
    >>> unmark("'=1+1"), unmark("O'Brien"), unmark("'tis")
    ('=1+1', "O'Brien", "'tis")
    """
    if _NUL in cell:
        return cell.replace(_NUL, "")
    return cell[1:] if _HAS_APOSTROPHE(cell) else cell


def unmark_column(cells: list[str], *, quotes_mean_text: bool) -> tuple[list[str], bool]:
    """Return the texts of a column's cells, and whether a mark makes it a column of texts.

    Parameters
    ----------
    cells : list of str
        The cells as the csv module reads them from `MarkedLines`.
    quotes_mean_text : bool
        Whether a number in quotes is a text in this file.
    """
    joined = "\n".join(cells)
    if _NUL not in joined and "'" not in joined:
        return cells, False

    texts = []
    is_text = False
    for cell in cells:
        text = cell
        if _NUL in cell or cell.startswith("'"):
            text = unmark(cell)
            has_quotes = cell.startswith(_NUL)
            is_text = is_text or (quotes_mean_text if has_quotes else text != cell)
        texts.append(text)
    return texts, is_text


def format_cell(cell: Any, quotes_mean_text: bool) -> str:
    """Return a value as a cell of the file.

    Parameters
    ----------
    cell : str, bool, int, float or None
        The value; None is blank.
    quotes_mean_text : bool
        Whether quotes mark a number as a text, because the file has a number without quotes.

    Examples
    --------
    >>> [format_cell(cell, True) for cell in (7, "7", "007", "=1+1", None)]
    ['7', '"7"', '007', "'=1+1", '']
    >>> format_cell("7", False)
    "'7"
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, (int, float)):
        return repr(cell)

    text = str(cell)
    if not _IS_SCALAR(text) or text.startswith("-"):
        return format_text(text)
    return f'"{text}"' if quotes_mean_text else f"'{text}"


def format_text(text: str) -> str:
    """Return a text as a cell of the file, with an apostrophe and quotes where it needs them."""
    if _NEEDS_APOSTROPHE(text):
        text = f"'{text}"

    text = text.replace(_NUL, "\ufffd")
    if not _NEEDS_QUOTES(text):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
