"""Put new values into a column, in a dtype that keeps them. Pure: no network, no clock, no disk."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import column_array, is_integral, kind_of

# Pandas would also read "now" and "12:00" as points in time, and "nat" as a missing one.
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


def update_column(column: pd.Series[Any], values: Mapping[int, Any]) -> Any:
    """Return the cells of a column with new values, in its own dtype if that keeps the values.

    Parameters
    ----------
    column : Series
        The column as it is in the table.
    values : Mapping of int to JSON
        The new values, by the position of their rows.

    Returns
    -------
    ExtensionArray
        The cells, as many as in `column`.

    Examples
    --------
    >>> column = pd.Series([7, 8])
    >>> [str(update_column(column, {0: value}).dtype) for value in (9, None, "9")]
    ['int64', 'Int64', 'object']
    """
    try:
        return _typed_cells(column, values)
    except Exception:
        # Such as a warning of pandas or of the dtype, where warnings are errors. It must not cost
        # the result.
        cells = list(column.array)

    for position, value in values.items():
        cells[position] = value
    return pd.Series(cells, dtype=object).array


def _typed_cells(column: pd.Series[Any], values: Mapping[int, Any]) -> Any:
    """Return the cells of a column with new values, in the best dtype."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        values = {position: _to_timestamp(value) for position, value in values.items()}

    integral = is_integral(column)
    cells = _as_integers(column) if integral else column.tolist()
    for position, value in values.items():
        cells[position] = value

    if not integral and _has_own_dtype(column):
        array = _array_of_dtype(column.dtype, cells, values)
        if array is not None:
            return array
    return column_array(cells)


def _as_integers(column: pd.Series[Any]) -> list[Any]:
    """Return the cells of a column that only missing values made float."""
    cells: list[Any] = column.tolist()
    for position, cell in enumerate(cells):
        cells[position] = None if math.isnan(cell) else int(cell)
    return cells


def _has_own_dtype(column: pd.Series[Any]) -> bool:
    """Return whether a column should keep its dtype if it can."""
    # A categorical dtype would drop new values, and the dtype of a blank column is arbitrary.
    return not isinstance(column.dtype, pd.CategoricalDtype) and not column.isna().all()


def _array_of_dtype(dtype: Any, cells: list[Any], values: Mapping[int, Any]) -> Any:
    """Return the cells in a dtype, or None if it would change one of the new values."""
    try:
        with np.errstate(all="ignore"):  # a number too large for a small float is detected below
            array = pd.Series(cells, dtype=dtype).array
    except Exception:
        # Each library raises its own errors, such as for a missing value among integers or a
        # number too large for the dtype, and none of them must lose a result.
        return None

    # A dtype can also convert a value silently: a column of integers turns "5" into 5.
    if array.ndim != 1:
        return None
    for position, value in values.items():
        if not _is_same_value(array[position], value):
            return None
    return array


def _is_same_value(cell: Any, value: Any) -> bool:
    kinds = {kind_of(cell), kind_of(value)}
    if kinds == {"missing"}:
        return True
    if len(kinds) > 1 and kinds != {"int", "float"}:
        return False
    return bool(cell == value)


def _to_timestamp(value: Any) -> Any:
    """Return the point in time of an ISO 8601 text, and any other value as it is."""
    if not isinstance(value, str) or not _ISO_DATE.match(value):
        return value
    try:
        return pd.Timestamp(value)
    except ValueError:
        return value
