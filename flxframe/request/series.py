"""The cells of a column to JSON, all at once where that is the same. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from flxframe.request.cells import BLANK, cell_to_json, float_to_json

_FIRST, _LAST = np.datetime64("0001-01-01T00:00:00"), np.datetime64("9999-12-31T23:59:59")


def column_to_json(column: pd.Series[Any], *, integral: bool) -> list[Any]:
    """Turn the cells of a column, or of a part of it, into JSON values.

    Parameters
    ----------
    column : Series
        The cells.
    integral : bool
        Whether only missing values made the column float; see `is_integral`.

    Returns
    -------
    list
        For each cell its JSON value, `BLANK`, or the `RequestError` that says why it has none.
    """
    # One call for a whole column costs a tenth of one for each cell; only object columns can surprise.
    dtype = column.dtype
    plain: Any = getattr(dtype, "numpy_dtype", dtype)  # of a nullable or an Arrow column
    kind = plain.kind if isinstance(plain, np.dtype) else ""
    if kind in ("b", "i", "u"):
        return _whole_cells(column, plain)
    if kind == "f":
        floats = column.to_numpy(dtype=plain, na_value=np.nan)
        if plain == np.dtype("float64"):
            return [float_to_json(cell, integral) for cell in floats.tolist()]
        return [
            cell_to_json(cell, integral) for cell in floats
        ]  # numpy's own, so that a float32 0.1 is still seen as one
    if pd.api.types.is_datetime64_any_dtype(dtype) and (texts := _moments(column)) is not None:
        return texts
    return [
        cell if type(cell) is str and cell and cell.isascii() else cell_to_json(cell, integral)
        for cell in column.tolist()
    ]


def _whole_cells(column: pd.Series[Any], plain: np.dtype[Any]) -> list[Any]:
    if isinstance(column.dtype, np.dtype):
        return list(column.tolist())
    values: list[Any] = column.to_numpy(dtype=plain, na_value=plain.type(0)).tolist()
    for position in np.flatnonzero(column.isna().to_numpy()):
        values[position] = BLANK
    return values


def _moments(column: pd.Series[Any]) -> list[Any] | None:
    """Write points in time as texts, all at once; None where some have parts of seconds or odd years or offsets."""
    if isinstance(column.dtype, pd.ArrowDtype):
        return None
    local = column.dt.tz_localize(None).to_numpy()
    filled = local[~np.isnat(local)]
    if not (
        (filled == filled.astype("datetime64[s]")) & (filled >= _FIRST) & (filled <= _LAST)
    ).all():
        return None
    texts: list[Any] = np.datetime_as_string(local.astype("datetime64[s]")).tolist()
    if column.dt.tz is not None:
        offsets = (
            (local - column.dt.tz_convert(None).to_numpy()).astype("timedelta64[s]").astype("int64")
        )
        if (offsets[~np.isnat(local)] % 60).any():
            return None
        ends = {second: _offset(second) for second in np.unique(offsets).tolist()}
        texts = [text + ends[second] for text, second in zip(texts, offsets.tolist(), strict=True)]
    for position in np.flatnonzero(np.isnat(local)):
        texts[position] = BLANK
    return texts


def _offset(seconds: int) -> str:
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}"
