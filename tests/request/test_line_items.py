"""Items from lines."""

import pandas as pd
import pytest

from flxframe.request.groups import find_groups
from flxframe.request.line_columns import line_lists
from flxframe.request.line_items import list_cells


def lists_of(columns: dict, *, blanks: str = "omit"):
    """Return the lists of the groups, the lines that have an item, and the errors."""
    table = pd.DataFrame(columns)
    (items,) = line_lists(table.columns, {})
    errors: dict[int, str] = {}
    groups = find_groups(table, ["Order"], fill_down=False)
    cells, has_item = list_cells(table, items, groups, errors, blanks=blanks)
    return cells, has_item.tolist(), errors


def test_a_line_whose_cells_are_blank_has_no_item() -> None:
    """Such as a line for the shipping costs."""
    cells, has_item, _ = lists_of(
        {
            "Order": ["A", "A", "B"],
            "objects.order.items[].sku": ["x", None, None],
            "objects.order.items[].option.size": ["L", "", None],
        }
    )
    assert cells == [[{"sku": "x", "option": {"size": "L"}}], None]
    assert has_item == [True, False, False]


def test_a_blank_cell_of_an_item_is_null_only_on_demand() -> None:
    """As everywhere."""
    columns = {
        "Order": ["A", "A"],
        "objects.order.items[].sku": ["x", "y"],
        "objects.order.items[].n": [7, None],
    }
    assert lists_of(columns)[0] == [[{"sku": "x", "n": 7}, {"sku": "y"}]]
    assert lists_of(columns, blanks="null")[0] == [[{"sku": "x", "n": 7}, {"sku": "y", "n": None}]]


def test_an_item_that_cannot_be_sent_is_the_error_of_its_order() -> None:
    """It names the row and the column."""
    nan = {"Order": ["A", "B"], "objects.order.items[].x": pd.Series([1, {2}], dtype=object)}
    _, _, errors = lists_of(nan)
    assert list(errors) == [1]
    assert "row 1" in errors[1]
    assert "'objects.order.items[].x'" in errors[1]


def test_more_items_follow_those_of_the_lines() -> None:
    """They were answered by an earlier run."""
    columns = {
        "Order": ["A", "A", "B"],
        "objects.order.items[].sku": ["x", "y", "z"],
        "objects.order.items[+]": pd.Series([[{"sku": "z"}], None, "text"], dtype=object),
    }
    cells, _, errors = lists_of(columns)
    assert cells[0] == [{"sku": "x"}, {"sku": "y"}, {"sku": "z"}]
    assert "must have a list" in errors[1]


def test_what_a_workflow_put_in_place_of_a_list_is_sent_as_it_is() -> None:
    """Its lines have no items any more."""
    columns = {
        "Order": ["A", "A"],
        "objects.order.items[].sku": [None, None],
        "objects.order.items[+]": ["none", None],
    }
    assert lists_of(columns)[0] == ["none"]


@pytest.mark.parametrize("count", [1, 10_000])
def test_an_order_can_have_any_number_of_lines(count) -> None:
    """Ten thousand work."""
    columns = {"Order": ["A"] * count, "objects.order.tags[]": [f"t{n}" for n in range(count)]}
    assert len(lists_of(columns)[0][0]) == count
