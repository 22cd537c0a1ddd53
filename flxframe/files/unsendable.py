"""Cells that cannot be sent become error cells before they are written. Pure.

No file has cells of infinity in a list, or of bytes: their texts would be sent once the file is
read.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from flxframe.exceptions import RequestError
from flxframe.files.layout import is_request_field
from flxframe.models import ErrorCell
from flxframe.request.cells import cell_to_json
from flxframe.text import is_encodable

_CONTAINERS = (dict, list, tuple, np.ndarray, bytes)

_SAFE_TYPES = {
    *(type(None), type(pd.NA), type(pd.NaT), bool, int, float, Decimal, ErrorCell),
    *(dt.date, dt.datetime, dt.time, pd.Timestamp, np.bool_, np.int64, np.float64),
}
"""The types of cells that have rules of their own."""


def mark_unsendable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose cells that cannot be sent are error cells.

    A column that is not a request field keeps cells such as durations, which are written as texts,
    but not lists and objects: it might be sent with ``object_handle=``.

    Examples
    --------
    >>> mark_unsendable(pd.DataFrame({"objects.o.c": [[float("inf")]]}))["objects.o.c"][0].text
    '[inf]'
    """
    marked = table
    for position, name in enumerate(table.columns):
        column = table.iloc[:, position]
        if _is_safe(column.dtype):
            continue
        cells = column.tolist()
        if _mark(cells, is_field=is_request_field(str(name))):
            if marked is table:
                marked = table.copy(deep=False)
            marked.isetitem(position, pd.Series(cells, dtype=object).to_numpy())
    return marked


def _is_safe(dtype: Any) -> bool:
    """Return whether each value of a dtype can be written as what it is."""
    if isinstance(dtype, (pd.StringDtype, pd.DatetimeTZDtype)):
        return True
    numpy_dtype = getattr(dtype, "numpy_dtype", dtype)  # of a nullable or an Arrow column
    return isinstance(numpy_dtype, np.dtype) and numpy_dtype.kind in "biufM"


def _mark(cells: list[Any], *, is_field: bool) -> bool:
    """Replace cells that cannot be sent by error cells, and return whether there are any."""
    types = set(map(type, cells)) - _SAFE_TYPES
    if str in types and (not is_field or _are_encodable(cells)):  # nearly all columns of texts
        types.remove(str)
    if not types:
        return False

    has_errors = False
    for position, cell in enumerate(cells):
        if type(cell) not in types or not (is_field or isinstance(cell, _CONTAINERS)):
            continue
        error = cell_to_json(cell, integral=False)
        if isinstance(error, RequestError):
            text = str(cell).encode("utf-8", "replace").decode()
            cells[position] = ErrorCell(text, str(error))
            has_errors = True
    return has_errors


def _are_encodable(cells: list[Any]) -> bool:
    return is_encodable("".join(cell for cell in cells if type(cell) is str))
