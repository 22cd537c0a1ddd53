"""The differences between two values, and between two tables."""

from decimal import Decimal

import pandas as pd
import pytest

from flxframe import changes
from flxframe.exceptions import TableError
from flxframe.result.compare import ABSENT, count_changes, differences, equal_json
from tests.result.conftest import build_result


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1.0, True),
        (Decimal("19.90"), Decimal("19.9"), True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        (1, True, False),
        ([0], [False], False),
        (None, "", False),
        ({}, [], False),
        ({"a": None}, {}, False),
        (["a", "b"], ["b", "a"], False),
        (["a"], ["a", None], False),
    ],
)
def test_json_values_are_equal_by_value_and_kind(left, right, equal: bool) -> None:
    """The order of items matters, the order of keys does not; null is not the same as absent."""
    assert equal_json(left, right) is equal
    assert equal_json(right, left) is equal


def test_each_difference_has_its_path_and_both_values() -> None:
    """A value that exists on one side is reported whole, and as absent on the other side."""
    before = {"status": "Open", "old": {"a": 1, "b": 2}, "items": ["x"]}
    after = {"status": "Hold", "items": ["x", {"sku": "y"}], "new": 7}

    assert list(differences(before, after, ("objects",))) == [
        (("objects", "status"), "Open", "Hold"),
        (("objects", "old"), {"a": 1, "b": 2}, ABSENT),
        (("objects", "items", 1), ABSENT, {"sku": "y"}),
        (("objects", "new"), ABSENT, 7),
    ]


def test_changes_are_counted_by_field() -> None:
    """An object that was added or removed counts as the fields that it contains."""
    assert count_changes({"a": 1}, {"a": 1}) == 0
    assert count_changes({"address": {"city": "Troy", "postal": "02134"}}, {}) == 2
    assert count_changes({}, {"items": [{"sku": "x"}, {"sku": "y"}], "tags": []}) == 3


def test_changes_have_one_row_per_field() -> None:
    """A field that only one table has is missing in the other."""
    table = pd.DataFrame({"objects.o.s": ["a", "b"]})
    result = build_result(table, {"o": {"s": "z", "t": 1}}, {"o": {"s": "b"}})

    fields = changes(table, result)

    assert fields[["row", "column", "after"]].values.tolist() == [
        [0, "objects.o.s", "z"],
        [0, "objects.o.t", 1],
    ]
    assert fields["before"].iloc[0] == "a"
    assert pd.isna(fields["before"].iloc[1])


def test_changes_leave_out_rows_that_are_not_ok_in_both_tables() -> None:
    """Their changes are not known."""
    live = pd.DataFrame({"s": ["a", "b", "c"], "run.status": ["ok", "unknown", "ok"]})
    draft = pd.DataFrame({"s": ["x", "y", "z"], "run.status": ["ok", "ok", "rejected"]})
    assert changes(live, draft)["row"].tolist() == [0]


def test_changes_compare_cells_by_value() -> None:
    """A dtype or the kind of a missing value is not a change."""
    before = pd.DataFrame({"number": [7, 8], "tags": [["a"], None], "flag": [1, 1]})
    after = pd.DataFrame({"number": [7.0, 9.0], "tags": [["a"], float("nan")]})
    after["flag"] = pd.Series([1, True], dtype=object)
    fields = changes(before, after)

    assert fields[["row", "column"]].values.tolist() == [[1, "number"], [1, "flag"]]


def test_changes_require_the_same_number_of_rows() -> None:
    """Rows are matched by position."""
    with pytest.raises(TableError, match="`before` has 1 row and `after` has 2 rows"):
        changes(pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1, 2]}))


@pytest.mark.parametrize(
    ("value", "described"),
    [
        (None, "a value of type NoneType"),
        ("orders.xlsx", r"'orders\.xlsx'; to read a file, use read_table"),
        ([1], r"a list with 1 at position 0"),
    ],
)
def test_changes_refuse_a_value_that_is_not_a_table(value, described) -> None:
    """A file name is refused as well; the message says how to read the file."""
    table = pd.DataFrame({"run.status": ["ok"]})
    for tables in ((value, table), (table, value)):
        with pytest.raises(TableError, match=rf"changes\(\) expects a table, .* not {described}"):
            changes(*tables)
