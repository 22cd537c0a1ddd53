"""Read and write delimited text, .csv and .tsv, so that each cell comes back unchanged.

The cells of such a file have no types, so these rules apply:

- A column is numeric if every filled cell is a number as JSON writes it, of at most 15 digits (or
  more if a float keeps them all); boolean if each is ``true`` or ``false``; otherwise its cells
  are texts. Dates are texts too, and are sent as they are.
- In a file that has unquoted numbers, a number in quotes is a text. In a file that has none,
  quotes have no meaning.
- A ``'`` before a text that starts with ``=``, ``+``, ``-``, ``@``, a tab or a line break is
  removed: it only keeps a spreadsheet program from treating the text as a formula.
"""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any

import pandas as pd

from flxframe.dtypes import column_array
from flxframe.exceptions import FileError
from flxframe.files.csv_quoting import (
    MarkedLines,
    format_cell,
    format_text,
    has_scalar,
    unmark,
    unmark_column,
)
from flxframe.files.csv_values import check_dtypes, convert, infer
from flxframe.files.detect import check_container, detect_delimiter, detect_encoding
from flxframe.files.layout import column_names
from flxframe.files.references import letters
from flxframe.request.cells import to_json_or_text

_MAX_FIELD_SIZE = 2**31 - 1
_BATCH_SIZE = 10_000
_MAX_SHARED_TEXTS = 200_000


def read(
    path: Path, *, header_row: int | None, dtype: Mapping[str, str | type]
) -> tuple[pd.DataFrame, int]:
    """Read a delimited file.

    Parameters
    ----------
    path : Path
        The file. Its encoding (UTF-8, UTF-16, Windows-1252) and its delimiter (comma, semicolon,
        tab) are detected.
    header_row : int or None
        The row of the column names, counted from 1; None for the first row that is not blank.
    dtype : Mapping
        The type of a column, regardless of its cells: ``string``, ``integer``, ``number`` or
        ``boolean``.

    Returns
    -------
    (DataFrame, int)
        The table, and the number of its first row, as a spreadsheet program counts rows.

    Raises
    ------
    FileError
        If it is not such a file; the message names the line.
    SettingError
        If `dtype` names a column that the file does not have, or an unknown type.
    """
    with path.open("rb") as binary:
        check_container(binary, path, expected="text")

    encoding = detect_encoding(path)
    try:
        with path.open(encoding=encoding, newline="") as file:
            delimiter = detect_delimiter(file, header_row)
            file.seek(0)
            reader = _Reader(path, file, delimiter)
            titles, first_row = reader.header(header_row)
            columns = reader.columns(len(titles))
    except UnicodeDecodeError as error:
        raise FileError(
            f"cannot decode {path} as {encoding} ({error.reason}); save it as UTF-8"
        ) from None

    places = list(map(letters, range(1, len(titles) + 1)))
    names = column_names(list(map(unmark, titles)), places, str(path))
    dtypes = check_dtypes(dtype, names=names, where=str(path))

    quotes_mean_text = False
    if reader.has_marks:
        quotes_mean_text = any(map(has_scalar, columns))

    table = {}
    for name, cells in zip(names, columns, strict=True):
        texts, is_text = unmark_column(cells, quotes_mean_text=quotes_mean_text)
        if name in dtypes:
            where = f"{path}, column {name!r}"
            values = convert(texts, dtypes[name], where=where, first_row=first_row)
        else:
            values = infer(texts, is_text=is_text)
        table[name] = column_array(values, join_numbers=True)

    index = pd.RangeIndex(len(columns[0]))
    return pd.DataFrame(table, index=index), first_row


def write(table: pd.DataFrame, file: IO[bytes], *, delimiter: str) -> None:
    """Write a table as delimited text, in UTF-8 with the byte order mark that Excel expects.

    Parameters
    ----------
    table : DataFrame
        The rows. Dates are written in ISO 8601, dicts and lists as JSON.
    file : file object
        The file, opened.
    delimiter : str
        The character between the cells.
    """
    columns = [_values(table[name]) for name in table.columns]
    # Quotes mark a text only next to numbers without quotes; otherwise it needs an apostrophe.
    quotes_mean_text = any(map(_has_number, columns))

    fields = []
    for cells in columns:
        texts = [format_cell(cell, quotes_mean_text) for cell in cells]
        fields.append(texts)
    header = [format_text(str(name)) for name in table.columns]

    file.write(codecs.BOM_UTF8)
    for row in chain([header], zip(*fields, strict=True)):
        line = delimiter.join(row) or '""'
        file.write(f"{line}\r\n".encode("utf-8", "replace"))


