"""What a workbook's cell holds for a value, so that it comes back as it was. Pure: no network, no clock, no disk."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from flxframe.dtypes import kind_of
from flxframe.files.digits import MAX_INTEGER
from flxframe.files.xlsx import number_formats, xml_edit
from flxframe.models import ErrorCell
from flxframe.request.cells import to_json_or_text

LONGEST_TEXT = 32_767
"""The most characters that Excel keeps in a cell, counted as UTF-16 does."""


_ILLEGAL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")


_INTEGER = re.compile(r"-?[1-9][0-9]*")


_LARGE = 1e15


class Entry(NamedTuple):
    """What a cell holds."""

    kind: str
    """``n`` (a number), ``b`` (a boolean), ``e`` (an error), ``inlineStr`` (a text) or ``""`` (nothing)."""
    text: str
    code: str | None
    """The number format that keeps the type; None if any that shows a number as a number will do."""


NOTHING = Entry("", "", None)


def entry(value: Any, *, date1904: bool = False) -> Entry:
    """Return what a cell holds for a value.

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
        return Entry("b", "1" if value else "0", None)
    if kind == "int":
        large = abs(int(value)) > MAX_INTEGER
        return (
            Entry("inlineStr", str(value), number_formats.INTEGER_TEXT)
            if large
            else Entry("n", str(value), None)
        )
    if kind == "float":
        return _float(float(value))
    return _other(value, date1904=date1904)


def _other(value: Any, *, date1904: bool) -> Entry:
    if isinstance(value, ErrorCell):
        return Entry("e" if value.text.startswith("#") else "inlineStr", value.text, None)
    if isinstance(value, (dt.date, dt.time)):
        return _moment(value, date1904=date1904)
    if isinstance(value, Decimal) and value.is_finite() and Decimal(repr(float(value))) == value:
        return _float(float(value))
    return Entry("inlineStr", _text(value), None)


def code_for(found: Entry, look: number_formats.Format, *, is_new: bool) -> str | None:
    """Return the number format that a cell must get to show its entry as what it is, or None if it may keep its own.

    Parameters
    ----------
    found : Entry
        What the cell is to hold.
    look : Format
        The number format that it has.
    is_new : bool
        Whether the cell is of our making; one that a person has formatted keeps its decimal places.
    """
    if found.kind == "n":
        if found.code is None:
            return None if look.kind == "number" else "General"
        wanted = number_formats.parse(found.code).kind
        return (
            None
            if look.kind == wanted or (wanted == "float" and look.kind == "number" and not is_new)
            else found.code
        )
    if found.kind == "inlineStr":
        if found.code is not None:
            return None if look.kind == "integer" else found.code
        return "General" if look.kind == "integer" and _INTEGER.fullmatch(found.text) else None
    return None


def like(value: Any, before: Any) -> Any:
    """Return an answered text as the date or time that it is, where the cell held one before.

    Examples
    --------
    >>> like("2026-11-24", dt.date(2026, 11, 23)), like("soon", dt.date(2026, 11, 23))
    (datetime.date(2026, 11, 24), 'soon')
    """
    if isinstance(value, str) and isinstance(before, (dt.date, dt.time)):
        kind = dt.datetime if isinstance(before, dt.datetime) else type(before)
        try:
            found = kind.fromisoformat(value)
        except ValueError:
            return value
        return found if found.isoformat() == value else value
    return value


def too_long(value: Any) -> int:
    """Return how long a value's text is if no cell can hold it, else 0."""
    if type(value) is not str:
        if not isinstance(value, (dict, list, tuple, np.ndarray)):
            return 0
        value = _text(value)
    if 2 * len(value) <= LONGEST_TEXT:
        return 0
    length = len(value) + sum(character > "\uffff" for character in value)
    return length if length > LONGEST_TEXT else 0


def xml_text(text: str) -> str:
    """Return a text as it stands in a workbook's XML."""
    if not text.isalnum():
        text = _ILLEGAL.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
        text = xml_edit.escape(text)
    return text


def _float(value: float) -> Entry:
    if not math.isfinite(value):
        return Entry("inlineStr", str(value), None)
    code = None
    if value.is_integer():
        code = number_formats.FLOAT if abs(value) < _LARGE else number_formats.LARGE_FLOAT
    return Entry("n", repr(value), code)


def _moment(value: dt.date | dt.time, *, date1904: bool) -> Entry:
    number = number_formats.serial(value, date1904=date1904)
    if number is None:
        return Entry("inlineStr", value.isoformat(), None)
    if isinstance(value, dt.datetime):
        code = number_formats.DATETIME_MS if value.microsecond else number_formats.DATETIME
    elif isinstance(value, dt.time):
        code = number_formats.TIME_MS if value.microsecond else number_formats.TIME
    else:
        code = number_formats.DATE
    return Entry("n", repr(number), code)


def _text(value: Any) -> str:
    sent = to_json_or_text(value)
    return (
        json.dumps(sent, ensure_ascii=False, default=str)
        if isinstance(sent, (dict, list))
        else str(sent)
    )
