"""Number formats: the displayed value of a cell's number. Pure: no network, no clock, no disk."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from flxframe.files.xlsx.sections import Sections, split

Kind = Literal["number", "float", "number text", "text", "date", "datetime", "time", "elapsed"]

# These three record types that workbooks do not have: floats such as 7.0, and long numbers.
FLOAT = "0.0##############"
LARGE_FLOAT = "0.0##############E+00"
NUMBER_TEXT = "0;-0;0;@"

DATE = "yyyy-mm-dd"
DATETIME = "yyyy-mm-dd hh:mm:ss"
DATETIME_MS = "yyyy-mm-dd hh:mm:ss.000"
TIME = "hh:mm:ss"
TIME_MS = "hh:mm:ss.000"

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
"""A text that is read as a number in a cell with the format `NUMBER_TEXT`."""

NO_DAY = (
    "0 is not a day: enter the date, or clear the cell (a formula shows 0 for a cell that is blank)"
)
"""The problem of a 0 that is formatted as a date."""

_EAST_ASIAN_DATES = (27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58)
_EAST_ASIAN_TIMES = (32, 33, 34, 35)

_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_HOURS = re.compile(r"\[(?:h+|m+|s+)\]")
_FRACTION = re.compile(r"s[.,]0+")
_DIGIT = re.compile("[0#?]")

_MAX_CODE_LENGTH = 1_000
"""Excel allows 255 characters; a longer code is not read."""

_DAY_MS = 86_400_000
_EPOCH = dt.datetime(1899, 12, 30)
_EPOCH_1904 = dt.datetime(1904, 1, 1)
_AFTER_FALSE_LEAP_DAY = dt.datetime(1900, 3, 1)


@dataclass(frozen=True, slots=True)
class Format:
    """A number format.

    Parameters
    ----------
    code : str
        The format's code, such as ``00000`` or ``yyyy-mm-dd``.
    kind : str
        The kind of the displayed value: a number, a date, a text such as 00123 or nothing ...
    sections : Sections or None
        How it shows numbers, if some are shown as a text or not at all.
    texts : Sections or None
        How it shows texts, if it changes them.
    """

    code: str
    kind: Kind
    sections: Sections | None = None
    texts: Sections | None = None


@lru_cache(maxsize=1_024)
def parse(code: str) -> Format:
    """Return the number format that a code describes.

    Examples
    --------
    >>> [parse(code).kind for code in ("General", "0.00", "00000", "@")]
    ['number', 'number', 'text', 'number']
    >>> [parse(code).kind for code in ("dd/mm/yyyy", "d.m.yy h:mm", "[h]:mm")]
    ['date', 'datetime', 'elapsed']
    """
    if code in (FLOAT, LARGE_FLOAT):
        return Format(code, "float")
    if code.replace("\\", "") == NUMBER_TEXT:  # LibreOffice escapes the minus sign
        return Format(code, "number text")
    if len(code) > _MAX_CODE_LENGTH:
        return Format("General", "number")

    parts = split(code)
    kind = _kind(parts.numbers[0].code)
    sections = parts if parts.changes_numbers else None
    if kind == "number" and sections is not None:
        kind = "text"
    texts = parts if parts.changes_texts else None
    return Format(code, kind, sections, texts)


def builtin(number: int) -> str:
    """Return the code of a format that a workbook identifies only by its number."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS  # noqa: PLC0415  slow to import

    if number in _EAST_ASIAN_DATES:
        return DATE
    if number in _EAST_ASIAN_TIMES:
        return TIME
    return str(BUILTIN_FORMATS.get(number, "General"))


