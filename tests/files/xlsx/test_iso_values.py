"""ISO 8601 dates, times and durations."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.files.xlsx.iso_values import parse_iso


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-23", dt.date(2026, 11, 23)),
        ("2014-01-16T15:59:59.9999999999984025", dt.datetime(2014, 1, 16, 16)),
        ("2026-12-31T23:59:59.9999", dt.datetime(2027, 1, 1)),
        ("10:59:59.9999999999984025", dt.time(11)),
        ("23:59:59.9999", dt.time(0)),
        ("2026-11-23T06:30:00Z", dt.datetime(2026, 11, 23, 6, 30, tzinfo=dt.UTC)),
        ("PT24H0M0.000S", dt.timedelta(days=1)),
        ("P1DT1H", dt.timedelta(hours=25)),
        ("-PT30M", dt.timedelta(minutes=-30)),
        *[(text, None) for text in ("", "P", "PT", "soon", "2026-02-30", "25:00:00", "7")],
        ("9999-12-31T23:59:59.9999", None),
    ],
)
def test_a_moment_is_rounded_to_milliseconds(text, value):
    """Floats of other programs add noise; other texts have no value."""
    assert parse_iso(text) == value


@given(st.datetimes().map(lambda moment: moment.replace(microsecond=0)))
def test_a_moment_comes_back(moment):
    """So does its time alone."""
    assert parse_iso(moment.isoformat()) == moment
    assert parse_iso(moment.time().isoformat()) == moment.time()
