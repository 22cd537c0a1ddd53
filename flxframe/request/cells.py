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


class _Blank(enum.Enum):
    """A type of one value, so that `BLANK` can be told from every JSON value, null included."""

    BLANK = "blank"


BLANK: Final = _Blank.BLANK


def float_to_json(cell: float, integral: bool) -> Any:
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


def cell_to_json(cell: object, integral: bool) -> Any:
    if type(cell) is str:
        return _unbroken(cell) if cell else BLANK
    if isinstance(cell, np.floating):
        cell = float(str(cell))  # the digits that a person sees: float32 holds 0.1 as 0.10000000149
    if type(cell) is float:
        return float_to_json(cell, integral)
    if hasattr(cell, "as_py"):  # an Arrow scalar; pyarrow itself need not be here
        return cell_to_json(cell.as_py(), integral)
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
