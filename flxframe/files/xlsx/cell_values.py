"""The content of a cell for a value, such that reading the cell returns the same value.

Pure: no network, no clock, no disk.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from flxframe.dtypes import kind_of
from flxframe.files.digits import MAX_INTEGER
from flxframe.files.error_cells import NOT_FINITE
from flxframe.files.xlsx import xml_edit
from flxframe.files.xlsx.number_formats import (
    DATE,
    DATETIME,
    DATETIME_MS,
    FLOAT,
    LARGE_FLOAT,
    NUMBER,
    NUMBER_TEXT,
    TIME,
    TIME_MS,
    Format,
    display_value,
    parse,
    serial,
)
from flxframe.models import ErrorCell
from flxframe.request.cells import to_json_or_text
from flxframe.request.json_text import encode_cell

MAX_TEXT_LENGTH = 32_767
"""The number of characters that Excel stores in a cell, counted in UTF-16."""

_LARGE = 1e15
_ERROR_VALUES = {"#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"}
_LONG_INTEGER = re.compile(r"-?[1-9][0-9]{15,299}").fullmatch
_ILLEGAL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")


class Entry(NamedTuple):
    """The content of a cell."""

    kind: str
    """``n`` (number), ``b`` (boolean), ``e`` (error), ``inlineStr`` (text) or ``""`` (nothing)."""
    text: str
    code: str | None
    """The number format that keeps the type; None if any number format does."""


NOTHING = Entry("", "", None)


def entry(value: Any, *, date1904: bool = False) -> Entry:
    """Return the content of a cell for a value.

    Examples
    --------
    >>> entry("=1+1"), entry(7.0).code, entry(12345678901234567).kind
    (Entry(kind='inlineStr', text='=1+1', code=None), '0.0##############', 'inlineStr')
    """
    if type(value) is str and value:
        return Entry("inlineStr", value, None)

    kind = kind_of(value)
    if kind == "missing" or (kind == "str" and not value):
        return NOTHING
    if kind == "bool":
        return Entry("b", str(int(value)), None)
    if kind == "int":
        if abs(int(value)) > MAX_INTEGER:
            return Entry("inlineStr", str(value), NUMBER_TEXT)
        return Entry("n", str(value), None)
    if kind == "float":
        return _float(float(value))
    return _other(value, date1904=date1904)


def code_for(content: Entry, number_format: Format, *, is_new: bool) -> str | None:
    """Return the number format that a cell needs for its content, or None to keep its own.

    Parameters
    ----------
    content : Entry
        The cell's new content.
    number_format : Format
        The cell's current format.
    is_new : bool
        Whether flxframe adds the cell; an existing one keeps the user's decimal places.
    """
    present_kind = number_format.kind
    fits = True

    if content.kind == "n":
        needed_kind = "number"
        if content.code is not None:
            needed_kind = parse(content.code).kind
        keeps_places = not is_new and needed_kind == "float"
        fits = present_kind == needed_kind or (keeps_places and present_kind == "number")

        if present_kind == "text" and (keeps_places or needed_kind == "number"):
            fits = _remains_number(content.text, number_format)

    elif content.kind == "inlineStr":
        is_number = content.code is not None
        reads_as_one = present_kind == "number text" and NUMBER.fullmatch(content.text) is not None
        fits = is_number == reads_as_one
        if number_format.texts is not None:
            fits = number_format.texts.show_text(content.text) == content.text

    if fits:
        return None
    return content.code or "General"


def _remains_number(text: str, number_format: Format) -> bool:
    """Return whether a format shows this number as a number."""
    number = float(text)
    return display_value(number, number_format) == number


def like(value: Any, before: Any) -> Any:
    """Convert an answered text to a date or time, if the cell contained one and the text is one.

    Examples
    --------
    >>> like("2026-11-24", dt.date(2026, 11, 23)), like("soon", dt.date(2026, 11, 23))
    (datetime.date(2026, 11, 24), 'soon')
    """
    if not (isinstance(value, str) and isinstance(before, (dt.date, dt.time))):
        return value

    kind = type(before)
    if isinstance(before, dt.datetime):  # or its subclass, pandas' Timestamp
        kind = dt.datetime

    try:
        moment = kind.fromisoformat(value)
    except ValueError:
        return value

    if moment.isoformat() != value:  # reading the date back would not return the workflow's text
        return value
    return moment


def too_long(value: Any) -> int:
    """Return the length of a value's text if it does not fit in a cell, otherwise 0."""
    if type(value) is not str:
        if not isinstance(value, (dict, list, tuple, np.ndarray)):
            return 0
        value = _text(value)

    if 2 * len(value) <= MAX_TEXT_LENGTH:
        return 0
    pairs = sum(character > "\uffff" for character in value)
    length: int = len(value) + pairs
    if length <= MAX_TEXT_LENGTH:
        return 0
    return length


def xml_text(text: str) -> str:
    """Return a text escaped for the XML of a workbook."""
    if not text.isalnum():
        text = _ILLEGAL.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
        text = xml_edit.escape(text)
    return text


def _other(value: Any, *, date1904: bool) -> Entry:
    if isinstance(value, ErrorCell):
        return _error(value.text)

    if isinstance(value, (dt.date, dt.time)):
        return _moment(value, date1904=date1904)

    if isinstance(value, np.floating):
        # A float32 of 0.1 is 0.10000000149, but its text has the displayed digits.
        return NOTHING if np.isnan(value) else _float(float(str(value)))

    if isinstance(value, Decimal) and value.is_infinite():
        return _float(float(value))
    if isinstance(value, Decimal) and value.is_finite():
        number = float(value)
        if Decimal(repr(number)) == value:
            return _float(number)
        return Entry("inlineStr", str(value), NUMBER_TEXT)

    return Entry("inlineStr", _text(value), None)


def _error(text: str) -> Entry:
    """Return the content of an error cell; reading a text would make it one that can be sent."""
    if _LONG_INTEGER(text):
        return Entry("n", text, None)
    return Entry("e", text if text in _ERROR_VALUES else "#VALUE!", None)


def _float(value: float) -> Entry:
    if not math.isfinite(value):
        return Entry("e", NOT_FINITE, None)

    code = None
    if value.is_integer():
        code = FLOAT if abs(value) < _LARGE else LARGE_FLOAT
    return Entry("n", repr(value), code)


def _moment(value: dt.date | dt.time, *, date1904: bool) -> Entry:
    number = serial(value, date1904=date1904)
    if number is None:
        return Entry("inlineStr", value.isoformat(), None)

    code = DATE
    if isinstance(value, dt.datetime):
        code = DATETIME_MS if value.microsecond else DATETIME
    elif isinstance(value, dt.time):
        code = TIME_MS if value.microsecond else TIME
    return Entry("n", repr(number), code)


def _text(value: Any) -> str:
    json_value = to_json_or_text(value)
    if isinstance(json_value, (dict, list)):
        return encode_cell(json_value)
    return str(json_value)
