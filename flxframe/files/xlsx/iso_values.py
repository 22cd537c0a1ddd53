"""ISO 8601 dates, times and durations in cells. Pure: no network, no clock, no disk."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

_MOMENT = re.compile(
    r"(?:(\d{4}-\d\d-\d\d)T)?(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,40}))?)?(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_DURATION = re.compile(
    r"(-?)P(?:(\d{1,9})D)?"
    r"(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:[.,]\d{1,40})?)S)?)?",
    re.ASCII,
)


def parse_iso(text: str) -> dt.date | dt.time | dt.timedelta | None:
    """Return the date, time or duration of a text, or None if it is something else.

    It is rounded to milliseconds, the smallest unit that a workbook shows.

    Examples
    --------
    >>> parse_iso("2014-01-16T15:59:59.9999999999984025")
    datetime.datetime(2014, 1, 16, 16, 0)
    >>> parse_iso("10:30:00"), parse_iso("soon")
    (datetime.time(10, 30), None)
    """
    if duration := _DURATION.fullmatch(text):
        return _duration(duration)

    moment = _MOMENT.fullmatch(text)
    try:
        return dt.date.fromisoformat(text) if moment is None else _moment(moment)
    except (ValueError, OverflowError):
        return None


def _duration(match: re.Match[str]) -> dt.timedelta | None:
    if not any(match.groups()[1:]):
        return None
    days, hours, minutes = (int(group or 0) for group in match.groups()[1:4])
    seconds = Decimal((match[5] or "0").replace(",", "."))
    try:
        milliseconds = round(seconds * 1000)
        value = dt.timedelta(days, hours=hours, minutes=minutes, milliseconds=milliseconds)
    except OverflowError:
        return None
    return -value if match[1] else value


def _moment(match: re.Match[str]) -> dt.datetime | dt.time:
    day, hour, minute, second, fraction, offset = match.groups()
    start = dt.datetime.fromisoformat(
        f"{day or '2000-01-01'}T{hour}:{minute}:{second or '00'}{offset or ''}"
    )
    milliseconds = round(Decimal(f"0.{fraction or 0}") * 1000)
    moment = start + dt.timedelta(milliseconds=milliseconds)
    return moment if day else moment.timetz()
