"""The header of a table."""

import json

import openpyxl
import pytest

from flxframe import preview
from flxframe.exceptions import TableError
from flxframe.files.header import find_header, header_at, named_header
from tests.files.test_layout import grid_of


def test_a_legend_next_to_the_header_is_not_a_name():
    """Its merged box begins in the row of the names, and no row is lost."""
    grid = grid_of(
        ["Order", "Country", None, "Legend"], ["#1", "CA"], ["#2", "CA"], merged=[(1, 4, 2, 5)]
    )
    assert find_header(grid, "t.xlsx") == (1, {1: "Order", 2: "Country"})


def test_a_group_of_columns_has_its_names_below():
    """A name keeps its upper row if the lower cell is blank."""
    grid = grid_of(
        ["Order", "Ship to", None, "Note"], [None, "city", "zip"], ["1", "a", "b", "c"],
        merged=[(1, 2, 1, 3)],
    )  # fmt: skip
    names = {1: "Order", 2: "city", 3: "zip", 4: "Note"}
    assert find_header(grid, "t.xlsx") == (2, names)
    assert named_header(grid, 2, "t.xlsx") == names
    assert named_header(grid, 1, "t.xlsx") == {1: "Order", 2: "Ship to", 4: "Note"}


@pytest.mark.parametrize("merged", [(1, 3, 2, 3), (1, 1, 1, 2)])
def test_a_header_that_could_have_two_lines_is_an_error(merged):
    """Whether the second row is names or an order is not guessed."""
    left = merged[1]
    rows = [["Order", "Country", "Note"], ["#1", "CA", "x"], ["#2", "US", "y"]]
    rows[0][1] = "Country" if left == 3 else None
    if left == 3:
        rows[1][2] = None
    rows[0][2], rows[1][2] = ("Note", None) if left == 3 else ("Note", "x")
    grid = grid_of(*rows, merged=[merged])
    message = r"in two rows, 1 and 2, .*header_row=1 or header_row=2 \(--header-row 1 or 2\)"
    with pytest.raises(TableError, match=message):
        find_header(grid, "t.xlsx")
    assert header_at(grid, 1)[1] == "Order"


@pytest.mark.parametrize(
    "rows",
    [
        [["Order", None, "Ship to"], ["no", "date", "city"], ["#1", 46349, "a"], ["#2", 7, "b"]],
        [["Order", None, "Qty"], ["no", "city", "pcs"], ["#1", "a", 2], ["#2", "b", 3]],
        [["Order", "Ship to", None], [None, "city", "zip"], ["#1", "a", "b"], ["#2", "c", "d"]],
        [["Orders", "of May", None], ["no", "city", "qty"], ["#1", "a", 2], ["#2", "b", 3]],
    ],
)
def test_a_second_row_of_names_without_a_merge_is_an_error(rows):
    """It would be sent as an order."""
    message = r"in two rows, 1 and 2, .*header_row=1 or header_row=2 \(--header-row 1 or 2\)"
    with pytest.raises(TableError, match=message):
        find_header(grid_of(*rows), "t.xlsx")
    assert named_header(grid_of(*rows), 2, "t.xlsx") == header_at(grid_of(*rows), 2)


@pytest.mark.parametrize(
    "rows",
    [
        [["Order", "Country"], ["#1", "CA", "note"], ["#2", "US", "note"]],
        [["Order", "Qty"], ["#1", 2, "note"], ["#2", 3, "other"]],
        [["Order", "Phone", "Country"], ["#1", None, "CA", "note"], ["#2", "555", "US"]],
        [["Order", "Price"], ["#1", "none"], ["#2", 7]],
        [["Order", "Country"], ["#1", "CA", "note"]],
        [["objects.o.a", None, "b"], ["x", "y", "z"], ["x", 7, "z"]],
    ],
)
def test_a_first_row_of_texts_is_a_row(rows):
    """A column without a name is not enough."""
    assert find_header(grid_of(*rows), "t.xlsx")[0] == 1


def test_numbers_below_a_wide_name_are_rows():
    """They are not names."""
    grid = grid_of(["Qty", None, "Price"], [1, 2, 3], [4, 5, 6], merged=[(1, 1, 1, 2)])
    assert find_header(grid, "t.xlsx") == (1, {1: "Qty", 3: "Price"})


def test_a_legend_costs_no_order(tmp_path):
    """Every row is sent under its names, and the legend is not."""
    book = openpyxl.Workbook()
    for row in (["Order", "Country", None, "Legend: yellow = checked"], ["#1001", "CA"]):
        book.active.append(row)
    book.active.append(["#1002", "CA"])
    book.active.merge_cells("D1:E2")
    book.save(tmp_path / "t.xlsx")

    shown = preview(tmp_path / "t.xlsx", event_handle="e", object_handle="order", blanks="null")
    bodies = [json.loads(request)["objects"]["order"] for request in shown.rows["request"]]
    assert bodies == [{"Order": "#1001", "Country": "CA"}, {"Order": "#1002", "Country": "CA"}]
