"""The position of the table in a sheet: its header, its columns and its rows. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from flxframe.dtypes import column_array, data_frame
from flxframe.exceptions import TableError
from flxframe.files.grid import Grid, is_blank
from flxframe.files.references import letters, reference
from flxframe.request.fields import FIELDS
from flxframe.request.paths import first_key

_MAX_HEADER_ROW = 100
"""The header must be in one of the first rows, under a title if there is one."""

_MAX_HEADER_HEIGHT = 4

_REQUEST_FIELD = re.compile(r"eventHandle|(objects|params)([.\[].+)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Layout:
    """The position of the table in a sheet.

    Parameters
    ----------
    header_row : int
        The row of the column names; the rows of the table follow it.
    last_row : int
        The last row that has a filled cell.
    columns : dict
        The number of each column in the sheet, by name.
    """

    header_row: int
    last_row: int
    columns: dict[str, int]


def find_layout(grid: Grid, *, where: str, header_row: int | None = None) -> Layout:
    """Find the header and the names of the columns.

    Parameters
    ----------
    grid : Grid
        The cells of the sheet.
    where : str
        File and sheet, for messages.
    header_row : int, optional
        The row of the column names, if it cannot be detected.

    Raises
    ------
    TableError
        If it is ambiguous which row contains the names, or two columns are named like the same
        request field.
    """
    row = _find_header(grid, where) if header_row is None else header_row
    if not 1 <= row <= grid.height:
        raise TableError(
            f"{where} has no row {row}, so header_row={row} can't be right; give the row of the "
            "column names"
        )

    titles = _titles(grid, row)
    used = sorted(titles.keys() | _filled_columns(grid, row))
    places = list(map(letters, used))
    names = column_names(list(map(titles.get, used)), places, where)

    columns = dict(zip(names, used, strict=True))
    return Layout(row, max(row, grid.height), columns)


def build_table(grid: Grid, layout: Layout) -> pd.DataFrame:
    """Return the table of a sheet.

    Blank rows between filled ones are kept, so that messages can use the sheet's row numbers.
    """
    rows = slice(layout.header_row, layout.last_row)
    height = rows.stop - rows.start

    table = {}
    for name, column in layout.columns.items():
        cells = grid.columns.get(column, [])[rows]
        cells += [None] * (height - len(cells))
        table[name] = column_array(cells, join_numbers=True)
    return data_frame(table, height)


def column_names(titles: Sequence[Any], places: Sequence[str], where: str) -> list[str]:
    """Return the names of the columns, given the cells of their header.

    A column without a title, or with the title of another column, gets a name that cannot be sent.

    Parameters
    ----------
    titles : sequence
        The cells of the header.
    places : sequence of str
        Where each column is, such as ``C``.
    where : str
        File and sheet, for messages.

    Raises
    ------
    TableError
        If two columns are named like the same request field.

    Examples
    --------
    >>> column_names(["sku", None, "note", "note"], "ABCD", "orders.csv")
    ['sku', 'Column B [no header]', 'note [column C]', 'note [column D]']
    """
    texts = list(map(_title_text, titles))
    counts = Counter(texts)

    # The brackets make the name an invalid path, so an attempt to send the column is an error.
    names = []
    for text, place in zip(texts, places, strict=True):
        if not text:
            names.append(f"Column {place} [no header]")
        elif counts[text] == 1:
            names.append(text)
        elif is_request_field(text):
            numbers = [number for number, other in enumerate(texts) if other == text]
            first, second = places[numbers[0]], places[numbers[1]]
            raise TableError(
                f"{where}: columns {first} and {second} are both named "
                f"{text!r}, and only one can be sent: rename or delete one "
                "of them"
            )
        else:
            names.append(f"{text} [column {place}]")
    return names


def _title_text(title: Any) -> str:
    return "" if title is None else str(title).strip()


def is_request_field(name: str) -> bool:
    """Return whether a column of this name is sent by default.

    Examples
    --------
    >>> is_request_field("objects.order.id"), is_request_field("Order ID")
    (True, False)
    """
    return first_key(name) in FIELDS


def has_request_fields(grid: Grid) -> bool:
    """Return whether a sheet has a header that contains the name of a request field."""
    rows = _top_rows(grid).values()
    return any(_is_request_header(row.values()) for row in rows)


def _top_rows(grid: Grid) -> dict[int, dict[int, Any]]:
    """Return the filled cells of the rows that can be the header."""
    height = min(grid.height, _MAX_HEADER_ROW)
    return {row: grid.row(row) for row in range(1, height + 1)}


def _is_request_header(cells: Iterable[Any]) -> bool:
    texts = (cell.strip() for cell in cells if isinstance(cell, str))
    return any(map(_REQUEST_FIELD.fullmatch, texts))


def _find_header(grid: Grid, where: str) -> int:
    """Find the row of the column names.

    It is the first row with the name of a request field, otherwise the first that is at least half
    as wide as the widest.
    """
    rows = _top_rows(grid)
    for row, cells in rows.items():
        if _is_request_header(cells.values()):
            return _lower_header_row(grid, row)

    max_width = max(map(len, rows.values()), default=0)
    min_width = min(max_width, max(2, (max_width + 1) // 2))
    for row, cells in rows.items():
        if cells and len(cells) >= min_width:
            _check_titles(row, cells, where)
            return _lower_header_row(grid, row)

    raise TableError(
        f"{where} has no filled cell in its first {_MAX_HEADER_ROW} rows: "
        "give the row of the column names with header_row= (--header-row)"
    )


def _check_titles(row: int, cells: Mapping[int, Any], where: str) -> None:
    """Raise if a row that should contain column names contains a value."""
    for column, cell in cells.items():
        if not isinstance(cell, str):
            raise TableError(
                f"{where}: row {row} doesn't look like column names "
                f"({reference(row, column)} contains {str(cell)!r}): put "
                "the names above the rows, or give the row of the names "
                "with header_row= (--header-row)"
            )


def _lower_header_row(grid: Grid, row: int) -> int:
    """Return the last row of a header; a merged name can extend it over several rows."""
    bottom_row = row
    for top, _, bottom, _ in grid.merged:
        if top == row and bottom < row + _MAX_HEADER_HEIGHT:
            bottom_row = max(bottom_row, bottom)
    return bottom_row


def _titles(grid: Grid, row: int) -> dict[int, Any]:
    """Return the cells of the header, with those that are merged into it from above."""
    titles = grid.row(row)
    for top, left, bottom, _ in grid.merged:
        if top < row <= bottom and left not in titles:
            upper = grid.row(top)
            if left in upper:
                titles[left] = upper[left]
    return titles


def _filled_columns(grid: Grid, header_row: int) -> set[int]:
    """Return the columns that have a filled cell below the header."""
    columns = set()
    for column, cells in grid.columns.items():
        if not all(map(is_blank, cells[header_row:])):
            columns.add(column)
    return columns
