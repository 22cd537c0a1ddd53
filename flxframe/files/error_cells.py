"""Error cells in files that flxframe writes: reading one returns an error cell again. Pure.

Written as a text, it would be sent by the next run.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pandas as pd

from flxframe.files.csv_errors import ERROR_VALUES
from flxframe.files.digits import MAX_INTEGER
from flxframe.models import ErrorCell
from flxframe.request.series import column_to_json_or_text

NOT_FINITE = "#NUM!"
"""The error value that spreadsheet programs have for infinity."""

_OTHER_ERROR = "#VALUE!"
_MAX_LENGTH = 300
_KEYS = {"flxframe.error", "reason"}


def values_with_errors(column: pd.Series[Any]) -> list[Any]:
    """Return the cells of a column as they would be sent, with its error cells.

    Examples
    --------
    >>> values_with_errors(pd.Series([7, ErrorCell("#N/A", "B2 shows #N/A"), None], dtype=object))
    [7, ErrorCell(text='#N/A', reason='B2 shows #N/A'), None]
    """
    values = column_to_json_or_text(column)
    if column.dtype != object:
        return values

    for position, cell in enumerate(column.tolist()):
        if type(cell) is ErrorCell:
            values[position] = cell
        elif type(cell) is Decimal and cell.is_infinite():
            values[position] = float(cell)
    return values


def error_value(cell: ErrorCell | float) -> str:
    """Return the text that a .csv file has for an error cell or a float that is not finite.

    Examples
    --------
    >>> cells = ErrorCell("#N/A", ""), ErrorCell("468769001234567890", ""), ErrorCell("=A1", "")
    >>> [error_value(cell) for cell in cells], error_value(float("inf"))
    (['#N/A', '4.68769001234568E+17', '#VALUE!'], '#NUM!')
    """
    if not isinstance(cell, ErrorCell):
        return NOT_FINITE
    if cell.text in ERROR_VALUES:
        return cell.text
    return _shortened(cell.text) or _OTHER_ERROR


def to_record(cell: ErrorCell) -> dict[str, str]:
    """Return an error cell as an object of a JSON file.

    Examples
    --------
    >>> from_record(to_record(ErrorCell("#N/A", "B2 shows #N/A")))
    ErrorCell(text='#N/A', reason='B2 shows #N/A')
    """
    return {"flxframe.error": cell.text, "reason": cell.reason}


def from_record(value: Any) -> Any:
    """Return the error cell that an object of a JSON file is, or the value if it is not one."""
    if type(value) is dict and value.keys() == _KEYS and set(map(type, value.values())) == {str}:
        return ErrorCell(value["flxframe.error"], value["reason"])
    return value


def _shortened(text: str) -> str | None:
    """Return an integer that has lost its last digits as spreadsheet programs shorten it."""
    if not text.removeprefix("-").isdecimal() or len(text) > _MAX_LENGTH:
        return None
    number = float(text)
    return f"{number:.14E}" if abs(number) > MAX_INTEGER and math.isfinite(number) else None
