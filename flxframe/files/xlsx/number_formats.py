"""Number formats: what a person sees where a workbook holds a number. Pure: no network, no clock, no disk."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["number", "float", "integer", "padded", "date", "datetime", "time", "elapsed"]


# Two formats of our own keep a type that a workbook's cells don't have: 7.0 isn't 7, and an integer may have 18 digits.
FLOAT = "0.0##############"


LARGE_FLOAT = "0.0##############E+00"


INTEGER_TEXT = "0;-0;0;@"


DATE = "yyyy-mm-dd"


DATETIME = "yyyy-mm-dd hh:mm:ss"


DATETIME_MS = "yyyy-mm-dd hh:mm:ss.000"


TIME = "hh:mm:ss"


TIME_MS = "hh:mm:ss.000"


_EAST_ASIAN_DATES = (27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58)


_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')


_SECTION = re.compile(r'(?:"[^"]*"|\\.|[^";\\])*')


_BRACKETS = re.compile(r"\[(?!(?:h+|m+|s+)\])[^\]]*\]", re.IGNORECASE)


_PADDED = re.compile(r'"([^"]*)"|\\(.)|([-() /+])|(0)')


_FRACTION = re.compile(r"s[.,]0+")


_DAY_MS = 86_400_000


_EPOCH = dt.datetime(1899, 12, 30)


_EPOCH_1904 = dt.datetime(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class Format:
    """What a number format makes of a number.

    Parameters
    ----------
    code : str
        The format's code, such as ``00000`` or ``yyyy-mm-dd``.
    kind : str
        What a person sees: a number, a date, a text of digits ...
    """

    code: str
    kind: Kind


def parse(code: str) -> Format:
    """Find out what a format's code shows.

    Examples
    --------
    >>> [parse(code).kind for code in ("General", "0.00", "00000", "dd/mm/yyyy", "d.m.yy h:mm", "[h]:mm")]
    ['number', 'number', 'padded', 'date', 'datetime', 'elapsed']
    """
    if code in (FLOAT, LARGE_FLOAT):
        return Format(code, "float")
    if code == INTEGER_TEXT:
        return Format(code, "integer")
    match = _SECTION.match(code)
    section = _BRACKETS.sub("", match.group() if match else "")
    if section.lower() in ("", "general", "@"):
        return Format(code, "number")
    tokens = list(_PADDED.finditer(section))
    if (
        sum(token.group() == "0" for token in tokens) > 1
        and "".join(token.group() for token in tokens) == section
    ):
        return Format(code, "padded")
    letters = _LITERAL.sub("", section).lower()
    if "[" in letters:
        return Format(code, "elapsed")
    if re.search("[0#?]", _FRACTION.sub("s", letters)):
        return Format(code, "number")
    time = "h" in letters or "s" in letters
    if "y" in letters or "d" in letters or ("m" in letters and not time):
        return Format(code, "datetime" if time else "date")
    return Format(code, "time" if time else "number")


def builtin(number: int) -> str:
    """Return the code of a format that workbooks only name by its number."""
    # Imported late: it costs a tenth of a second, and only workbooks need it.
    from openpyxl.styles.numbers import BUILTIN_FORMATS  # noqa: PLC0415  it is slow to import

    if number in _EAST_ASIAN_DATES:
        return DATE
    if number in (32, 33, 34, 35):
        return TIME
    return str(BUILTIN_FORMATS.get(number, "General"))


def shown(number: int | float, look: Format, *, date1904: bool = False) -> Any:
    """Return what a person sees: a date, a time, a text of digits, or the number itself.

    Raises
    ------
    ValueError
        If the number is no date although its format says so.

    Examples
    --------
    >>> shown(2134, parse("00000")), shown(46349, parse("d mmm yyyy")), shown(1.5, parse("[h]:mm"))
    ('02134', datetime.date(2026, 11, 23), '36:00:00')
    """
    if look.kind == "padded":
        return _padded(number, look.code) if number == int(number) else number
    if look.kind == "float":
        return float(number)
    if look.kind in ("number", "integer"):
        return number
    milliseconds = round(number * _DAY_MS)
    if look.kind == "elapsed":
        seconds = abs(milliseconds) // 1000
        return f"{'-' * (number < 0)}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if look.kind == "time":
        return (_EPOCH + dt.timedelta(milliseconds=milliseconds % _DAY_MS)).time()
    moment = _moment(milliseconds, date1904=date1904)
    return moment.date() if look.kind == "date" else moment


def serial(value: dt.date | dt.time, *, date1904: bool = False) -> float | int | None:
    """Return the number that a workbook keeps for a date or time, or None if it can't keep all of it.

    It can't keep an offset, microseconds, or a day before March 1900.

    Examples
    --------
    >>> serial(dt.date(2026, 11, 23)), serial(dt.time(6)), serial(dt.date(1899, 12, 31))
    (46349, 0.25, None)
    """
    if isinstance(value, dt.time):
        kind, moment, epoch = "time", dt.datetime.combine(_EPOCH, value), _EPOCH
    else:
        epoch = _EPOCH_1904 if date1904 else _EPOCH
        kind = "datetime" if isinstance(value, dt.datetime) else "date"
        moment = (
            value
            if isinstance(value, dt.datetime)
            else dt.datetime(value.year, value.month, value.day)
        )
    if moment.tzinfo is not None or moment.microsecond % 1000 or getattr(moment, "nanosecond", 0):
        return None
    if kind != "time" and moment < (epoch if date1904 else dt.datetime(1900, 3, 1)):
        return None
    past = moment - epoch
    number = past.days + past.seconds / 86_400 + past.microseconds / 86_400e6
    return int(number) if kind == "date" else number


def _moment(milliseconds: int, *, date1904: bool) -> dt.datetime:
    if milliseconds < 0:
        raise ValueError("a date before the first day that a workbook knows")
    if date1904:
        return _EPOCH_1904 + dt.timedelta(milliseconds=milliseconds)
    # Excel takes 1900 for a leap year, so the days before its 29 February are one off.
    early = dt.timedelta(days=milliseconds < 60 * _DAY_MS)
    try:
        return _EPOCH + dt.timedelta(milliseconds=milliseconds) + early
    except OverflowError:
        raise ValueError("a date after the year 9999") from None


def _padded(number: int | float, code: str) -> str:
    section = _SECTION.match(code)
    tokens = list(_PADDED.finditer(_BRACKETS.sub("", section.group() if section else "")))
    places = sum(token.group() == "0" for token in tokens)
    digits = str(abs(int(number))).zfill(places)
    extra = len(digits) - places
    text, used = "", 0
    for token in tokens:
        if token.group() == "0":
            upto = used + 1 + (extra if used == 0 else 0)
            text, used = text + digits[used:upto], upto
        else:
            text += token[1] or token[2] or token[3] or ""
    return "-" * (number < 0) + text
