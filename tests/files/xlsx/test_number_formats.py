"""Number formats determine the displayed value of a number."""

import datetime as dt

import pandas as pd
import pytest

from flxframe.files.xlsx import number_formats
from flxframe.files.xlsx.number_formats import builtin, display_value, parse, serial


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("", "number"),
        ("General", "number"),
        ('#,##0.00 "days"', "number"),
        ("[Red]0.0;-0.0", "number"),
        ('"yes"', "number"),
        ("0", "number"),
        ("000-0000", "text"),
        ('"No. "00000;"none"', "text"),
        ("[$-407]d. mmm yyyy", "date"),
        ("mmm", "date"),
        ("mm:ss.000", "time"),
        ("h:mm AM/PM", "time"),
        ("d.m.yy h:mm", "datetime"),
        ("[mm]:ss", "elapsed"),
        (number_formats.FLOAT, "float"),
        (number_formats.LARGE_FLOAT, "float"),
        (number_formats.NUMBER_TEXT, "number text"),
        (r"0;\-0;0;@", "number text"),
    ],
)
def test_a_code_has_a_kind(code, kind):
    """Literal text, colours, conditions and the sections after the first do not count."""
    assert parse(code).kind == kind


@pytest.mark.parametrize(
    ("number", "kind"),
    [(0, "number"), (2, "number"), (14, "date"), (22, "datetime"), (32, "time"), (57, "date")],
)
def test_a_builtin_format_has_a_kind(number, kind):
    """Workbooks identify some formats only by a number, including East Asian ones."""
    assert parse(builtin(number)).kind == kind


@pytest.mark.parametrize(
    ("number", "code", "value"),
    [
        (12345, "000", "12345"),
        (-7, "000", "-007"),
        (1.5, "000", 1.5),
        (5551234, '"tel. "000-0000', "tel. 555-1234"),
        (7, number_formats.FLOAT, 7.0),
        (-1.5, "[h]:mm", "-36:00:00"),
        (1.25, "h:mm", dt.time(6)),
        (59, "yyyy-mm-dd", dt.date(1900, 2, 28)),
        (61, "yyyy-mm-dd", dt.date(1900, 3, 1)),
        (46349.25, "yyyy-mm-dd hh:mm", dt.datetime(2026, 11, 23, 6)),
    ],
)
def test_a_number_is_displayed_by_its_format(number, code, value):
    """A padded number is text, and days are correct around Excel's 29 February 1900."""
    displayed_value = display_value(number, parse(code))
    assert displayed_value == value
    assert type(displayed_value) is type(value)


def test_days_can_be_counted_from_1904():
    """Old Macs did that."""
    assert display_value(0, parse("d/m/yyyy"), date1904=True) == dt.date(1904, 1, 1)
    assert serial(dt.date(1904, 1, 1), date1904=True) == 0
    assert serial(dt.date(1903, 12, 31), date1904=True) is None


@pytest.mark.parametrize(
    ("number", "message"), [(-1, "before the first one"), (2_958_466, "after the year 9999")]
)
def test_a_number_that_is_not_a_date_is_refused(number, message):
    """Only dates from 1900 to 9999 exist in a workbook."""
    with pytest.raises(ValueError, match=message):
        display_value(number, parse("yyyy-mm-dd"))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (dt.date(1900, 3, 1), number_formats.DATE),
        (dt.date(9999, 12, 31), number_formats.DATE),
        (dt.datetime(2026, 11, 23, 23, 59, 59), number_formats.DATETIME),
        (dt.datetime(2026, 11, 23, 6, 30, 0, 1_000), number_formats.DATETIME_MS),
        (dt.time(0), number_formats.TIME),
        (dt.time(23, 59, 59, 999_000), number_formats.TIME_MS),
    ],
)
def test_a_date_or_time_comes_back_from_a_workbook(value, code):
    """Its number is displayed as the same value."""
    assert display_value(serial(value), parse(code)) == value


@pytest.mark.parametrize(
    "value",
    [
        dt.date(1900, 2, 28),
        dt.datetime(2026, 11, 23, 6, 0, 0, 1),
        dt.datetime(2026, 11, 23, tzinfo=dt.UTC),
        dt.time(6, tzinfo=dt.UTC),
        pd.Timestamp("2026-11-23") + pd.Timedelta(1, "ns"),
    ],
)
def test_a_moment_that_a_workbook_would_change_has_no_number(value):
    """It would lose an offset, a fraction of a millisecond or a day."""
    assert serial(value) is None
