"""Choose the dtype of a column of Python values. Pure: no network, no clock, no disk."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from operator import ne
from typing import Any

import numpy as np
import pandas as pd

from flxframe.exceptions import TableError

MAX_EXACT_FLOAT = 2**53
"""From here on, several integers share one float, so a float does not identify its integer."""

_KINDS: dict[type, str] = {
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    dt.datetime: "datetime",
    type(None): "missing",
}


def check_unique(table: pd.DataFrame) -> None:
    """Raise if two columns share a name.

    Raises
    ------
    TableError
        The message names the column.
    """
    repeated = table.columns[table.columns.duplicated()]
    if len(repeated):
        raise TableError(
            f"the table has two columns named {repeated[0]!r}: rename or drop one of them"
        )


def is_integral(column: pd.Series[Any]) -> bool:
    """Return whether only missing values made a column float: next to a blank, 7 is not 7.0.

    Examples
    --------
    >>> is_integral(pd.Series([7, None])), is_integral(pd.Series([7.5, None]))
    (True, False)
    >>> is_integral(pd.Series([7.0, 8.0]))
    False
    """
    if not (isinstance(column.dtype, np.dtype) and column.dtype.kind == "f"):
        return False

    values = column.to_numpy()
    filled = values[~np.isnan(values)]
    if not 0 < len(filled) < len(values):
        return False

    return bool(np.all(np.isfinite(filled)) and np.all(filled == np.floor(filled)))


def kind_of(cell: Any) -> str:
    """Return the kind of a cell: bool, int, float, str, object or missing."""
    if isinstance(cell, (bool, np.bool_)):
        return "bool"
    if isinstance(cell, (int, np.integer)):
        return "int"
    if isinstance(cell, str):
        return "str"
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return "missing"
    if isinstance(cell, float):
        return "missing" if math.isnan(cell) else "float"
    return "object"


def column_array(cells: list[Any], *, join_numbers: bool = False) -> Any:
    """Return the array of a column of Python values, in the best dtype that keeps each value.

    Integers and booleans keep their type next to missing values, and texts stay texts.

    Parameters
    ----------
    cells : list
        The values; None, NaN, NaT and NA are missing.
    join_numbers : bool
        Whether integers become floats next to floats. In a file, a column has only one type.

    Returns
    -------
    ndarray or ExtensionArray
        As many values as `cells`.

    Examples
    --------
    >>> [str(column_array([cell, None]).dtype) for cell in (7, True, 7.5)]
    ['Int64', 'boolean', 'float64']
    >>> [str(column_array([7, 7.5], join_numbers=join).dtype) for join in (False, True)]
    ['object', 'float64']
    """
    kinds, values = _kinds(cells)
    has_missing = "missing" in kinds
    kinds = kinds - {"missing"}

    if join_numbers and kinds == {"int", "float"}:
        array = _exact_floats(values)
    elif len(kinds) == 1:
        (kind,) = kinds
        array = _BUILDERS[kind](values, has_missing)
    else:
        array = None

    if array is None:
        return pd.Series(values, dtype=object).array
    return array


def data_frame(columns: Mapping[Any, Any], rows: int) -> pd.DataFrame:
    """Return the table of columns that `column_array` returned, each in its own dtype.

    Examples
    --------
    >>> data_frame({"n": column_array([7, None])}, 2).dtypes.tolist()
    [Int64Dtype()]
    """
    index = pd.RangeIndex(rows)
    series: dict[Any, pd.Series[Any]] = {}
    for name, cells in columns.items():
        # Without a dtype, pandas would turn an array of objects into texts, and fail if one
        # contains an unpaired surrogate.
        series[name] = pd.Series(cells, index=index, dtype=cells.dtype)
    return pd.DataFrame(series, index=index)


def _kinds(cells: list[Any]) -> tuple[set[str], list[Any]]:
    """Return the kinds of the cells, and the cells with None for each that is missing."""
    types = set(map(type, cells))

    # Nearly all columns end here; looking up the kind of each cell takes much longer.
    if types <= _KINDS.keys():
        has_nan = float in types and any(map(ne, cells, cells))  # only NaN differs from itself
        if not has_nan or types <= {float, type(None)}:
            return {_KINDS[python_type] for python_type in types}, cells

    kinds = list(map(kind_of, cells))
    values = list(cells)
    for position, kind in enumerate(kinds):
        if kind == "missing":
            values[position] = None
    return set(kinds), values


def _booleans(values: list[Any], has_missing: bool) -> Any:
    return pd.array(values, dtype="boolean") if has_missing else np.array(values)


def _integers(values: list[Any], has_missing: bool) -> Any:
    filled = values
    if has_missing:
        filled = [value for value in values if value is not None]

    if min(filled) < -(2**63) or max(filled) >= 2**63:
        return None
    if has_missing:
        return pd.array(values, dtype="Int64")
    return np.array(values, dtype="int64")


def _floats(values: list[Any], _has_missing: bool) -> Any:
    return np.array(values, dtype="float64")  # None becomes NaN


def _exact_floats(values: list[Any]) -> Any:
    """Join integers and floats, unless an integer would lose digits."""
    if any(abs(value) >= MAX_EXACT_FLOAT for value in values if type(value) is int):
        return None
    return _floats(values, True)


def _texts(values: list[Any], _has_missing: bool) -> Any:
    try:
        return pd.Series(values).array
    except UnicodeEncodeError:  # only a column of objects can contain an unpaired surrogate
        return None


def _datetimes(values: list[Any], _has_missing: bool) -> Any:
    if any(value is not None and value.tzinfo is not None for value in values):
        return None
    return pd.Series(values, dtype="datetime64[us]").array


def _objects(_values: list[Any], _has_missing: bool) -> Any:
    return None


_BUILDERS: dict[str, Callable[[list[Any], bool], Any]] = {
    "bool": _booleans,
    "int": _integers,
    "float": _floats,
    "str": _texts,
    "datetime": _datetimes,
    "object": _objects,
}