class _Reader:
    """The rows of a delimited file.

    Parameters
    ----------
    path : Path
        The name of the file, for messages.
    file : iterable of str
        Its lines.
    delimiter : str
        The character between the cells.
    """

    def __init__(self, path: Path, file: Iterable[str], delimiter: str) -> None:
        self._path = path
        self._lines = MarkedLines(path, file)
        self._rows = csv.reader(self._lines, delimiter=delimiter, strict=True)

    @property
    def has_marks(self) -> bool:
        """Whether a number or boolean in quotes was read."""
        return self._lines.has_marks

    def header(self, header_row: int | None) -> tuple[list[str], int]:
        """Read to the header, and return its cells and the number of the row that follows it."""
        with self._errors():
            for number, row in enumerate(self._rows, 1):
                is_header = number == header_row
                if header_row is None:
                    is_header = any(map(str.strip, row))
                if not is_header:
                    continue

                while row and not row[-1].strip():
                    row.pop()
                if row:
                    return row, number + 1

        if header_row is None:
            raise FileError(
                f"{self._path} is empty: it needs a row of column names and a row for each request"
            )
        raise FileError(
            f"{self._path}: row {header_row} is blank or missing, so "
            f"header_row={header_row} can't be right; give the row of the column names"
        )

    def columns(self, width: int) -> list[list[str]]:
        """Read the rows after the header, and return them as columns."""
        columns: list[list[str]] = [[] for _ in range(width)]
        rows: list[list[str]] = []
        blank_row = [""] * width
        texts: dict[str, str] = {}  # cells repeat, and one object for each text saves memory

        with self._errors():
            for row in self._rows:
                if len(row) != width and row:
                    rows.append(self._cut(row, width))
                else:
                    rows.append(row or blank_row)
                if len(rows) == _BATCH_SIZE:
                    _append_rows(columns, rows, texts)
                    rows.clear()

        _append_rows(columns, rows, texts)
        _drop_blank_rows(columns)
        return columns

    def _cut(self, row: list[str], width: int) -> list[str]:
        """Return a row without the blank cells that trailing delimiters add."""
        if len(row) < width or any(row[width:]):
            cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
            raise FileError(
                f"{self._path}, line {self._rows.line_num} has {cells} but "
                f"the header has {width}; fix the line (quote text that "
                "contains the delimiter), or give the row of the column "
                "names with header_row= (--header-row)"
            )
        return row[:width]

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Read cells of any length, and raise errors of the csv module as `FileError`."""
        limit = csv.field_size_limit(_MAX_FIELD_SIZE)
        try:
            yield
        except csv.Error as error:
            raise FileError(
                f"{self._path}, line {self._rows.line_num}: {error}; check "
                "the line for a missing or an extra quote"
            ) from None
        finally:
            csv.field_size_limit(limit)


def _append_rows(columns: list[list[str]], rows: list[list[str]], texts: dict[str, str]) -> None:
    """Append rows to the columns, one object for each text."""
    if rows:
        for column, cells in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(map(texts.setdefault, cells, cells))
    if len(texts) > _MAX_SHARED_TEXTS:
        texts.clear()


def _drop_blank_rows(columns: list[list[str]]) -> None:
    """Drop the blank rows at the end."""
    length = len(columns[0])
    while length and not any(cells[length - 1] for cells in columns):
        length -= 1

    for cells in columns:
        del cells[length:]


def _values(column: pd.Series[Any]) -> list[Any]:
    """Return the cells of a column as they would be sent, dicts and lists as JSON text."""
    values = column.tolist()
    for position, cell in enumerate(values):
        if type(cell) is str:
            continue
        value = to_json_or_text(cell)
        if isinstance(value, (dict, list)):
            value = json.dumps(value, ensure_ascii=False, default=str)
        values[position] = value
    return values


def _has_number(cells: list[Any]) -> bool:
    return any(isinstance(cell, (bool, int, float)) for cell in cells)
