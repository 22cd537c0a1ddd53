"""A column of Python values gets the dtype that keeps each of them."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from flxframe.dtypes import column_array, data_frame, kind_of


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        ([1, 2], "int64"),
        ([1, None], "Int64"),
        ([True, False], "bool"),
        ([True, None], "boolean"),
        ([1.5, None], "float64"),
        ([1.5, float("nan")], "float64"),
        ([1, 2.5], "object"),
        ([1, "a"], "object"),
        ([2**70, 1], "object"),
        ([True, 1], "object"),
        ([None, None], "object"),
        ([], "object"),
        ([[1], {"a": 1}], "object"),
        ([Decimal("1.5"), None], "object"),
        ([np.int32(7), pd.NA], "Int64"),
        ([dt.datetime(2026, 11, 23), None], "datetime64[us]"),
        ([dt.datetime(2026, 11, 23, tzinfo=dt.UTC)], "object"),
        (["a", "\ud83d"], "object"),
    ],
)
def test_a_column_keeps_its_values(cells: list, dtype: str) -> None:
    """No value is rounded, and none becomes a text."""
    array = column_array(cells)
    assert str(array.dtype) == dtype
    for value, cell in zip(array, cells, strict=True):
        assert kind_of(value) == kind_of(cell) == "missing" or value == cell


@pytest.mark.parametrize(
    ("cells", "dtype"), [([1, 2.5], "float64"), ([2**53, 2.5], "object"), ([1, None], "Int64")]
)
def test_in_a_file_integers_join_floats_if_no_digit_is_lost(cells: list, dtype: str) -> None:
    """A column of a file has one type."""
    assert str(column_array(cells, join_numbers=True).dtype) == dtype


def test_a_table_keeps_the_dtype_of_each_column() -> None:
    """An unpaired surrogate can only be in a column of objects."""
    columns = {"t": column_array(["\ud83d", "x"]), "n": column_array([7, None])}
    table = data_frame(columns, 2)
    assert list(map(str, table.dtypes)) == ["object", "Int64"]
    assert table["t"].tolist() == ["\ud83d", "x"]
