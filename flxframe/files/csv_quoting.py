"""Marks in delimited text, which distinguish a text from a number or a formula. Pure.

======================  ============================================================================
mark                    where
======================  ============================================================================
quotes                  around a number or boolean, if the file also has some without quotes
``="00123"``            around any text: spreadsheet programs keep its zeros
``'`` before a cell     of digits (``'02134-1234``), a number or boolean; of an error value, or of a
                        text that starts with ``=``, ``+``, ``-``, ``@``, a tab, a line break or
                        another ``'``
``'`` before all cells  of a column, if one of them is a code, with a digit and without small
                        letters (``'K1A 0B1``): shops export postcodes so
======================  ============================================================================

So ``'tis`` and ``O'Neil`` are texts as they are. flxframe itself writes ``''tis``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

from flxframe.exceptions import FileError
from flxframe.files.csv_errors import ERROR_VALUES
from flxframe.files.error_cells import error_value
from flxframe.models import ErrorCell

_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_SCALAR = rf"(?:{_NUMBER}|true|false|TRUE|FALSE|True|False)"
_DIGITS = r"[0-9](?:[^\w']|[0-9_])*"

NUMBER = re.compile(_NUMBER)
"""A number as JSON writes it."""

is_scalar = re.compile(_SCALAR).fullmatch
"""Match a number or a boolean."""

_NEEDS_APOSTROPHE = re.compile(r"['=+\-@\t\r\n]").match
_HAS_APOSTROPHE = re.compile(rf"'(?:['=+\-@\t\r\n]|{_SCALAR}\Z|{_DIGITS}\Z)").match
_IS_CODE = re.compile(r"'(?=[^0-9]*[0-9])[^']").match
_FORMULA_TEXT = re.compile(r'="([^"]*(?:""[^"]*)*)"').fullmatch

_NEEDS_QUOTES = re.compile(r'[,;\t"\r\n]|^\s|\s$').search
"""All delimiters, so that the delimiter of the file can be detected again."""

NUL = "\x00"
"""Marks a number or boolean in quotes; a file that contains a NUL itself is refused."""


class MarkedLines:
    """The lines of a file for the csv module, with a mark on each number or boolean in quotes.

    The csv module drops quotes, so a NUL is put in front of the number first.

    Parameters
    ----------
    path : Path
        The name of the file, for messages.
    lines : iterable of str
        Its lines, with their line breaks.
    delimiter : str
        The character between the cells.
    first_line : int
        The number of the first line.
    """

    def __init__(
        self, path: Path, lines: Iterable[str], delimiter: str = ",", first_line: int = 1
    ) -> None:
        self._path = path
        self._lines = lines
        self._first_line = first_line
        self.has_marks = False

        self._quoted_scalar = quoted_scalar(delimiter)

    def __iter__(self) -> Iterator[str]:
        mark = self._quoted_scalar.sub
        for number, line in enumerate(self._lines, self._first_line):
            if NUL in line:
                raise FileError(
                    f"{self._path}, line {number} contains a NUL byte: the "
                    "file is damaged or not a text file; export it again"
                )

            if '"' in line:
                marked = mark(f'"{NUL}', line)
                self.has_marks = self.has_marks or marked != line
                yield marked
            else:
                yield line


def quoted_scalar(delimiter: str) -> re.Pattern[str]:
    """Return a pattern for the quote in front of a number or boolean in quotes."""
    around = rf"[^,;\t\r\n{re.escape(delimiter)}]"
    # A pattern that starts with a letter is found faster than one that starts with a condition.
    return re.compile(rf'"(?<!{around}")(?={_SCALAR}"(?!{around}))')


def has_scalar(cells: Iterable[str]) -> bool:
    """Return whether any of the cells is a number or boolean without quotes."""
    return any(map(is_scalar, cells))


def is_quoted_scalar(cell: str) -> bool:
    """Return whether a cell of `MarkedLines` is a number or boolean in quotes."""
    return cell.startswith(NUL)


def has_mark(cells: str) -> bool:
    """Return whether a cell, or one of several joined cells, can have a mark."""
    return NUL in cells or "'" in cells or '="' in cells


def unmark(cell: str) -> str:
    """Return the text of a cell, without its mark.

    Examples
    --------
    >>> unmark("'=1+1"), unmark("'02134"), unmark('="007"'), unmark("O'Neil"), unmark("'tis")
    ('=1+1', '02134', '007', "O'Neil", "'tis")
    """
    if cell.startswith("'"):
        is_mark = _HAS_APOSTROPHE(cell) or cell[1:] in ERROR_VALUES
        return cell[1:] if is_mark else cell
    if cell.startswith('="'):
        match = _FORMULA_TEXT(cell)
        return match[1].replace('""', '"') if match else cell
    return cell.replace(NUL, "")


def marked_texts(cells: Collection[str], joined: str) -> dict[str, str]:
    """Return the text of each cell that can have a mark, given also all cells in one text."""
    texts = {}
    if NUL in joined:
        texts = {cell: cell.replace(NUL, "") for cell in cells if NUL in cell}
    if "'" in joined or '="' in joined:
        for cell in cells:
            if cell.startswith(("'", '="')):
                texts[cell] = unmark(cell)
    return texts


def unmark_cells(cells: Collection[str], *, quotes_mean_text: bool) -> tuple[dict[str, str], bool]:
    """Return the texts of a column's cells, and whether a mark makes it a column of texts.

    Parameters
    ----------
    cells : collection of str
        The filled cells as the csv module reads them from `MarkedLines`.
    quotes_mean_text : bool
        Whether a number in quotes is a text in this file.

    Returns
    -------
    (dict, bool)
        The text of each cell, and whether all are texts.
    """
    texts = dict(zip(cells, map(unmark, cells), strict=True))
    if _is_column_of_codes(cells):
        texts = {cell: cell[1:] for cell in cells}

    is_text = False
    for cell, text in texts.items():
        is_text = is_text or (quotes_mean_text if is_quoted_scalar(cell) else text != cell)
    return texts, is_text


def _is_column_of_codes(cells: Collection[str]) -> bool:
    """Return whether all cells of a column have an apostrophe, because they are postcodes."""
    if not all(cell.startswith("'") and not cell.endswith("'") for cell in cells):
        return False
    return any(_IS_CODE(cell) and cell.upper() == cell for cell in cells)


def format_cell(cell: Any, quotes_mean_text: bool) -> str:
    """Return a value as a cell of the file.

    Parameters
    ----------
    cell : str, bool, int, float, Decimal, ErrorCell or None
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
    if type(cell) is not str:  # most cells are texts
        if cell is None:
            return ""
        if isinstance(cell, bool):
            return "true" if cell else "false"
        if isinstance(cell, ErrorCell) or (type(cell) is float and not isfinite(cell)):
            return error_value(cell)
        if isinstance(cell, (int, float, Decimal)):
            return str(cell).lower()  # E+17 is the exponent of a number that has lost digits

    text = str(cell)
    if not is_scalar(text) or text.startswith("-"):
        return format_text(text)
    return f'"{text}"' if quotes_mean_text else f"'{text}"


def format_text(text: str) -> str:
    """Return a text as a cell of the file, with an apostrophe and quotes where it needs them."""
    if _NEEDS_APOSTROPHE(text) or text in ERROR_VALUES:
        text = f"'{text}"

    text = text.replace(NUL, "\ufffd")
    if not _NEEDS_QUOTES(text):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def format_header(names: Iterable[str], delimiter: str) -> str:
    r"""Return the first line of a file of flxframe: it has one name in quotes that needs none.

    No other program writes such a line, so it marks a file in which each cell has its own type.

    Examples
    --------
    >>> format_header(["eventHandle", "objects.order.sku"], ",")
    '"eventHandle",objects.order.sku\r\n'
    """
    fields = list(map(format_text, names))
    for position, field in enumerate(fields):
        if not field.startswith('"'):
            fields[position] = f'"{field}"'
            break

    line = delimiter.join(fields) or '""'
    return f"{line}\r\n"
