"""Read and write delimited text, .csv and .tsv, so that each cell comes back unchanged.

The cells of such a file have no types, so these rules apply:

- A column is numeric if every filled cell is a number as JSON writes it, of at most 15 digits (or
  more if a float keeps them all); boolean if each is ``true`` or ``false``, all in small letters,
  all in capitals or all capitalized; otherwise its cells are texts. Dates are texts too, and are
  sent as they are.
- Error values of a spreadsheet program, and numbers that it shortened, are error cells: a row that
  would send one is invalid. See `csv_errors`.
- Quotes and apostrophes can mark a text. See `csv_quoting`.
- In a file that flxframe wrote, and that no other program has changed, each cell has its own type:
  numbers of any length, booleans and texts can be in one column. Its header marks such a file.
- A first line such as ``sep=;`` gives the delimiter, and is not counted as a row.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pandas as pd

from flxframe.dtypes import column_array
from flxframe.exceptions import FileError
from flxframe.files import csv_regular
from flxframe.files.csv_cells import Cells
from flxframe.files.csv_columns import LongCellError, TableReader
from flxframe.files.csv_quoting import format_cell, format_header, unmark
from flxframe.files.csv_values import check_dtypes, convert, infer, infer_each
from flxframe.files.detect import check_container, detect_delimiter, detect_encoding
from flxframe.files.error_cells import values_with_errors
from flxframe.files.layout import column_names
from flxframe.files.references import letters
from flxframe.request.json_text import encode_cell

_SEPARATOR_LINE = re.compile(r'"?sep=([^\w"\r\n])"?(?:\r\n?|\n)?', re.IGNORECASE)
_OWN_ENCODING = "utf-8-sig"

_BATCH_SIZE = 10_000
_BLANK_LINE = '""'
_COMPARABLE: tuple[set[type], ...] = ({str}, {int}, {float}, {bool})
"""The types of columns in which equal cells are written alike; in others, True equals 1."""


@dataclass(frozen=True, slots=True)
class _Content:
    """The cells of a file, and how they are marked."""

    titles: list[str]
    columns: list[Cells]
    first_row: int
    quotes_mean_text: bool
    is_own: bool


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
        try:
            content = _read(path, encoding, header_row)
        except LongCellError:
            content = _read(path, encoding, header_row, has_long_cells=True)
    except UnicodeDecodeError as error:
        raise FileError(
            f"cannot decode {path} as {encoding} ({error.reason}); save it as UTF-8"
        ) from None

    places = list(map(letters, range(1, len(content.titles) + 1)))
    names = column_names(list(map(unmark, content.titles)), places, str(path))
    dtypes = check_dtypes(dtype, names=names, where=str(path))

    table = {}
    first_row = content.first_row
    for name, cells in zip(names, content.columns, strict=True):
        if name in dtypes:
            where = f"{path}, column {name!r}"
            values = convert(list(cells), dtypes[name], where=where, first_row=first_row)
            table[name] = column_array(values, join_numbers=True)
            continue

        if content.is_own:
            values = infer_each(cells.texts)
        else:
            values = infer(cells.texts, quotes_mean_text=content.quotes_mean_text)
        table[name] = column_array(values, join_numbers=True).take(cells.codes)

    index = pd.RangeIndex(len(content.columns[0]))
    return pd.DataFrame(table, index=index), first_row


def _read(
    path: Path, encoding: str, header_row: int | None, *, has_long_cells: bool = False
) -> _Content:
    """Read the cells of a file."""
    with path.open(encoding=encoding, newline="") as file:
        separator_line = _SEPARATOR_LINE.fullmatch(file.readline())
        file.seek(0)
        delimiter = separator_line[1] if separator_line else detect_delimiter(file, header_row)

        def open_rows() -> TableReader:
            file.seek(0)
            if separator_line:
                file.readline()
            return TableReader(
                path,
                file,
                delimiter,
                skipped_lines=1 if separator_line else 0,
                has_long_cells=has_long_cells,
            )

        reader = open_rows()
        titles, first_row = reader.header(header_row)
        regular = None if has_long_cells else csv_regular.split(file.read(), delimiter, len(titles))
        if regular is None:
            reader = open_rows()
            reader.header(header_row)
            columns = list(map(Cells.of, reader.columns(len(titles))))
        else:
            columns = regular.columns

        has_marks = reader.has_marks or (regular is not None and regular.has_marks)
        quotes_mean_text = has_marks and any(map(Cells.has_scalar, columns))
        is_own = False
        if encoding == _OWN_ENCODING and quotes_mean_text == has_marks:
            header = format_header(map(unmark, titles), delimiter)
            file.seek(0)
            is_own = file.read(len(header)) == header
    return _Content(titles, columns, first_row, quotes_mean_text, is_own)


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

    fields = [_formatted(cells, quotes_mean_text) for cells in columns]
    header = format_header(map(str, table.columns), delimiter)

    file.write(codecs.BOM_UTF8)
    file.write(header.encode("utf-8", "replace"))
    lines = map(delimiter.join, zip(*fields, strict=True))
    while batch := list(islice(lines, _BATCH_SIZE)):
        text = "".join([f"{line or _BLANK_LINE}\r\n" for line in batch])
        file.write(text.encode("utf-8", "replace"))


def _values(column: pd.Series[Any]) -> list[Any]:
    """Return the cells of a column as they would be sent, dicts and lists as JSON text."""
    values = values_with_errors(column)
    if not {dict, list}.isdisjoint(map(type, values)):
        for position, value in enumerate(values):
            if isinstance(value, (dict, list)):
                values[position] = encode_cell(value)
    return values


def _formatted(cells: list[Any], quotes_mean_text: bool) -> list[str]:
    """Return the cells of a column of the file."""
    types = set(map(type, cells)) - {type(None)}
    texts: dict[Any, str] = {}
    if types in _COMPARABLE:
        texts = dict.fromkeys(cells, "")  # equal ones are formatted once
    if not texts or (float in types and 0.0 in texts):  # which equals -0.0
        return [format_cell(cell, quotes_mean_text) for cell in cells]

    for cell in texts:
        texts[cell] = format_cell(cell, quotes_mean_text)
    return list(map(texts.__getitem__, cells))


def _has_number(cells: list[Any]) -> bool:
    return any(issubclass(each, (int, float, Decimal)) for each in set(map(type, cells)))
