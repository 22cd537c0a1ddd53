"""The changes that a result makes to a sheet, by cell. Pure: no network, no clock, no disk."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import MAX_EXACT_FLOAT, is_integral, kind_of
from flxframe.files.layout import Layout
from flxframe.files.xlsx import cell_values
from flxframe.models import RUN_COLUMNS, ErrorCell
from flxframe.result.compare import changes

_MAX_OLD_VALUE_LENGTH = 1_000
_SHORT_FLOATS = (np.dtype("float16"), np.dtype("float32"))
_LOST_DIGITS = "the column became float because of blanks, and the number lost its last digits"


@dataclass(slots=True)
class Change:
    """The change to the cells of a sheet; rows and columns are counted from 1.

    Parameters
    ----------
    header_row : int
        The row of the names.
    rows : range
        The rows of the table.
    header : dict
        New names, by column.
    columns : dict
        The columns that are rewritten, each with the cells of all rows.
    cells : dict
        The values of single cells, by row and column.
    changed_cells : set
        By row and column, the cells that are marked as changed.
    comments : dict
        By row and column, the texts of the comments on changed cells: their old values.
    failed_rows : set
        The rows that are filled red.
    table_columns : list of int
        All columns of the table, old and new.
    """

    header_row: int
    rows: range
    header: dict[int, str] = field(default_factory=dict)
    columns: dict[int, list[Any]] = field(default_factory=dict)
    cells: dict[tuple[int, int], Any] = field(default_factory=dict)
    changed_cells: set[tuple[int, int]] = field(default_factory=set)
    comments: dict[tuple[int, int], str] = field(default_factory=dict)
    failed_rows: set[int] = field(default_factory=set)
    table_columns: list[int] = field(default_factory=list)

    def remove(self, cell: tuple[int, int]) -> None:
        """Remove the change of a single cell."""
        self.cells.pop(cell, None)
        self.comments.pop(cell, None)
        self.changed_cells.discard(cell)

    def values(self, row: int) -> dict[int, Any]:
        """Return the values of a row's rewritten columns, by column."""
        if row == self.header_row:
            return dict(self.header)
        if row not in self.rows:
            return {}
        position = row - self.rows.start
        return {column: cells[position] for column, cells in self.columns.items()}


def change_of(
    result: pd.DataFrame, layout: Layout, *, width: int, before: pd.DataFrame | None
) -> Change:
    """Return the change that a result makes to a sheet.

    Parameters
    ----------
    result : DataFrame
        The rows.
    layout : Layout
        The position of the table in the sheet, and its columns.
    width : int
        The last column of the sheet with any content; new columns follow it.
    before : DataFrame or None
        The table as it was read; where the result differs from it, cells are rewritten and marked.
    """
    first_row = layout.header_row + 1
    rows = range(first_row, first_row + len(result))
    change = Change(layout.header_row, rows)
    numbers = _rewrite_columns(change, result, layout, width)

    old_columns = layout.columns.values()
    change.table_columns = sorted({*old_columns, *numbers.values()})
    if "run.status" in numbers:
        statuses = result["run.status"].tolist()
        for row, status in zip(rows, statuses, strict=True):
            if status != "ok":
                change.failed_rows.add(row)

    if before is not None:
        _mark_changes(change, result, before, numbers)
    return change


def _rewrite_columns(
    change: Change, result: pd.DataFrame, layout: Layout, width: int
) -> dict[str, int]:
    """Rewrite the new columns and those of the run, and return the number of each column."""
    numbers: dict[str, int] = {}
    last = width
    for position, label in enumerate(result.columns):
        name = str(label)
        number = layout.columns.get(name)
        if number is None:
            last += 1
            number = last
            change.header[number] = name

        if number in change.header or name in RUN_COLUMNS:
            change.columns[number] = _cells(result.iloc[:, position])
        numbers[name] = number
    return numbers


def _mark_changes(
    change: Change, result: pd.DataFrame, before: pd.DataFrame, numbers: Mapping[str, int]
) -> None:
    """Rewrite and mark the cells in which the result differs from the table as it was read."""
    table = before.drop(columns=list(RUN_COLUMNS), errors="ignore")
    old_names = set(map(str, table.columns))
    differences = changes(table, result)
    columns = [differences[name].tolist() for name in differences]

    for position, name, old, new in zip(*columns, strict=True):
        if name not in numbers:
            continue
        number = numbers[name]
        cell = (change.rows.start + position, number)
        change.changed_cells.add(cell)
        if name not in old_names:
            continue

        change.comments[cell] = _was(old)
        if number not in change.columns:
            value = None if new is pd.NA else new
            change.cells[cell] = cell_values.like(value, old)


def _cells(column: pd.Series[Any]) -> list[Any]:
    """Return the cells of a column as they are sent."""
    numpy_dtype: Any = getattr(column.dtype, "numpy_dtype", column.dtype)
    if numpy_dtype in _SHORT_FLOATS:  # numpy's own scalars keep the displayed digits
        return list(column.to_numpy(dtype=numpy_dtype, na_value=np.nan))

    cells = column.tolist()
    if not is_integral(column):
        return cells
    # Only blanks made the column float, and 7 was sent, not 7.0.
    for position, cell in enumerate(cells):
        if not math.isnan(cell):
            number = int(cell)
            has_digits = abs(number) < MAX_EXACT_FLOAT
            cells[position] = number if has_digits else ErrorCell(str(number), _LOST_DIGITS)
    return cells


def _was(old: Any) -> str:
    """Return the text of a comment that records the old value of a cell."""
    if kind_of(old) == "missing":
        return "was blank"
    if isinstance(old, (dt.date, dt.time)):
        return f"was {old.isoformat()}"

    text = str(old)
    if len(text) > _MAX_OLD_VALUE_LENGTH:
        text = f"{text[:_MAX_OLD_VALUE_LENGTH]} ..."
    return f"was {text}"