def display_value(
    number: int | float, number_format: Format, *, date1904: bool = False
) -> str | int | float | dt.date | dt.time | None:
    """Return the displayed value: a date, a time, a text, nothing, or the number itself.

    Raises
    ------
    ValueError
        If the format is for dates, but the number is not a date.

    Examples
    --------
    >>> display_value(2134, parse("00000")), display_value(1.5, parse("[h]:mm"))
    ('02134', '36:00:00')
    >>> display_value(46349, parse("d mmm yyyy"))
    datetime.date(2026, 11, 23)
    """
    kind = number_format.kind
    if kind == "float":
        return float(number)
    if kind in ("number", "number text"):
        return number
    if number_format.sections is not None:
        displayed = number_format.sections.show_number(number)
        if displayed is None or kind == "text":
            return displayed

    milliseconds = round(number * _DAY_MS)
    if kind == "elapsed":
        return _elapsed(milliseconds)
    if kind == "time":
        milliseconds %= _DAY_MS
        return (_EPOCH + dt.timedelta(milliseconds=milliseconds)).time()

    moment = _moment(milliseconds, date1904=date1904)
    if kind == "date":
        return moment.date()
    return moment


def serial(value: dt.date | dt.time, *, date1904: bool = False) -> float | int | None:
    """Return the number that a workbook stores for a date or time, or None if it cannot store it.

    It cannot store an offset, microseconds, or a day before March 1900.

    Examples
    --------
    >>> serial(dt.date(2026, 11, 23)), serial(dt.time(6)), serial(dt.date(1899, 12, 31))
    (46349, 0.25, None)
    """
    epoch, first_day = _EPOCH, _AFTER_FALSE_LEAP_DAY
    if date1904:
        epoch = first_day = _EPOCH_1904

    if isinstance(value, dt.datetime):
        moment = value
    elif isinstance(value, dt.date):
        moment = dt.datetime(value.year, value.month, value.day)
    else:
        epoch = first_day = _EPOCH
        moment = dt.datetime.combine(_EPOCH, value)

    if moment.tzinfo is not None or moment.microsecond % 1000:
        return None
    if getattr(moment, "nanosecond", 0) or moment < first_day:
        return None

    elapsed = moment - epoch
    if not isinstance(value, (dt.datetime, dt.time)):
        return elapsed.days
    return elapsed.days + elapsed.seconds / 86_400 + elapsed.microseconds / 86_400e6


def _kind(section: str) -> Kind:
    """Return the kind of a section by its letters, ignoring literal text."""
    if section.lower() in ("", "general", "@"):
        return "number"
    letters = _LITERAL.sub("", section).lower()
    if _HOURS.search(letters):
        return "elapsed"
    if _DIGIT.search(_FRACTION.sub("s", letters)):
        return "number"

    has_date = "y" in letters or "d" in letters
    has_time = "h" in letters or "s" in letters
    if has_date and has_time:
        return "datetime"
    if has_time:
        return "time"
    if has_date or "m" in letters:  # next to hours or seconds, m is minutes
        return "date"
    return "number"


def _moment(milliseconds: int, *, date1904: bool) -> dt.datetime:
    if milliseconds < 0:
        raise ValueError("the date is before the first one that a workbook supports: retype it")
    if date1904:
        return _EPOCH_1904 + dt.timedelta(milliseconds=milliseconds)
    if milliseconds < _DAY_MS:
        raise ValueError(NO_DAY)

    # Excel treats 1900 as a leap year, so days before its 29 February are off by one.
    correction = dt.timedelta(days=milliseconds < 60 * _DAY_MS)
    try:
        return _EPOCH + dt.timedelta(milliseconds=milliseconds) + correction
    except OverflowError:
        raise ValueError("the date is after the year 9999: retype it") from None


def elapsed(duration: dt.timedelta) -> str:
    """Return a duration as it is displayed in hours, minutes and seconds.

    Examples
    --------
    >>> elapsed(dt.timedelta(days=1, minutes=5))
    '24:05:00'
    """
    return _elapsed(round(duration / dt.timedelta(milliseconds=1)))


def _elapsed(milliseconds: int) -> str:
    minutes, seconds = divmod(abs(milliseconds) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    sign = "-" if milliseconds < 0 else ""
    return f"{sign}{hours}:{minutes:02}:{seconds:02}"
