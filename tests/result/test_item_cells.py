"""The cells of lines, after a workflow changed their items."""

import pandas as pd
import pytest

from flxframe.request.folding import fold
from flxframe.result.item_cells import spread_list

SKU, QTY, MORE = (f"objects.order.items{end}" for end in ("[].sku", "[].qty", "[+]"))
LINES = pd.DataFrame({"Order": ["A", "A", "B"], SKU: ["x", "y", "z"], QTY: [1, 2, 3]})


def spread(answers: list, lines: pd.DataFrame = LINES, statuses: list | None = None):
    """Return the cells of the lines, as lists, and their numbers of changes."""
    folded = fold(lines, ["Order"])
    result = folded.table.assign(**{"run.status": statuses or ["ok"] * len(answers)})
    result[folded.list_names[0]] = pd.Series(answers, index=result.index, dtype=object)
    outcome = spread_list(folded, result, 0, folded.lists[0])
    columns = {name: pd.Series(cells).tolist() for name, cells in outcome.columns.items()}
    return columns, outcome.changes.tolist()


def test_each_line_gets_its_own_item() -> None:
    """By its sku."""
    answers = [[{"sku": "y", "qty": 2}, {"sku": "x", "qty": 9}], [{"sku": "z", "qty": 3}]]
    columns, changes = spread(answers)
    assert columns == {SKU: ["x", "y", "z"], QTY: [9, 2, 3]}
    assert changes == [1, 0, 0]


def test_a_new_field_of_an_item_is_a_column_with_its_path() -> None:
    """Next to those of the table."""
    items = [[{"sku": "x", "qty": 1, "tax": {"rate": 7}}, {"sku": "y", "qty": 2}]]
    columns, changes = spread([*items, [{"sku": "z", "qty": 3}]])
    assert columns["objects.order.items[].tax.rate"][0] == 7
    assert pd.isna(columns["objects.order.items[].tax.rate"][1])
    assert changes == [1, 0, 0]


@pytest.mark.parametrize("gone", [[], [{}], [None], None])
def test_a_line_whose_item_was_removed_is_blank(gone) -> None:
    """Both of its fields changed."""
    columns, changes = spread([[{"sku": "x", "qty": 1}, {"sku": "y", "qty": 2}], gone])
    assert pd.isna(columns[SKU][2])
    assert pd.isna(columns[QTY][2])
    assert MORE not in columns
    assert changes == [0, 0, 2]


def test_items_beyond_the_lines_are_in_the_first_one() -> None:
    """As a list in one cell."""
    items = [{"sku": "x", "qty": 1}, {"sku": "y", "qty": 2}]
    columns, changes = spread([[*items, {"sku": "new"}], [{"sku": "z", "qty": 3}]])
    assert columns[MORE] == [[{"sku": "new"}], None, None]
    assert changes == [1, 0, 0]


def test_items_that_were_added_before_can_be_removed() -> None:
    """Then their cell is blank."""
    lines = LINES.assign(**{MORE: pd.Series([[{"sku": "new"}], None, None], dtype=object)})
    items = [{"sku": "x", "qty": 1}, {"sku": "y", "qty": 2}]
    columns, changes = spread([items, [{"sku": "z", "qty": 3}]], lines)
    assert pd.isna(columns[MORE][0])
    assert changes == [1, 0, 0]


@pytest.mark.parametrize("value", ["none", {"a": 1}, 0, False])
def test_what_is_not_a_list_is_kept(value) -> None:
    """In the cell of further items."""
    columns, _ = spread([[{"sku": "x", "qty": 1}, {"sku": "y", "qty": 2}], value])
    assert columns[MORE][2] == value
    assert pd.isna(columns[SKU][2])


def test_orders_that_are_not_ok_keep_their_cells() -> None:
    """Whatever is in the table of orders."""
    columns, changes = spread([[], []], statuses=["rejected", "unknown"])
    assert columns == {SKU: ["x", "y", "z"], QTY: [1, 2, 3]}
    assert changes == [0, 0, 0]
