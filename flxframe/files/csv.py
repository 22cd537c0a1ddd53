"""Delimited text, .csv and .tsv: read as what it most plainly means, written so that it comes back.

A cell of such a file has no type; these rules give it one:

- A column is numeric if every filled cell is a number as JSON writes it, of at most 15 digits (more if a float holds
  them all); boolean if each is ``true`` or ``false``; else its cells are texts. Dates stay the texts that are sent.
- In a file that has unquoted numbers, a number in quotes is a text. In one that has none, quotes say nothing.
- A ``'`` in front of a text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break is taken off: it keeps a
  spreadsheet from taking the text for a formula.
"""

from __future__ import annotations

import codecs
import csv
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import pandas as pd

from flxframe.dtypes import column_array
from flxframe.exceptions import FileError, SettingError
from flxframe.files.detect import check_container, delimiter_of, encoding_of
from flxframe.files.digits import MAX_DIGITS
from flxframe.files.layout import column_names
from flxframe.files.references import letters
from flxframe.request.cells import to_json_or_text
from flxframe.request.scalars import parse_boolean, parse_integer, parse_number

_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"


_SCALAR = re.compile(rf"{_NUMBER}|true|false")


_MARKABLE = re.compile(rf"'*[=+\-@\t\r\n]|'+(?:{_NUMBER}|true|false)\Z")


_MARKED = re.compile(rf"'(?:'*[=+\-@\t\r\n]|'*(?:{_NUMBER}|true|false)\Z)")


_QUOTED_SCALAR = re.compile(rf'(?<![^,;\t\r\n])"(?=(?:{_NUMBER}|true|false)"(?![^,;\t\r\n]))')


_MUST_QUOTE = re.compile(r'[,;\t"\r\n]|^\s|\s$')
"""All delimiters, so that whoever finds out which one the file has isn't misled."""


_NUL = "\x00"
"""No honest file holds it, so inside this module it marks a number or boolean that stood in quotes."""


_LONGEST = 2**31 - 1


_ROWS_AT_ONCE = 10_000


_MOST_SEEN = 200_000


_PYTHON_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}


def read(
    path: Path, *, header_row: int | None, dtype: Mapping[str, str | type]
) -> tuple[pd.DataFrame, int]:
    """Read a delimited file.

    Parameters
    ----------
    path : Path
        The file. Its encoding (UTF-8, UTF-16, Windows-1252) and its delimiter (comma, semicolon, tab) are found out.
    header_row : int or None
        The row of the column names, from 1; None for the first that isn't blank.
    dtype : Mapping
        The type of a column, whatever its cells look like: ``string``, ``integer``, ``number`` or ``boolean``.

    Returns
    -------
    (DataFrame, int)
        The table, and its first row as a spreadsheet counts rows.

    Raises
    ------
    FileError
        If it isn't such a file; the message names the line.
    """
    with path.open("rb") as binary:
        check_container(binary, path, wants="text")
    encoding = encoding_of(path)
    try:
        with path.open(encoding=encoding, newline="") as file:
            delimiter = delimiter_of(file, header_row)
            file.seek(0)
            lines = _Lines(path, file)
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            limit = csv.field_size_limit(_LONGEST)
            try:
                titles, first = _header(reader, path, header_row)
                columns = _columns(reader, path, titles)
            except csv.Error as error:
                raise FileError(
                    f"{path}, line {reader.line_num}: {error}; look there for a quote that is missing or one too many"
                ) from None
            finally:
                csv.field_size_limit(limit)
    except UnicodeDecodeError as error:
        raise FileError(
            f"{path} is no text in {encoding} ({error.reason}): save it as UTF-8"
        ) from None
    names = column_names(
        [_unmarked(title.replace(_NUL, "")) for title in titles],
        list(map(letters, range(1, len(titles) + 1))),
        str(path),
    )
    kinds = {name: _kind(name, given, names, path) for name, given in dtype.items()}
    quotes_speak = lines.quoted and any(
        _SCALAR.fullmatch(cell) for cells in columns for cell in cells
    )
    table = {}
    for name, cells in zip(names, columns, strict=True):
        where = f"{path}, column {name!r}, row"
        values = _typed(cells, kinds.get(name), quotes_speak=quotes_speak, where=where, first=first)
        table[name] = column_array(values, join_numbers=True)
    return pd.DataFrame(table, index=pd.RangeIndex(len(columns[0]))), first


