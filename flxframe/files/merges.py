"""Merged cells: only the first cell of a range has a value, which is filled down. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flxframe.exceptions import TableError
from flxframe.files.grid import Grid, Range, is_blank
from flxframe.files.layout import NO_HEADER, Layout

_MAX_STEPS = 5_000_000


def hide_merged(grid: Grid) -> None:
    """Clear the cells of merged ranges that are not displayed, which are all but the first.

    Raises
    ------
    TableError
        If the ranges overlap, so that clearing them would take too long.
    """
    grid.merged = list(dict.fromkeys(grid.merged))
    steps = 0
    changed = set()
    for top, left, bottom, right in grid.merged:
        for column in _columns(grid, left, right):
            cells = grid.columns[column]
            start = top if column == left else top - 1
            end = min(bottom, len(cells))
            steps += 1 + max(0, end - start)
            if start < end:  # beyond the end of the column there is nothing to clear
                cells[start:end] = [None] * (end - start)
                changed.add(column)

        if steps > _MAX_STEPS + 10 * grid.height * len(grid.columns):
            raise TableError(
                f"{grid.file}, sheet {grid.name!r} has merged ranges that overlap: open it in "
                "Excel or LibreOffice and save it again"
            )

    for column in changed:
        _trim(grid, column)


def fill_down(grid: Grid, layout: Layout) -> list[Range]:
    """Fill the rows of each merged range in the table with its value, and return these ranges.

    A row without a cell of its own stays blank: it is the lower part of the row above it.
    """
    columns = [column for name, column in layout.columns.items() if not name.endswith(NO_HEADER)]
    ranges = []
    for top, left, bottom, right in grid.merged:
        last_row = min(bottom, layout.last_row)
        if layout.header_row < top < last_row and left in columns:
            ranges.append((top, left, last_row, right))

    rows: set[int] = set()
    for top, _, bottom, _ in ranges:
        rows.update(range(top + 1, bottom + 1))
    own_rows = {row for row in rows if _has_cell(grid, row, columns)}

    filled = []
    for top, left, bottom, right in ranges:
        cells = grid.columns.get(left, [])
        if len(cells) < top or is_blank(cells[top - 1]):
            continue

        rows_to_fill = own_rows.intersection(range(top + 1, bottom + 1))
        for row in sorted(rows_to_fill):
            grid.put(row, left, cells[top - 1])
        if rows_to_fill:
            filled.append((top, left, bottom, right))
    return filled


def _has_cell(grid: Grid, row: int, columns: Iterable[int]) -> bool:
    for column in columns:
        cells = grid.columns.get(column, [])
        if len(cells) >= row and not is_blank(cells[row - 1]):
            return True
    return False


def _trim(grid: Grid, column: int) -> None:
    """Remove the blank cells at the end of a column."""
    cells = grid.columns[column]
    while cells and cells[-1] is None:
        cells.pop()
    if not cells:
        del grid.columns[column]


def _columns(grid: Grid, left: int, right: int) -> Iterator[int]:
    """Yield the columns between two that have a cell."""
    if right - left < len(grid.columns):
        return (column for column in range(left, right + 1) if column in grid.columns)
    return (column for column in list(grid.columns) if left <= column <= right)
