"""Which dtype a column of Python values gets. Pure: no network, no clock, no disk."""

from __future__ import annotations

import datetime as dt
import math
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd


def is_integral(column: pd.Series[Any]) -> bool:
    """Say whether only missing values made a column float: 7 beside a blank is an integer, not 7.0.

    Examples
    --------
    >>> is_integral(pd.Series([7, None])), is_integral(pd.Series([7.0, 8.0])), is_integral(pd.Series([7.5, None]))
    (True, False, False)
    """
    if not (isinstance(column.dtype, np.dtype) and column.dtype.kind == "f"):
        return False
    values = column.to_numpy()
    filled = values[~np.isnan(values)]
    return 0 < len(filled) < len(values) and bool(np.all(np.isfinite(filled)) and np.all(filled == np.floor(filled)))


_PLAIN = {bool, int, float, str, type(None)}


def useful_array(cells: list[Any]) -> Any:
    """Make a column of Python values: integers and booleans stay such beside missing values, texts stay texts.

    Parameters
    ----------
    cells : list
        The values; None, NaN, NaT and NA are missing.

    Examples
    --------
    >>> [str(useful_array([cell, None]).dtype) for cell in (7, True, 7.5)]
    ['Int64', 'boolean', 'float64']
    """
    types = set(map(type, cells))
    if float in types and types <= {float, type(None)}:
        return np.array(cells, dtype="float64")  # None becomes NaN
    no_number = float in types and any(math.isnan(cell) for cell in cells if type(cell) is float)
    if types <= _PLAIN and not no_number:  # nearly all columns; to ask each cell would take longer than all the rest
        missing = type(None) in types
        kinds = {kind.__name__ for kind in types - {type(None)}}
        values = cells
    else:
        found = [kind_of(cell) for cell in cells]
        missing = "missing" in found
        kinds = set(found) - {"missing"}
        values = [None if kind == "missing" else cell for kind, cell in zip(found, cells, strict=True)]
    if kinds == {"bool"}:
        return pd.array(values, dtype="boolean") if missing else np.array(values)
    filled = [value for value in values if value is not None] if missing else values
    if kinds == {"int"} and min(filled) >= -(2**63) and max(filled) < 2**63:
        return pd.array(values, dtype="Int64") if missing else np.array(values, dtype="int64")
    if kinds == {"float"}:
        return np.array([np.nan if value is None else value for value in values])
    if kinds == {"str"}:
        with suppress(UnicodeEncodeError):  # half a character, which only a column of objects can hold
            return pd.Series(values).array
    return pd.Series(values, dtype=object).array


def kind_of(cell: Any) -> str:
    """Return which kind of column a cell wants: bool, int, float, str or object; or that it is missing."""
    if isinstance(cell, (bool, np.bool_)):
        return "bool"
    if isinstance(cell, (int, np.integer)):
        return "int"
    if isinstance(cell, str):
        return "str"
    if cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell)):
        return "missing"
    return "float" if isinstance(cell, float) else "object"


_EXACT = 2**53


def column_array(cells: list[Any]) -> Any:
    """Make a column of Python values, with the dtype that serves best.

    Examples
    --------
    >>> [str(column_array([7, cell]).dtype) for cell in (None, 8.5, "x")]
    ['Int64', 'float64', 'object']
    """
    kinds = set(map(type, cells))
    missing = type(None) in kinds
    kinds.discard(type(None))
    if kinds == {str}:
        return pd.Series(cells).array
    if kinds == {int}:
        filled = [cell for cell in cells if cell is not None] if missing else cells
        if min(filled) >= -(2**63) and max(filled) < 2**63:
            return pd.array(cells, dtype="Int64") if missing else np.array(cells, dtype="int64")
    if kinds in ({float}, {int, float}) and all(abs(cell) < _EXACT for cell in cells if type(cell) is int):
        return np.array([np.nan if cell is None else cell for cell in cells], dtype="float64")
    if kinds == {dt.datetime} and all(cell is None or cell.tzinfo is None for cell in cells):
        return pd.Series(cells, dtype="datetime64[us]").array
    return useful_array(cells)
