"""The position of the table in a sheet: its header, its columns and its rows. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from flxframe.dtypes import column_array, data_frame
from flxframe.exceptions import TableError
from flxframe.files.grid import Grid, TableRange, is_blank, stray_cell
from flxframe.files.header import Titles, find_header, named_header, table_at
from flxframe.files.references import letters
from flxframe.models import RUN_COLUMNS
from flxframe.request.fields import FIELDS
from flxframe.request.paths import first_key

NO_HEADER = " [no header]"
"""The end of the name that a column without a title gets."""

_MAX_BLANK_ROWS = 10_000
"""This many blank rows are accepted in any table."""


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
    table : TableRange or None
        The Excel Table that it is.
    remarks : tuple of str
        What the user needs to know about it.
    """

    header_row: int
    last_row: int
    columns: dict[str, int]
    table: TableRange | None = None
    remarks: tuple[str, ...] = ()


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
    if header_row is None:
        row, titles = find_header(grid, where)
    else:
        row = header_row
        if not 1 <= row <= grid.height:
            raise TableError(
                f"{where} has no row {row}, so header_row={row} can't be right; give the row of "
                "the column names"
            )
        titles = named_header(grid, row, where)

    table = table_at(grid, row, titles)
    used = _columns_of(grid, row, titles, table)
    places = list(map(letters, used))
    names = column_names(list(map(titles.get, used)), places, where)
    columns = dict(zip(names, used, strict=True))

    limit = grid.height if table is None else table.last_row
    last_row = max(row, _last_row(grid, used, limit))
    layout = Layout(row, last_row, columns, table)
    _check_height(grid, layout)
    return layout


def blank_rows_of(grid: Grid, layout: Layout) -> list[int]:
    """Return the rows of the table that are blank."""
    rows = list(range(layout.header_row + 1, layout.last_row + 1))
    for column in layout.columns.values():
        cells = grid.columns.get(column, [])
        rows = [row for row in rows if row > len(cells) or is_blank(cells[row - 1])]
        if not rows:  # usually the first column is full
            break
    return rows


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
            names.append(f"Column {place}{NO_HEADER}")
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


def _columns_of(grid: Grid, header_row: int, titles: Titles, table: TableRange | None) -> list[int]:
    """Return the numbers of the table's columns: those with a name or a filled cell."""
    if table is None:
        return sorted(titles.keys() | _filled_columns(grid, header_row))

    # Results of flxframe have more columns than their Excel Table; a gap ends them.
    columns = set(range(table.first_column, table.last_column + 1))
    columns |= _adjacent(titles, table.first_column) | _adjacent(titles, table.last_column)
    for column, title in titles.items():
        if title in RUN_COLUMNS:  # they and new fields are beyond what is next to the Table
            columns |= _adjacent(titles, column) | {column}
    return sorted(columns)


def _adjacent(titles: Titles, column: int) -> set[int]:
    """Return the columns with a name that are next to a column, without a gap."""
    first = last = column
    while first - 1 in titles:
        first -= 1
    while last + 1 in titles:
        last += 1
    return set(range(first, last + 1)) - {column}


def _last_row(grid: Grid, columns: Iterable[int], limit: int) -> int:
    """Return the last row up to a limit that has a filled cell in one of some columns."""
    last_row = 0
    for column in columns:
        cells = grid.columns.get(column, [])
        row = min(len(cells), limit)
        while row > last_row and is_blank(cells[row - 1]):
            row -= 1
        last_row = max(last_row, row)
    return last_row


def _filled_columns(grid: Grid, header_row: int) -> set[int]:
    """Return the columns that have a filled cell below the header."""
    columns = set()
    for column, cells in grid.columns.items():
        if not all(map(is_blank, cells[header_row:])):
            columns.add(column)
    return columns


def _check_height(grid: Grid, layout: Layout) -> None:
    """Raise if nearly all rows are blank, because a cell far below the others is filled."""
    height = layout.last_row - layout.header_row
    if height <= _MAX_BLANK_ROWS:
        return

    blank_rows = blank_rows_of(grid, layout)
    if len(blank_rows) > max(_MAX_BLANK_ROWS, height // 2):
        filled = grid.row(layout.last_row)
        raise stray_cell(grid, layout.last_row, min(filled))
