"""The header of a table: the row of its column names, and a second row above it. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from flxframe.exceptions import TableError
from flxframe.files.grid import Grid, TableRange, is_blank
from flxframe.files.references import reference

_MAX_HEADER_ROW = 100
"""The header must be in one of the first rows, under a title if there is one."""

_MAX_HEADER_HEIGHT = 4
_MAX_TABLES = 100

_REQUEST_FIELD = re.compile(r"eventHandle|(objects|params)([.\[].+)?", re.DOTALL)

Titles = dict[int, Any]


def find_header(grid: Grid, where: str) -> tuple[int, Titles]:
    """Find the row of the column names, and the names by column.

    It is the first row with the name of a request field; otherwise that of an Excel Table which
    contains most of the sheet's cells; otherwise the first row that is at least half as wide as the
    widest.

    Raises
    ------
    TableError
        If it is ambiguous which row contains the names.
    """
    rows = _top_rows(grid)
    for row, cells in rows.items():
        if _is_request_header(cells.values()):
            return _lower_header(grid, row, where)

    table = _main_table(grid)
    if table is not None:
        return table.header_row, header_at(grid, table.header_row)

    max_width = max(map(len, rows.values()), default=0)
    min_width = min(max_width, max(2, (max_width + 1) // 2))
    for row, cells in rows.items():
        if cells and len(cells) >= min_width:
            _check_titles(row, cells, where)
            bottom, titles = _lower_header(grid, row, where)
            if bottom == row and _has_second_row(grid, row, titles):
                raise _two_rows(row, row + 1, f"a column has no name in row {row}", where)
            return bottom, titles

    raise TableError(
        f"{where} has no filled cell in its first {_MAX_HEADER_ROW} rows: "
        "give the row of the column names with header_row= (--header-row)"
    )


def header_at(grid: Grid, row: int) -> Titles:
    """Return the names in a row, with those that are merged into it from above.

    A merged box next to the header, such as a legend, is not a name.
    """
    titles = grid.row(row)
    for top, left, bottom, right in grid.merged:
        if top < row <= bottom and left not in titles:
            upper = grid.row(top)
            if left in upper:
                titles[left] = upper[left]

        is_box = top <= row < bottom or (top <= row <= bottom and top < bottom and left < right)
        if is_box and left in titles and not _is_name(grid, titles[left], (left, right), bottom):
            del titles[left]
    return titles


def named_header(grid: Grid, row: int, where: str) -> Titles:
    """Return the names in a row that the user gives, the same as if it were detected."""
    with suppress(TableError):
        detected_row, titles = find_header(grid, where)
        if detected_row == row:
            return titles
    return header_at(grid, row)


def table_at(grid: Grid, row: int, titles: Titles) -> TableRange | None:
    """Return the Excel Table whose header is a row and that contains its names, if there is one.

    It contains the first request field, or most names if there is no request field.
    """
    tables = [table for table in grid.tables if table.header_row == row]
    if len(tables) != 1:
        return None

    columns = range(tables[0].first_column, tables[0].last_column + 1)
    fields = [column for column in titles if _is_request_header([titles[column]])]
    if fields:
        return tables[0] if min(fields) in columns else None
    inside = [column for column in titles if column in columns]
    return tables[0] if 2 * len(inside) > len(titles) else None


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


def _main_table(grid: Grid) -> TableRange | None:
    """Return the Excel Table that contains most of the filled cells of a sheet."""
    if not grid.tables:
        return None

    filled = {}
    for column, cells in grid.columns.items():
        filled[column] = [row for row, cell in enumerate(cells, 1) if not is_blank(cell)]
    total = sum(map(len, filled.values()))

    for table in grid.tables[:_MAX_TABLES]:
        count = 0
        for column in range(table.first_column, table.last_column + 1):
            rows = filled.get(column, [])
            count += bisect_right(rows, table.totals_row or table.last_row)
            count -= bisect_left(rows, table.header_row)
        if 2 * count > total:
            return table
    return None


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


def _lower_header(grid: Grid, row: int, where: str) -> tuple[int, Titles]:
    """Return the last row of a header, and its names.

    A name that is merged over several rows, or the title of a group that is merged over several
    columns, shows that the header has a lower row.
    """
    bottom = _bottom_row(grid, row)
    has_name = bottom > row
    if not has_name:
        bottom = row + 1

    upper, lower = grid.row(row), grid.row(bottom)
    grouped = _grouped_columns(grid, row, lower)
    if not has_name and not grouped:
        return row, header_at(grid, row)

    is_apart = lower.keys().isdisjoint(upper.keys() - grouped)
    if _are_names(lower) and (is_apart or _is_request_header(lower.values())):
        names = header_at(grid, bottom)
        kept = {column: title for column, title in upper.items() if column not in grouped}
        return bottom, {**kept, **names}
    if not has_name and (not _are_names(lower) or _is_request_header(upper.values())):
        return row, header_at(grid, row)

    raise _two_rows(row, bottom, "cells are merged there", where)


def _has_second_row(grid: Grid, row: int, titles: Titles) -> bool:
    """Return whether the row below the names seems to be names too.

    It has only texts, also in a column without a name, and differs from the rows below it: they
    have no text in a column, or fill the first one.
    """
    lower = grid.row(row + 1)
    if not lower.keys() - titles.keys() or not _are_names(lower):
        return False

    first = min(titles, default=0)
    for column in {*lower, first}:
        cells = [cell for cell in grid.columns.get(column, [])[row + 1 :] if not is_blank(cell)]
        has_texts = any(isinstance(cell, str) for cell in cells)
        if cells and (column not in lower or not has_texts):
            return True
    return False


def _two_rows(row: int, bottom: int, reason: str, where: str) -> TableError:
    return TableError(
        f"{where}: the names seem to be in two rows, {row} and {bottom}, because {reason}, "
        f"but row {bottom} might also be the first row of the table: give the row of the "
        f"names with header_row={row} or header_row={bottom} (--header-row {row} or {bottom})"
    )


def _bottom_row(grid: Grid, row: int) -> int:
    """Return the last row of the names that are merged over several rows."""
    titles = grid.row(row)
    bottom_row = row
    for top, left, bottom, right in grid.merged:
        if top != row or bottom >= row + _MAX_HEADER_HEIGHT or left not in titles:
            continue
        if _is_name(grid, titles[left], (left, right), bottom):
            bottom_row = max(bottom_row, bottom)
    return bottom_row


def _grouped_columns(grid: Grid, row: int, lower: Titles) -> set[int]:
    """Return the columns under titles that are merged over several columns, all with a name."""
    grouped: set[int] = set()
    for top, left, bottom, right in grid.merged:
        if top == bottom == row and right - left < len(lower):
            columns = set(range(left, right + 1))
            if columns <= lower.keys():
                grouped |= columns
    return grouped


def _are_names(cells: Titles) -> bool:
    """Return whether all cells of a row are texts that differ."""
    texts = [cell.strip() for cell in cells.values() if isinstance(cell, str)]
    return len(set(texts)) == len(cells)


def _is_name(grid: Grid, title: Any, columns: tuple[int, int], bottom: int) -> bool:
    """Return whether a merged title is a name: there are cells below it."""
    if _is_request_header([title]):
        return True
    first, last = columns
    for column in range(first, min(last, first + len(grid.columns)) + 1):
        if not all(map(is_blank, grid.columns.get(column, [])[bottom:])):
            return True
    return False
