"""Cells to JSON: what a cell shows is what is sent. Pure: no network, no clock, no disk.

=====================================================  =========================================
cell                                                   JSON
=====================================================  =========================================
blank (None, NaN, NaT, NA, "")                         `BLANK`
str, bool, int (of at most 4,300 digits), float        the same
integral float in a column that blanks made float      integer
numpy and Arrow scalars                                as their Python counterparts
datetime, date, time, Timestamp                        ISO 8601 text, with its offset if any
Decimal                                                number, of at most 4,300 digits
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
from flxframe.request.sizes import MAX_DIGITS, is_short, is_too_deep

_TOO_LONG = "a number with thousands of digits can't be sent; fix the cell"

_TOO_DEEP = "the value is nested too deeply, or contains itself"

_MAX_INTEGER = 10**MAX_DIGITS

_NUMPY_TIMES = (np.datetime64, np.timedelta64)


class _Blank(enum.Enum):
    """The type of `BLANK`, so that it differs from every JSON value, including null."""

    BLANK = "blank"


BLANK: Final = _Blank.BLANK


def cell_to_json(cell: object, *, integral: bool) -> Any:
    """Return the JSON value of a cell, `BLANK`, or a `RequestError` that says why it has none.

    Parameters
    ----------
    cell : object
        The cell.
    integral : bool
        Whether only missing values made its column float; see `is_integral`.

    Examples
    --------
    >>> cell_to_json(7.0, integral=True), cell_to_json("", integral=False)
    (7, <_Blank.BLANK: 'blank'>)
    """
    if type(cell) is str:
        return _check_text(cell) if cell else BLANK
    if isinstance(cell, np.floating):
        cell = float(str(cell))  # keep the displayed digits: a float32 of 0.1 is 0.10000000149
    if type(cell) is float:
        return float_to_json(cell, integral=integral)
    if hasattr(cell, "as_py"):  # an Arrow scalar, but pyarrow might not be installed
        return cell_to_json(cell.as_py(), integral=integral)

    if cell is None or cell is pd.NA or cell is pd.NaT:
        return BLANK
    if (
        (isinstance(cell, str) and not cell)
        or (isinstance(cell, Decimal) and cell.is_nan())
        or (isinstance(cell, _NUMPY_TIMES) and np.isnat(cell))
    ):
        return BLANK

    try:
        return to_json(cell)
    except RequestError as error:
        return error


def float_to_json(cell: float, *, integral: bool) -> Any:
    """Return the JSON value of a float, as `cell_to_json` does."""
    if math.isnan(cell):
        return BLANK
    if math.isinf(cell):
        return _not_finite_error(cell)
    if not integral:
        return cell

    if abs(cell) >= MAX_EXACT_FLOAT:
        return RequestError(
            "the column became float because of blanks "
            f"and lost the last digits of {cell!r}; "
            "read the column as text (dtype=str) or as Int64"
        )
    return int(cell)


def to_json(value: object) -> JSON:
    """Return the JSON value of a Python value; missing values in dicts and lists are null.

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
        converted = _convert(value)
    except RecursionError:
        raise RequestError(_TOO_DEEP) from None

    if isinstance(converted, (dict, list)) and is_too_deep(converted):
        raise RequestError(_TOO_DEEP)
    return converted


def to_json_or_text(cell: object) -> JSON:
    """Return a cell as JSON, or its text if it has no JSON value; None if it is missing.

    This is for columns that are not sent, which can contain anything.

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


def _convert(value: object) -> JSON:
    convert = _BY_TYPE.get(type(value))
    if convert is not None:
        return convert(value)

    for base, convert in _BY_BASE:
        if isinstance(value, base):
            return convert(value)

    if hasattr(value, "as_py"):
        return _convert(value.as_py())
    raise RequestError(
        f"a value of type {type(value).__name__} can't be sent; "
        "convert it to text or a number first"
    )


def _keep(value: Any) -> JSON:
    return value


def _convert_missing(_value: Any) -> JSON:
    return None


def _convert_text(value: str) -> JSON:
    text = _check_text(str.__str__(value))
    if isinstance(text, RequestError):
        raise text
    return text


def _check_text(text: str) -> str | RequestError:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        context = text[max(0, error.start - 20) : error.start]
        return RequestError(
            f"the text contains an unpaired surrogate after {context!r}, "
            "which can't be sent; retype it"
        )
    return text


def _convert_integer(value: int) -> JSON:
    if abs(value) >= _MAX_INTEGER:
        raise RequestError(_TOO_LONG)
    return int(value)


def _convert_float(value: float) -> JSON:
    if not math.isfinite(value):
        raise _not_finite_error(value)
    return value


def _convert_decimal(value: Decimal) -> JSON:
    if not value.is_finite():
        raise _not_finite_error(value)
    if not is_short(value):
        raise RequestError(_TOO_LONG)
    return value


def _not_finite_error(cell: object) -> RequestError:
    return RequestError(f"{cell} is not a JSON number; leave the cell blank or enter a number")


def _convert_object(value: Mapping[Any, Any]) -> JSON:
    for key in value:
        if not isinstance(key, str):
            raise RequestError(
                f"the key {key!r} of an object is not text; convert it to text first"
            )

    members = {}
    for key, item in value.items():
        members[_convert_text(key)] = _convert(item)
    return members


def _convert_array(value: Any) -> JSON:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return _convert(value[()])
    return [_convert(item) for item in value]


def _convert_timestamp(value: Any) -> JSON:
    if value is pd.NaT:
        return None
    return value.isoformat()


def _refuse_error(value: ErrorCell) -> JSON:
    raise RequestError(value.reason)


def _convert_scalar(value: Any) -> JSON:
    return _convert(value.item())


_BY_TYPE: dict[type, Callable[[Any], JSON]] = {
    str: _convert_text,
    bool: _keep,
    int: _convert_integer,
    type(None): _convert_missing,
    type(pd.NA): _convert_missing,
    float: _convert_float,
    Decimal: _convert_decimal,
    dict: _convert_object,
    list: _convert_array,
    tuple: _convert_array,
    ErrorCell: _refuse_error,
    dt.date: _convert_timestamp,
    pd.Timestamp: _convert_timestamp,
}

_BY_BASE: tuple[tuple[type | tuple[type, ...], Callable[[Any], JSON]], ...] = (
    (str, _convert_text),
    ((dt.datetime, dt.date, dt.time, type(pd.NaT)), _convert_timestamp),
    (np.floating, lambda value: _convert_float(float(str(value)))),
    ((np.bool_, np.integer), _convert_scalar),
    (np.datetime64, lambda value: _convert_timestamp(pd.Timestamp(value))),
    (np.ndarray, _convert_array),
    (int, _convert_integer),
    (float, lambda value: _convert_float(float(value))),
    (Mapping, _convert_object),
    ((list, tuple), _convert_array),
)
