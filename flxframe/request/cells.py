"""Cells to JSON: what a person sees in a cell is what is sent. Pure: no network, no clock, no disk.

=====================================================  =========================================
cell                                                   JSON
=====================================================  =========================================
blank (None, NaN, NaT, NA, "")                         `BLANK`
str, bool, int (any size), float                       the same
integral float beside blanks in a column of floats     integer
numpy and Arrow scalars                                as their Python counterparts
datetime, date, time, Timestamp                        ISO 8601 text, with its offset if any
Decimal                                                number
dict, list, tuple, ndarray                             object, array, by the same rules
anything else; NaN or infinity inside a dict or list   `RequestError`
=====================================================  =========================================
"""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pandas as pd

from flxframe.dtypes import MAX_EXACT_FLOAT, kind_of
from flxframe.exceptions import RequestError
from flxframe.models import JSON, ErrorCell

_LONGEST = 10_000
"""Bits; Python writes no longer integers as text."""


_NUMPY_TIMES = (np.datetime64, np.timedelta64)


_FIRST, _LAST = np.datetime64("0001-01-01T00:00:00"), np.datetime64("9999-12-31T23:59:59")


class _Blank(enum.Enum):
    """A type of one value, so that `BLANK` can be told from every JSON value, null included."""

    BLANK = "blank"


BLANK: Final = _Blank.BLANK


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
            return [_float_cell(cell, integral) for cell in floats.tolist()]
        return [
            _cell(cell, integral) for cell in floats
        ]  # numpy's own, so that a float32 0.1 is still seen as one
    if pd.api.types.is_datetime64_any_dtype(dtype) and (texts := _moments(column)) is not None:
        return texts
    return [
        cell if type(cell) is str and cell and cell.isascii() else _cell(cell, integral)
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


def _float_cell(cell: float, integral: bool) -> Any:
    if math.isnan(cell):
        return BLANK
    if integral:
        if abs(cell) >= MAX_EXACT_FLOAT:
            return RequestError(
                f"{cell!r} was a whole number once, but the blanks beside it made the column float and its last digits "
                "are lost; read the column as text (dtype=str) or as Int64"
            )
        return int(cell)
    return cell if math.isfinite(cell) else _infinite(cell)


def _infinite(cell: object) -> RequestError:
    return RequestError(f"{cell} is no number of JSON; leave the cell blank or give a number")


def _cell(cell: object, integral: bool) -> Any:
    if type(cell) is str:
        return _unbroken(cell) if cell else BLANK
    if isinstance(cell, np.floating):
        cell = float(str(cell))  # the digits that a person sees: float32 holds 0.1 as 0.10000000149
    if type(cell) is float:
        return _float_cell(cell, integral)
    if hasattr(cell, "as_py"):  # an Arrow scalar; pyarrow itself need not be here
        return _cell(cell.as_py(), integral)
    if cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, str) and not cell):
        return BLANK
    if (isinstance(cell, Decimal) and cell.is_nan()) or (
        isinstance(cell, _NUMPY_TIMES) and np.isnat(cell)
    ):
        return BLANK
    try:
        return to_json(cell)
    except RequestError as error:
        return error


def to_json(value: object) -> JSON:
    """Turn one Python value into JSON, inside dicts and lists too, where a missing value is null.

    Raises
    ------
    RequestError
        If it has no counterpart in JSON: NaN, infinity, bytes and other types.

    Examples
    --------
    >>> to_json({"placed": dt.date(2026, 11, 23), "skus": np.array([7, 8])})
    {'placed': '2026-11-23', 'skus': [7, 8]}
    """
    try:
        found = _value(value)
    except RecursionError:
        found = None
        deep = True
    else:
        deep = isinstance(found, (dict, list)) and is_too_deep(found)
    if deep:
        raise RequestError("the value is nested too deeply, or contains itself")
    return found


