"""The content of a cell keeps a value and its type."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from flxframe.files.xlsx import number_formats
from flxframe.files.xlsx.cell_values import (
    MAX_TEXT_LENGTH,
    NOTHING,
    Entry,
    code_for,
    entry,
    like,
    too_long,
    xml_text,
)
from flxframe.files.xlsx.number_formats import parse
from flxframe.models import ErrorCell

EMOJI = "\U0001f600"


@pytest.mark.parametrize("value", [None, "", float("nan"), pd.NA, pd.NaT])
def test_a_missing_value_leaves_a_cell_empty(value):
    """A blank value is not written as text."""
    assert entry(value) == NOTHING


@pytest.mark.parametrize(
    ("value", "kind", "text", "code"),
    [
        ("=1+1", "inlineStr", "=1+1", None),
        ("007", "inlineStr", "007", None),
        (np.True_, "b", "1", None),
        (False, "b", "0", None),
        (np.int64(7), "n", "7", None),
        (10**15 - 1, "n", "999999999999999", None),
        (10**15, "inlineStr", "1000000000000000", number_formats.NUMBER_TEXT),
        (7.5, "n", "7.5", None),
        (7.0, "n", "7.0", number_formats.FLOAT),
        (1e15, "n", "1000000000000000.0", number_formats.LARGE_FLOAT),
        (float("inf"), "e", "#NUM!", None),
        (Decimal("-Infinity"), "e", "#NUM!", None),
        (Decimal("1.5"), "n", "1.5", None),
        (
            Decimal("1.00000000000000000001"),
            "inlineStr",
            "1.00000000000000000001",
            number_formats.NUMBER_TEXT,
        ),
        (dt.date(2026, 11, 23), "n", "46349", number_formats.DATE),
        (dt.datetime(2026, 11, 23, 6), "n", "46349.25", number_formats.DATETIME),
        (dt.time(6, 0, 0, 1_000), "n", "0.2500000115740741", number_formats.TIME_MS),
        (dt.date(1800, 1, 1), "inlineStr", "1800-01-01", None),
        (ErrorCell("#N/A", "A1"), "e", "#N/A", None),
        (ErrorCell("#NV", "A1"), "e", "#VALUE!", None),
        (ErrorCell("=A1", "A1"), "e", "#VALUE!", None),
        (ErrorCell("820982911946154500", "A1"), "n", "820982911946154500", None),
        ({"a": [1, "é"]}, "inlineStr", '{"a": [1, "é"]}', None),
    ],
)
def test_a_value_has_the_content_of_its_type(value, kind, text, code):
    """A number format records a type that cells do not have."""
    assert entry(value) == Entry(kind, text, code)


@pytest.mark.parametrize(
    ("value", "present", "is_new", "code"),
    [
        (7, "General", False, None),
        (7, "yyyy-mm-dd", False, "General"),
        (7, number_formats.FLOAT, False, "General"),
        (7.0, "0.00", False, None),
        (7.0, "0.00", True, number_formats.FLOAT),
        (7.0, number_formats.LARGE_FLOAT, True, None),
        (dt.date(2026, 11, 23), "d mmm yy", False, None),
        (dt.date(2026, 11, 23), "0.00", False, number_formats.DATE),
        (10**17, "General", False, number_formats.NUMBER_TEXT),
        (10**17, number_formats.NUMBER_TEXT, False, None),
        ("12", number_formats.NUMBER_TEXT, False, "General"),
        (7.0, "#,###", False, None),
        (7.0, "#,###", True, number_formats.FLOAT),
        (0, "#,###", False, "General"),
        ("007", number_formats.NUMBER_TEXT, False, None),
        ("12", "General", False, None),
        (True, "yyyy-mm-dd", False, None),
        (None, "yyyy-mm-dd", False, None),
    ],
)
def test_a_format_changes_only_where_the_content_needs_it(value, present, is_new, code):
    """The user's format is kept if reading the cell still returns the value."""
    assert code_for(entry(value), parse(present), is_new=is_new) == code


@pytest.mark.parametrize(
    ("value", "present", "code"),
    [
        (7, '"#"0', "General"),
        (7, "0;-0;;@", None),
        (0, "0;-0;;@", "General"),
        (1.5, "00000", None),
        ("A7", '0;0;0;"SKU-"@', "General"),
        ("A7", ";;;", "General"),
        ("A7", "00000;;;@", None),
    ],
)
def test_a_format_that_would_show_something_else_is_replaced(value, present, code):
    """Otherwise the cell would be read as another value, or as blank."""
    assert code_for(entry(value), parse(present), is_new=False) == code


@pytest.mark.parametrize(
    ("value", "before", "after"),
    [
        ("2026-11-24", dt.date(2026, 11, 23), dt.date(2026, 11, 24)),
        ("2026-11-24T06:30:00", pd.Timestamp(0), dt.datetime(2026, 11, 24, 6, 30)),
        ("06:30:00", dt.time(5), dt.time(6, 30)),
        ("20261124", dt.date(2026, 11, 23), "20261124"),
        ("2026-11-24", "2026-11-23", "2026-11-24"),
        (7, dt.date(2026, 11, 23), 7),
    ],
)
def test_an_answered_text_becomes_a_date_where_there_was_one(value, before, after):
    """The text must be exactly as the date would be written."""
    assert like(value, before) == after


@pytest.mark.parametrize(
    ("value", "length"),
    [
        ("x" * MAX_TEXT_LENGTH, 0),
        ("x" * (MAX_TEXT_LENGTH + 1), MAX_TEXT_LENGTH + 1),
        (EMOJI * 16_383, 0),
        (EMOJI * 16_384, 32_768),
        (["x" * MAX_TEXT_LENGTH], MAX_TEXT_LENGTH + 4),
        (10**17, 0),
        (None, 0),
    ],
)
def test_the_length_of_a_text_that_does_not_fit_is_returned(value, length):
    """Characters are counted as Excel counts them, in UTF-16."""
    assert too_long(value) == length


@pytest.mark.parametrize(
    ("text", "xml"),
    [
        ("abc", "abc"),
        ('<a & "b">', "&lt;a &amp; &quot;b&quot;&gt;"),
        ("\x00\ud800", "_x0000__xD800_"),
        ("_x0041_", "_x005F_x0041_"),
        ("a_xyz", "a_xyz"),
        ("line\nfeed\t", "line\nfeed\t"),
    ],
)
def test_a_text_is_escaped_for_the_xml(text, xml):
    """Characters that XML can't contain are written as workbooks write them."""
    assert xml_text(text) == xml
