"""Times that might be dates, in files whose number formats cannot be read. Pure.

A spreadsheet program stores a date as a number of days, and a time as a fraction of a day. Without
its number format, a 0 in a column of dates looks like midnight, and 30 hours look like a day of
1900.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from flxframe.files.grid import Grid
from flxframe.files.references import reference
from flxframe.models import ErrorCell

_FIRST_YEARS = (1900, 1904)
_MIDNIGHT = dt.time(0)


def mark_ambiguous(grid: Grid, kind: str) -> None:
    """Replace times that might be dates by error cells, so that they are not sent.

    They are a time in a column with dates, midnight in a column without other times, and a date
    with a time in the first month that a workbook supports.

    Parameters
    ----------
    grid : Grid
        The cells of the sheet.
    kind : str
        The extension of the file, for messages.
    """
    for column, cells in grid.columns.items():
        types = set(map(type, cells))
        if types.isdisjoint((dt.time, dt.datetime)):
            continue

        has_dates = any(map(_is_date, cells))
        has_times = any(type(cell) is dt.time and cell != _MIDNIGHT for cell in cells)
        for position, cell in enumerate(cells):
            is_time = type(cell) is dt.time and (has_dates or not has_times)
            if is_time or _is_early(cell):
                place = f"{grid.name}!{reference(position + 1, column)}"
                cells[position] = _error(cell, place, kind)


def _is_date(cell: Any) -> bool:
    return isinstance(cell, dt.date) and not _is_early(cell)


def _is_early(cell: Any) -> bool:
    return type(cell) is dt.datetime and cell.year in _FIRST_YEARS and cell.month == 1


def _error(cell: Any, place: str, kind: str) -> ErrorCell:
    return ErrorCell(
        str(cell),
        f"{place} contains {cell}, which might be a time or a date (the formats of {kind} files "
        "can't be read): save the file as .xlsx, or clear the cell",
    )