def to_json_or_text(cell: object) -> JSON:
    """Return a cell as JSON, or its text where it has no JSON value; None where it is missing.

    For columns that are not sent, which may contain anything.

    Examples
    --------
    >>> to_json_or_text(dt.date(2026, 11, 23)), to_json_or_text(b"x"), to_json_or_text(pd.NaT)
    ('2026-11-23', "b'x'", None)
    """
    if isinstance(cell, ErrorCell):
        return cell.text
    if kind_of(cell) == "missing":
        return None
    try:
        return to_json(cell)
    except RequestError:
        return str(cell)


def _value(value: object) -> JSON:
    convert = _BY_TYPE.get(type(value))
    if convert is not None:
        return convert(value)
    for kind, convert in _BY_BASE:
        if isinstance(value, kind):
            return convert(value)
    if hasattr(value, "as_py"):
        return _value(value.as_py())
    raise RequestError(
        f"a {type(value).__name__} can't be sent; turn it into text or a number first"
    )


def _same(value: Any) -> JSON:
    return value


def _integer(value: int) -> JSON:
    if value.bit_length() > _LONGEST:
        raise RequestError(
            "an integer of thousands of digits can't be sent; is the cell what it should be?"
        )
    return int(value)


def _null(_value: Any) -> JSON:
    return None


def _unbroken(text: str) -> str | RequestError:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return RequestError(
            f"the text {text[max(0, error.start - 20) : error.start]!r} goes on with half a character, which can't be "
            "sent; type it anew"
        )
    return text


def _text(value: str) -> JSON:
    text = _unbroken(str.__str__(value))
    if isinstance(text, RequestError):
        raise text
    return text


def _number(value: Any) -> JSON:
    if not (math.isfinite(value) if isinstance(value, float) else value.is_finite()):
        raise _infinite(value)
    return value


def is_too_deep(value: JSON, limit: int = 100) -> bool:
    """Say whether a value is nested beyond what is safe to walk: nobody's order is.

    Examples
    --------
    >>> is_too_deep([[[7]]], limit=2), is_too_deep([[7]], limit=2)
    (True, False)
    """
    if not isinstance(value, (dict, list)):
        return False
    if limit == 0:
        return True
    items = value.values() if isinstance(value, dict) else value
    return any(is_too_deep(item, limit - 1) for item in items if isinstance(item, (dict, list)))


def _object(value: Mapping[Any, Any]) -> JSON:
    for key in value:
        if not isinstance(key, str):
            raise RequestError(f"the key {key!r} of an object is no text; turn it into text first")
    return {_text(key): _value(item) for key, item in value.items()}


def _array(value: Any) -> JSON:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return _value(value[()])
    return [_value(item) for item in value]


def _timestamp(value: Any) -> JSON:
    if value is pd.NaT:
        return None
    return value.isoformat()


def _error(value: Any) -> JSON:
    raise RequestError(value.reason)


def _scalar(value: Any) -> JSON:
    return _value(value.item())


_BY_TYPE: dict[type, Callable[[Any], JSON]] = {
    str: _text,
    bool: _same,
    int: _integer,
    type(None): _null,
    type(pd.NA): _null,
    float: _number,
    Decimal: _number,
    dict: _object,
    list: _array,
    tuple: _array,
    ErrorCell: _error,
    dt.date: _timestamp,
    pd.Timestamp: _timestamp,
}


_BY_BASE: tuple[tuple[type | tuple[type, ...], Callable[[Any], JSON]], ...] = (
    (str, _text),
    ((dt.datetime, dt.date, dt.time, type(pd.NaT)), _timestamp),
    (np.floating, lambda value: _number(float(str(value)))),
    ((np.bool_, np.integer), _scalar),
    (np.datetime64, lambda value: _timestamp(pd.Timestamp(value))),
    (np.ndarray, _array),
    (int, _integer),
    (float, lambda value: _number(float(value))),
    (Mapping, _object),
    ((list, tuple), _array),
)
