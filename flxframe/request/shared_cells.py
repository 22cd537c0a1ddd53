"""Find the cell that the lines of a group share. Pure: no network, no clock, no disk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import is_integral
from flxframe.exceptions import RequestError
from flxframe.request.cells import BLANK
from flxframe.request.groups import Array, Groups
from flxframe.request.json_text import encode
from flxframe.request.paths import Path, format
from flxframe.request.row_names import row_name
from flxframe.request.series import column_to_json
from flxframe.text import short_repr

_MAX_ROWS_NAMED = 5


def shared_cells(
    column: pd.Series[Any], groups: Groups, errors: dict[int, str], way_out: str | None = None
) -> tuple[pd.Series[Any], Array]:
    """Return the cell of each group in a column that its lines share, and the lines that have one.

    Groups whose lines differ get an error, which says that each item can have its own cell at the
    path `way_out`.
    """
    integral = is_integral(column)
    codes = _codes(column_to_json(column, integral=integral))[groups.rows]
    is_blank = codes == 0

    # Blank cells agree with any other: they count as the largest or the smallest code.
    highest = np.maximum.reduceat(codes, groups.starts)
    lowest = np.minimum.reduceat(np.where(is_blank, np.iinfo("int64").max, codes), groups.starts)
    for number in np.flatnonzero((highest != lowest) & (highest > 0)).tolist():
        errors.setdefault(number, _difference(column, groups.of(number), way_out))

    # The first filled cell of each group, otherwise its first one.
    sizes = np.diff(groups.starts, append=len(codes))
    places = np.where(is_blank, len(codes), np.arange(len(codes)))
    first = np.minimum.reduceat(places, groups.starts)
    first = np.where(first == len(codes), groups.starts, first)
    if integral:
        column = column.astype("Int64")
    cells = column.iloc[groups.rows[first]]

    filled = np.empty(len(codes), dtype=bool)
    filled[groups.rows] = ~is_blank | np.repeat(highest == 0, sizes)
    return cells, filled


def _codes(values: list[Any]) -> Array:
    """Return a number for each distinct value; 0 for a blank one."""
    numbers: dict[Any, int] = {}
    codes = []
    for value in values:
        if value is BLANK:
            codes.append(0)
            continue
        key = value
        if type(value) is not str:
            text = str(value) if isinstance(value, RequestError) else encode(value)
            key = (type(value) is RequestError, text)
        codes.append(numbers.setdefault(key, len(numbers) + 1))
    return np.array(codes, dtype="int64")


def line_path(path: Path | None, item_list: str | None) -> str | None:
    """Return the path that a shared column would have if each item had its own cell.

    Examples
    --------
    >>> line_path(("objects", "order", "Qty"), None)
    'objects.order.items[].Qty'
    """
    if path is None or path[0] != "objects" or len(path) < 3:
        return None
    items = item_list or format(("objects", path[1], "items"))
    return f"{items}[]{format(('x', path[-1]))[1:]}"


def _difference(column: pd.Series[Any], rows: list[int], way_out: str | None) -> str:
    """Return why the lines of a group cannot be one request: a column in which they differ."""
    seen: dict[str, int] = {}
    values = column_to_json(column.iloc[rows], integral=is_integral(column))
    for position, value in zip(rows, values, strict=True):
        if value is not BLANK:
            seen.setdefault(short_repr(value), position)

    table = column.to_frame()
    parts = []
    for text, position in list(seen.items())[:_MAX_ROWS_NAMED]:
        parts.append(f"{text} in {row_name(table, position)}")
    more = f", or, if each item has its own, give the column the path {way_out}" if way_out else ""
    return (
        f"column {column.name!r} differs between the rows of the order: {', '.join(parts)}. Make "
        f"the cells equal{more}"
    )
