"""A column gets new values and keeps its dtype if possible."""

import warnings

import numpy as np
import pandas as pd
import pytest
from pandas.arrays import IntegerArray

from flxframe.result.update import update_column


@pytest.mark.parametrize(
    ("column", "value", "dtype"),
    [
        (pd.Series([7, 8]), 9, "int64"),
        (pd.Series([7, 8], dtype="int8"), 9, "int8"),
        (pd.Series([7, 8], dtype="int8"), 1000, "int64"),
        (pd.Series([7, 8]), None, "Int64"),
        (pd.Series([7, 8]), "9", "object"),
        (pd.Series([7, 8]), True, "object"),
        (pd.Series([7, None]), 9, "Int64"),
        (pd.Series([7.5, None]), 9, "float64"),
        (pd.Series([True, False]), None, "boolean"),
        (pd.Series([True, False]), 1, "object"),
        (pd.Series([None, None], dtype=object), 9, "Int64"),
    ],
)
def test_a_column_keeps_its_dtype_if_the_dtype_keeps_the_value(column, value, dtype: str) -> None:
    """Otherwise it gets a dtype that does; the other cells stay as they are."""
    array = update_column(column, {0: value})
    if value is None:
        assert pd.isna(array[0])
    else:
        assert array[0] == value
        assert isinstance(array[0], bool | str) is isinstance(value, bool | str)

    assert pd.isna(array[1]) if pd.isna(column[1]) else array[1] == column[1]
    assert array.dtype == dtype


@pytest.mark.parametrize(
    ("value", "stays_date"),
    [("2026-12-01", True), ("2026-12-01T10:30:00", True), (None, True)]
    + [(text, False) for text in ("now", "nat", "12:00", "2026-13-45", "20261201")],
)
def test_a_column_of_dates_accepts_only_iso_dates_as_dates(value, stays_date: bool) -> None:
    """Pandas also reads other texts as dates, among them "now"."""
    column = pd.Series(pd.to_datetime(["2026-01-02", "2026-01-03"]))
    array = update_column(column, {1: value})

    assert pd.api.types.is_datetime64_any_dtype(array.dtype) is stays_date
    assert array[0] == column[0]
    if not stays_date:
        assert array[1] == value


@pytest.mark.parametrize("value", ["a", "new"])
def test_a_changed_column_of_categories_becomes_a_column_of_texts(value: str) -> None:
    """A workflow can write values that are not among the categories."""
    array = update_column(pd.Series(["a", "b"], dtype="category"), {1: value})
    assert array.tolist() == ["a", value]
    assert not isinstance(array.dtype, pd.CategoricalDtype)


def test_the_column_itself_is_not_changed() -> None:
    """The caller's table stays as it is."""
    column = pd.Series(["a", "b"])
    assert update_column(column, {1: "z"}).tolist() == ["a", "z"]
    assert column.tolist() == ["a", "b"]


class WarningArray(IntegerArray):
    """An array that warns when it is asked for blanks, as arrays of other libraries do."""

    def isna(self):
        warnings.warn("the unit is ignored", UserWarning, stacklevel=1)
        return super().isna()


def test_a_warning_that_is_an_error_keeps_the_values() -> None:
    """The suite turns warnings into errors, as `python -W error` does."""
    column = pd.Series(WarningArray(np.array([7, 8]), np.zeros(2, dtype=bool)))
    assert list(update_column(column, {1: 9})) == [7, 9]