def _kind(name: str, given: str | type, names: Sequence[str], path: Path) -> str:
    """Return the name of the dtype that a caller gave a column, such as ``string`` for `str`."""
    if name not in names:
        raise SettingError(
            f"dtype={{{name!r}: ...}}: {path} has no column {name!r}. It has: {', '.join(names)}"
        )

    kind = given.__name__ if isinstance(given, type) else given
    kind = _PYTHON_TYPES.get(kind, kind)
    if kind not in _CONVERTERS:
        raise SettingError(f"dtype={{{name!r}: {given!r}}} must be one of {', '.join(_CONVERTERS)}")
    return kind


def write(table: pd.DataFrame, file: IO[bytes], *, delimiter: str) -> None:
    """Write a table as delimited text, in UTF-8 with the mark that tells Excel so.

    Parameters
    ----------
    table : DataFrame
        The rows. Dates are written in ISO 8601, dicts and lists as JSON.
    file : file object
        Where to.
    delimiter : str
        What separates the cells.
    """
    columns = [[_json(cell) for cell in table[name].tolist()] for name in table.columns]
    # Quotes say something only beside an unquoted number; without one, a ' must tell the text "7" from the number.
    quotes_speak = any(isinstance(cell, (bool, int, float)) for cells in columns for cell in cells)
    fields = [[_field(cell, quotes_speak=quotes_speak) for cell in cells] for cells in columns]
    header = [_quoted(_marked(str(name))) for name in table.columns]
    file.write(codecs.BOM_UTF8)
    for row in ([header], zip(*fields, strict=True)):
        for line in map(delimiter.join, row):
            file.write(((line or '""') + "\r\n").encode("utf-8", "replace"))


class _Lines:
    """The lines of a file for the csv module, each number or boolean in quotes marked as such."""

    def __init__(self, path: Path, file: Iterable[str]) -> None:
        self._path = path
        self._file = file
        self.quoted = False

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self._file, 1):
            if _NUL in line:
                raise FileError(
                    f"{self._path}, line {number} holds a NUL byte, which no text does: the file is damaged or no "
                    "text at all; export it again"
                )
            if '"' in line:
                marked = _QUOTED_SCALAR.sub(f'"{_NUL}', line)
                self.quoted = self.quoted or marked != line
                yield marked
            else:
                yield line


def _header(
    reader: Iterator[list[str]], path: Path, header_row: int | None
) -> tuple[list[str], int]:
    """Return the header, and the number of the row that follows it."""
    for number, row in enumerate(reader, 1):
        if number == header_row or (header_row is None and any(cell.strip() for cell in row)):
            while row and not row[-1].strip():
                row.pop()
            if row:
                return row, number + 1
    if header_row is None:
        raise FileError(
            f"{path} is empty: it needs a row of column names and a row for each request"
        )
    raise FileError(
        f"{path} has no filled row {header_row}, so header_row={header_row} can't hold the column names"
    )


def _columns(reader: Any, path: Path, titles: list[str]) -> list[list[str]]:
    """Read the rows after the header, and turn them into columns."""
    width = len(titles)
    columns: list[list[str]] = [[] for _ in titles]
    rows: list[list[str]] = []
    filled = 0
    seen: dict[str, str] = {}  # cells repeat, and each text need be there only once
    for read, row in enumerate(reader, 1):
        if len(row) != width and row:
            if len(row) < width or any(row[width:]):
                raise FileError(
                    f"{path}, line {reader.line_num} has {len(row)} cells, but the header has {width}: mend it (a text "
                    "with the delimiter in it needs quotes), or say which row holds the column names with header_row= "
                    "(--header-row)"
                )
            row = row[:width]  # noqa: PLW2901  an exporter's trailing delimiter
        rows.append(row or [""] * width)
        if any(row):
            filled = read
        if len(rows) == _ROWS_AT_ONCE:
            _turn(rows, columns, seen)
    _turn(rows, columns, seen)
    for cells in columns:
        del cells[filled:]
    return columns


