"""Tables of lines, folded to orders."""

import pandas as pd
import pytest

from flxframe.exceptions import RequestError, TableError
from flxframe.options import RunOptions
from flxframe.request.folding import fold

LINES = pd.DataFrame(
    {
        "Order": ["A", "A", "B"],
        "objects.order.number": ["A", None, "B"],
        "objects.order.items[].sku": ["x", "y", "z"],
        "Note": ["1", "2", "3"],
    }
)


def bodies(lines: pd.DataFrame, **settings) -> list:
    """Return what the groups of a table would send; an error as its text."""
    plan, _ = RunOptions(**{"event_handle": "e", "group_by": "Order", **settings}).plan(lines)
    found = []
    for _, request in plan.requests():
        is_error = isinstance(request, RequestError)
        found.append(str(request) if is_error else request.body()["objects"])
    return found


def test_the_rows_of_an_order_are_one_request() -> None:
    """With an item for each, in their order."""
    assert bodies(LINES) == [
        {"order": {"number": "A", "items": [{"sku": "x"}, {"sku": "y"}]}},
        {"order": {"number": "B", "items": [{"sku": "z"}]}},
    ]


def test_columns_get_their_paths_from_an_argument() -> None:
    """Those of items, and those that the order shares."""
    lines = pd.DataFrame({"Order": ["A", "A"], "SKU": ["x", "y"], "City": ["Bern", None]})
    columns = {"SKU": "objects.order.items[].sku", "City": "objects.order.city"}
    items = [{"sku": "x"}, {"sku": "y"}]
    assert bodies(lines, columns=columns) == [{"order": {"city": "Bern", "items": items}}]


def test_under_an_object_handle_every_other_column_is_shared() -> None:
    """One that varies within an order is named once, with its way out."""
    lines = pd.DataFrame({"Order": ["A", "A"], "sku": ["x", "y"], "City": ["Bern", "Bern"]})
    (error,) = bodies(lines, object_handle="order")
    assert error.count("'sku'") == 1
    assert "objects.order.items[].sku" in error

    columns = {"sku": "objects.order.items[].sku"}
    (sent,) = bodies(lines, object_handle="order", columns=columns)
    assert sent["order"]["City"] == "Bern"
    assert sent["order"]["Order"] == "A"


def test_two_lists_in_one_order() -> None:
    """Lines of items, and lines of notes."""
    lines = pd.DataFrame(
        {
            "Order": ["A", "A", "A"],
            "objects.order.items[].sku": ["x", None, "y"],
            "objects.order.notes[]": [None, "hello", "you"],
        }
    )
    assert bodies(lines) == [
        {"order": {"items": [{"sku": "x"}, {"sku": "y"}], "notes": ["hello", "you"]}}
    ]


def test_defaults_are_filled_in_after_grouping() -> None:
    """A cell of any line takes precedence over the argument."""
    lines = LINES.assign(eventHandle=[None, "own", None])
    plan, _ = RunOptions(event_handle="default", group_by="Order").plan(lines)
    assert [request.eventHandle for _, request in plan.requests()] == ["own", "default"]


def test_a_row_with_a_blank_key_is_invalid() -> None:
    """Unless it belongs to the order above."""
    lines = LINES.assign(Order=["A", None, "B"])
    first, blank, _ = bodies(lines)
    assert "'Order' is blank" in blank
    assert first["order"]["items"] == [{"sku": "x"}]
    assert len(bodies(lines, fill_down=True)) == 2


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"Order": "objects.order.items[].order"}, "group_by='Order'"),
        ({"Note": "objects.order.items[0].note"}, "both fill objects.order.items"),
        ({"Note": "objects.order.items"}, "both fill objects.order.items"),
        ({"Note": "objects.order"}, "both fill objects.order.items"),
        ({"Nota": "objects.order.x"}, "Did you mean 'Note'"),
    ],
)
def test_columns_that_contradict_each_other_are_one_sentence(columns, problem) -> None:
    """It names both."""
    with pytest.raises(TableError, match=problem):
        fold(LINES, ["Order"], columns=columns)


def test_a_damaged_order_is_the_only_invalid_one() -> None:
    """The others are sent."""
    lines = pd.concat([LINES, LINES.tail(1).assign(**{"objects.order.number": "C"})])
    first, second = bodies(lines.reset_index(drop=True))
    assert first["order"]["number"] == "A"
    assert "differs between the rows of the order" in second


def test_an_empty_table_has_no_orders() -> None:
    """It is not an error."""
    assert bodies(LINES.head(0)) == []


def test_a_key_that_is_not_sent_can_be_blank_in_any_way() -> None:
    """It is not a shared column: only its rows matter."""
    lines = pd.DataFrame({"Order": ["A", " ", None], "objects.order.items[].sku": list("xyz")})
    folded = fold(lines, ["Order"], fill_down=True)
    assert folded.groups.of(0) == [0, 1, 2]
    assert not folded.errors
