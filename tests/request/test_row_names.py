"""The names of rows for people."""

import pandas as pd

from flxframe.request.folding import fold
from flxframe.request.row_names import row_name, row_number, unit_of


def test_a_row_of_a_file_has_its_row_in_the_file() -> None:
    """Another one has its position and its index label."""
    table = pd.DataFrame(index=["A-1", "A-2"])
    assert row_name(table, 1) == "row 1 (index 'A-2')"
    assert row_number(table, 1) == 1

    table.attrs["flxframe"] = {"first_row": 5}
    assert row_name(table, 1) == "row 6"
    assert row_number(table, 1) == 6


def test_a_folded_row_is_an_order_with_its_rows() -> None:
    """As people see them."""
    lines = pd.DataFrame({"Order": [7, 8, 7], "objects.order.items[].sku": ["A", "B", "C"]})
    table = fold(lines, ["Order"]).table
    assert row_name(table, 0) == "order 7 (rows 0 to 2)"
    assert row_name(table, 1) == "order 8 (row 1)"
    assert unit_of(table) == "order"
    assert unit_of(lines) == "row"
