"""Tables that look like order lines."""

import pandas as pd
import pytest

from flxframe.request.groups import find_groups
from flxframe.request.line_hints import lines_hint, remarks_of, totals_remarks


@pytest.mark.parametrize(
    "name", ["Order ID", "order_no", "Order", "Order Number", "objects.order.number", "OrderName"]
)
def test_a_table_of_lines_is_noticed(name) -> None:
    """By an order number that repeats in neighbouring rows."""
    hint = lines_hint(pd.DataFrame({name: ["A", "A", "B", "B", "B"], "sku": list("vwxyz")}))
    assert hint is not None
    assert "5 rows, 2 orders" in hint
    assert f"group_by={name!r}" in hint


@pytest.mark.parametrize(
    "table",
    [
        {"Order ID": ["A", "B", "C"], "sku": ["x", "y", "z"]},
        {"Order ID": ["A", "B", "A", "C", "B", "D"], "sku": list("uvwxyz")},
        {"Order ID": ["A", "A"], "sku": ["x", "x"]},
        {"Customer ID": ["A", "A"], "sku": ["x", "y"]},
        {"Order date": ["A", "A"], "sku": ["x", "y"]},
        {"Order ID": [None, None], "sku": ["x", "y"]},
        {"Order ID": []},
    ],
)
def test_other_tables_are_not(table) -> None:
    """Rows might be meant."""
    assert lines_hint(pd.DataFrame(table)) is None
    assert remarks_of(pd.DataFrame(table)) == []


@pytest.mark.parametrize(
    ("keys", "rows"),
    [
        (["1001", "1001 Total", "1002", "Grand Total"], ["row 1", "row 3"]),
        (["A", "Total", "B"], ["row 1"]),
        (["Alpha", "Beta Total"], []),
    ],
)
def test_totals_rows_are_named(keys, rows) -> None:
    """A key that is another one plus Total, or a grand total."""
    table = pd.DataFrame({"Order": keys})
    groups = find_groups(table, ["Order"], fill_down=False)
    remarks = totals_remarks(table, groups, ["Order"])
    assert len(remarks) == len(rows)
    for remark, row in zip(remarks, rows, strict=True):
        assert remark.startswith(row)
