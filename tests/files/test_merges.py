"""Merged cells."""

import openpyxl
import pytest

from flxframe import preview
from flxframe.exceptions import TableError
from flxframe.files.layout import build_table, find_layout
from flxframe.files.merges import fill_down, hide_merged
from tests.files.test_layout import grid_of


def filled(*rows, merged):
    """Return the cells of a sheet, with its merged cells filled down, and the filled ranges."""
    grid = grid_of(*rows, merged=merged)
    hide_merged(grid)
    layout = find_layout(grid, where="t.xlsx")
    ranges = fill_down(grid, layout)
    table = build_table(grid, layout).astype(object)
    return table.where(table.notna(), None).to_numpy().tolist(), ranges


def test_the_cells_of_an_order_are_filled_down_over_its_items():
    """Each item's row has the number of its order."""
    cells, ranges = filled(
        ["number", "sku"], ["1", "A"], [None, "B"], ["2", "C"], merged=[(2, 1, 3, 1)]
    )
    assert cells == [["1", "A"], ["1", "B"], ["2", "C"]]
    assert ranges == [(2, 1, 3, 1)]


def test_a_value_hidden_under_a_merge_is_not_read():
    """Nobody sees it."""
    cells, _ = filled(
        ["number", "sku"], ["1", "A"], ["hidden", "B"], ["2", "C"], merged=[(2, 1, 3, 1)]
    )
    assert cells == [["1", "A"], ["1", "B"], ["2", "C"]]


def test_a_row_without_a_cell_of_its_own_stays_blank():
    """A row that is merged in all columns is the lower part of the row above."""
    cells, ranges = filled(
        ["number", "sku"], ["1", "A"], [], ["2", "C"], merged=[(2, 1, 3, 1), (2, 2, 3, 2)]
    )
    assert cells == [["1", "A"], [None, None], ["2", "C"]]
    assert ranges == []


def test_a_merge_over_columns_fills_only_the_first():
    """The others show nothing."""
    cells, _ = filled(
        ["a", "b", "c"], ["1", "hidden", "A"], [None, None, "B"], merged=[(2, 1, 3, 2)]
    )
    assert cells == [["1", None, "A"], ["1", None, "B"]]


def test_overlapping_merges_do_not_take_forever():
    """No program writes them."""
    grid = grid_of(*[["a", "b"]] * 100, merged=[(1, 1, row, 9) for row in range(1, 2)])
    grid.merged = [(row, 1, 1_048_576, column) for row in range(1, 101) for column in range(2, 400)]
    grid.columns = {column: ["x"] * 400 for column in range(1, 400)}
    with pytest.raises(TableError, match="has merged ranges that overlap: open it in"):
        hide_merged(grid)


def test_the_preview_says_that_cells_were_filled_down(tmp_path):
    """The user sees it before the rows are sent."""
    book = openpyxl.Workbook()
    for row in (["objects.o.number", "objects.o.sku"], ["1", "A"], [None, "B"]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.save(tmp_path / "t.xlsx")
    shown = preview(tmp_path / "t.xlsx", event_handle="e")
    assert "In A2:A3, merged cells were filled down." in str(shown)
    assert shown.rows["request"][1].endswith('{"o":{"number":"1","sku":"B"}}}')
