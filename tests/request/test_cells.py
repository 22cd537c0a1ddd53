"""Cells to JSON: what a cell shows is what is sent."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from flxframe.exceptions import RequestError
from flxframe.models import ErrorCell
from flxframe.request.cells import to_json, to_json_or_text
from tests.request.conftest import bodies


@pytest.mark.parametrize(
    ("cells", "sent"),
    [
        (["00123"], '"00123"'),
        ([7, None], "7"),
        ([7.0, 8.0], "7.0"),
        ([7.5, None], "7.5"),
        (pd.array([7, None], dtype="Int64"), "7"),
        (pd.array([7, None], dtype="int64[pyarrow]"), "7"),
        (np.array([0.1], dtype="float32"), "0.1"),
        (pd.array([0.1, None], dtype="Float32"), "0.1"),
        (pd.array([0.1, None], dtype="float[pyarrow]"), "0.1"),
        (pd.array([2**64 - 1, None], dtype="uint64[pyarrow]"), "18446744073709551615"),
        (pd.array([True, None], dtype="boolean"), "true"),
        ([820982911946154508], "820982911946154508"),
        ([10**30], "1" + "0" * 30),
        ([True, None], "true"),
        ([Decimal("0.12345678901234567890")], "0.12345678901234567890"),
        ([dt.date(2026, 11, 23)], '"2026-11-23"'),
        ([dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)], '"2026-11-23T08:00:00+00:00"'),
        ([[1, {"a": None}]], '[1,{"a":null}]'),
        ([np.array([1, 2])], "[1,2]"),
    ],
)
def test_a_cell_is_sent_as_it_is_displayed(cells: object, sent: str) -> None:
    """Each case is a kind of cell and the JSON that is sent."""
    table = pd.DataFrame({"objects.order.x": cells})

    assert bodies(table)[0] == f'{{"order":{{"x":{sent}}}}}'


@pytest.mark.parametrize(
    "cell",
    [
        float("inf"),
        b"x",
        [float("nan")],
        {1: 2},
        dt.timedelta(1),
        "\ud800",
        {"\ud800": 1},
        {1},
        10**4300,
        Decimal("1e999999"),
        Decimal("1e-999999"),
        Decimal("0." + "3" * 4301),
        ErrorCell("#N/A", "cell C7 is #N/A"),
    ],
    ids=lambda cell: type(cell).__name__,
)
def test_a_cell_without_a_json_value_makes_its_row_invalid(cell: object) -> None:
    """The error names the column; the row next to it is sent."""
    table = pd.DataFrame({"objects.order.x": pd.Series([cell, "fine"], dtype=object)})
    invalid, valid = bodies(table)

    assert "objects.order.x" in str(invalid)
    assert valid == '{"order":{"x":"fine"}}'


@pytest.mark.parametrize(
    "blank",
    [
        None,
        float("nan"),
        pd.NA,
        pd.NaT,
        "",
        np.datetime64("NaT"),
        Decimal("NaN"),
        np.float32("nan"),
        pa.scalar(None),
    ],
    ids=repr,
)
def test_every_kind_of_missing_value_is_a_blank(blank: object) -> None:
    """It is blank even next to other values in a column of objects."""
    cells = pd.Series([blank, "y"], dtype=object)
    table = pd.DataFrame({"objects.order.a": "x", "objects.order.b": cells})

    assert bodies(table) == ['{"order":{"a":"x"}}', '{"order":{"a":"x","b":"y"}}']


def test_an_integer_that_a_float_column_rounded_is_refused() -> None:
    """Blanks made the column float, so the last digits of the file are lost."""
    table = pd.DataFrame({"objects.order.id": [820982911946154508, None]})
    (invalid, _) = bodies(table)

    assert "became float because of blanks and lost the last digits of 8.2098" in str(invalid)


def test_a_value_that_contains_itself_makes_its_row_invalid() -> None:
    """A value that is nested too deeply does too."""
    itself: list = []
    itself.append(itself)

    deep: list = []
    for _ in range(300):
        deep = [deep]

    table = pd.DataFrame({"objects.order.x": [itself, deep]})

    assert all("nested too deeply" in str(error) for error in bodies(table))


def test_a_missing_value_inside_a_value_is_null() -> None:
    """Only a whole cell can be blank."""
    assert to_json({"a": None, "b": [pd.NA, pd.NaT]}) == {"a": None, "b": [None, None]}


def test_an_unsent_cell_without_a_json_value_is_its_text() -> None:
    """A column that is not sent can contain anything."""
    assert to_json_or_text(ErrorCell("#N/A", "cell C7 is #N/A")) == "#N/A"
    assert to_json_or_text(float("inf")) == "inf"
    assert to_json_or_text(Decimal("2.50")) == Decimal("2.50")


def test_an_error_cell_is_refused_with_its_reason() -> None:
    """The reason names the cell of the file."""
    with pytest.raises(RequestError, match="cell C7 is #N/A"):
        to_json([ErrorCell("#N/A", "cell C7 is #N/A")])
