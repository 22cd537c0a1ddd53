"""The result of orders, spread over their lines."""

import pandas as pd
import pytest

from flxframe import changes, plot_outcomes, read_table, write_results
from tests.conftest import run

NUMBER, SKU = "objects.order.number", "objects.order.items[].sku"
LINES = pd.DataFrame(
    {
        "Order": ["A", "B", "A"],
        "eventHandle": "order_import",
        NUMBER: ["A", "B", None],
        SKU: ["x", "y", "z"],
    },
    index=[7, 7, 8],
)


def result_of(api, workflow, lines: pd.DataFrame = LINES) -> pd.DataFrame:
    """Return the result of a workflow that gets each order."""

    def perform(objects: dict) -> None:
        workflow(objects["order"])

    api.add_workflow("order_import", perform)
    return run(lines, api, group_by="Order", journal=False)


def test_rows_index_and_columns_are_those_of_the_lines(api) -> None:
    """Rows of an order can be far apart, and labels can repeat."""
    result = result_of(api, lambda order: None)
    pd.testing.assert_frame_equal(result[LINES.columns], LINES)
    assert result["run.changes"].tolist() == [0, 0, 0]


def test_a_shared_field_that_changed_is_changed_where_it_was_filled(api) -> None:
    """And counted once, on the first line."""
    result = result_of(api, lambda order: order.update(number=order["number"] + "-1"))
    assert result[NUMBER].tolist()[:2] == ["A-1", "B-1"]
    assert pd.isna(result[NUMBER].iloc[2])
    assert result["run.changes"].tolist() == [1, 1, 0]
    assert changes(LINES, result)["row"].tolist() == [0, 1]


def test_a_new_shared_field_is_in_every_row_and_counted_once(api) -> None:
    """Also when it is an object."""
    result = result_of(api, lambda order: order.update(status="Hold", tax={"rate": 7}))
    assert result["objects.order.status"].tolist() == ["Hold"] * 3
    assert result["objects.order.tax.rate"].tolist() == [7] * 3
    assert result["run.changes"].tolist() == [2, 2, 0]
    assert len(changes(LINES, result)) == 4


def test_the_fingerprints_of_the_lines_are_numbered(api) -> None:
    """Each names its line and the number of lines."""
    texts = result_of(api, lambda order: None)["run.fingerprint"].tolist()
    assert ["1/2" in texts[0], "1/1" in texts[1], "2/2" in texts[2]] == [True] * 3


def test_moved_items_are_noted(api) -> None:
    """Each row has its own item's answer."""
    result = result_of(api, lambda order: order["items"].reverse())
    assert result[SKU].tolist() == ["x", "y", "z"]
    (note,) = result.attrs["flxframe"]["notes"]
    assert "objects.order.items: the workflow moved items in 1 order" in note


def test_a_new_field_does_not_replace_a_column_that_is_not_sent(api) -> None:
    """Both are in the result."""
    lines = LINES.rename(columns={"Order": "objects.order.status"})
    settings = {"group_by": "objects.order.status", "columns": {"objects.order.status": None}}
    api.add_workflow("order_import", lambda objects: objects["order"].update(status="Hold"))
    result = run(lines, api, **settings, journal=False)
    assert result["objects.order.status"].tolist() == ["A", "B", "A"]
    assert result["objects.order.status (answered)"].tolist() == ["Hold"] * 3


def test_a_chart_counts_orders_and_rows(api) -> None:
    """A bar of three rows is two orders."""
    pytest.importorskip("matplotlib").use("agg")
    result = result_of(api, lambda order: None)
    assert plot_outcomes(result).get_title(loc="left") == "2 orders (3 rows) by outcome"


def test_changes_of_a_result_from_a_file_are_counted_once_too(api, tmp_path) -> None:
    """A file does not say which columns are shared; their names do."""
    result = result_of(api, lambda order: order.update(status="Hold"))
    read = read_table(write_results(result.reset_index(drop=True), tmp_path / "result.csv"))
    assert changes(LINES, read)["row"].tolist() == [0, 1]