def _turn(rows: list[list[str]], columns: list[list[str]], seen: dict[str, str]) -> None:
    """Move rows to the ends of the columns."""
    for column, cells in zip(columns, zip(*rows, strict=True), strict=False):
        column.extend(map(seen.setdefault, cells, cells))
    rows.clear()
    if len(seen) > _MOST_SEEN:
        seen.clear()


def _typed(
    cells: list[str], kind: str | None, *, quotes_speak: bool, where: str, first: int
) -> list[Any]:
    """Turn a column's cells into values."""
    texts: list[str] = []
    plain = True
    whole = "\n".join(cells)
    is_marked = _NUL in whole or "'" in whole
    for cell in cells if is_marked else ():
        text = cell
        if _NUL in cell:
            plain = plain and not (quotes_speak and cell.startswith(_NUL))
            text = cell.replace(_NUL, "")
        elif cell.startswith("'") and _MARKED.match(cell):
            plain = False
            text = cell[1:]
        texts.append(text)
    texts = texts if is_marked else cells
    if kind is not None:
        return [_converted(text, kind, f"{where} {row}") for row, text in enumerate(texts, first)]
    filled = dict.fromkeys(texts)
    filled.pop("", None)
    if plain and filled:
        if filled.keys() <= {"true", "false"}:
            return [text == "true" if text else None for text in texts]
        if all(map(_number_survives, filled)):
            numbers = {"": None, **{text: parse_number(text) for text in filled}}
            return [numbers[text] for text in texts]
    return [text or None for text in texts]


def _number_survives(text: str) -> bool:
    """Say whether a text is a number as JSON writes it, and no digit of it would be lost."""
    if not _SCALAR.fullmatch(text) or text in ("true", "false"):
        return False
    if sum(map(str.isdigit, text.lower().partition("e")[0].lstrip("-0."))) > MAX_DIGITS:
        return "." in text and repr(float(text)) == text
    return math.isfinite(float(text))


_CONVERTERS: dict[str, Any] = {
    "string": str,
    "integer": parse_integer,
    "number": parse_number,
    "boolean": parse_boolean,
}


def _converted(text: str, kind: str, where: str) -> Any:
    if not text:
        return None

    value = _CONVERTERS[kind](text)
    if value is None:
        article = "an" if kind == "integer" else "a"
        raise FileError(
            f"{where}: {text!r} is not {article} {kind}; fix the cell, or give the column another dtype"
        )
    return value


def _json(cell: Any) -> Any:
    """Return a cell as it would be sent, dicts and lists as JSON text."""
    if type(cell) is str:
        return cell
    value = to_json_or_text(cell)
    return (
        json.dumps(value, ensure_ascii=False, default=str)
        if isinstance(value, (dict, list))
        else value
    )


def _field(cell: Any, *, quotes_speak: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, (bool, int, float)):
        return json.dumps(cell)
    text = str(cell)
    if _SCALAR.fullmatch(text) and not text.startswith("-"):
        return f'"{text}"' if quotes_speak else f"'{text}"
    return _quoted(_marked(text))


def _marked(text: str) -> str:
    return f"'{text}" if _MARKABLE.match(text) else text


def _unmarked(text: str) -> str:
    return text[1:] if _MARKED.match(text) else text


def _quoted(text: str) -> str:
    text = text.replace(_NUL, "\ufffd")
    return '"' + text.replace('"', '""') + '"' if _MUST_QUOTE.search(text) else text
