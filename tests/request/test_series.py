"""The cells of a column are converted to JSON all at once."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.exceptions import RequestError
from flxframe.request.cells import BLANK, cell_to_json
from flxframe.request.series import column_to_json


@given(
    st.lists(
        st.none() | st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)), min_size=1
    ),
    st.sampled_from([None, "UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"]),
    st.sampled_from(["s", "us"]),
)
def test_a_column_of_datetimes_is_written_like_each_of_them(
    moments: list[dt.datetime | None], zone: str | None, unit: str
) -> None:
    """Converting them all at once gives the same texts, with an offset if they have one."""
    column = (
        pd.Series(moments, dtype="datetime64[us]")
        .dt.floor(unit)
        .dt.tz_localize("UTC")
        .dt.tz_convert(zone)
    )
    expected = []
    for moment in column.tolist():
        expected.append(BLANK if moment is pd.NaT else moment.isoformat())

    assert column_to_json(column, integral=False) == expected


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, 2]),
        pd.Series([True, False]),
        pd.Series([1, None], dtype="Int64"),
        pd.Series([1, None], dtype="int64[pyarrow]"),
        pd.Series([2.5, None]),
        pd.Series([2.5, None], dtype="Float64"),
        pd.Series(["a", None, "ü", ""]),
        pd.Series(["a", None, 7, [1]], dtype=object),
        pd.Series(["a", None], dtype="category"),
    ],
    ids=lambda column: str(column.dtype),
)
def test_a_column_is_converted_like_each_of_its_cells(column: pd.Series) -> None:
    """In every dtype, the values have Python's own types, which can be written as JSON."""
    values = column_to_json(column, integral=False)

    assert values == [cell_to_json(cell, integral=False) for cell in column.tolist()]
    assert {type(value) for value in values} <= {bool, int, float, str, list, type(BLANK)}


def test_the_table_is_not_changed() -> None:
    """Its cells are converted in a copy."""
    column = pd.Series(["a", None, dt.date(2026, 11, 23)], dtype=object)
    before = column.copy()
    column_to_json(column, integral=False)
    pd.testing.assert_series_equal(column, before)


def test_integers_that_blanks_made_float_are_integers_again() -> None:
    """The exceptions are numbers that a float could have rounded, and infinity."""
    column = pd.Series([7.0, None, 2.0**53])
    integer, blank, rounded = column_to_json(column, integral=True)

    assert (integer, type(integer)) == (7, int)
    assert blank is BLANK
    assert isinstance(rounded, RequestError)

    (infinite,) = column_to_json(pd.Series([float("inf")]), integral=False)

    assert "inf is not a JSON number" in str(infinite)
