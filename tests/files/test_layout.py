"""The position of the table in a sheet."""

import pytest

from flxframe.exceptions import TableError
from flxframe.files.grid import Grid, TableRange
from flxframe.files.header import has_request_fields
from flxframe.files.layout import (
    Layout,
    build_table,
    column_names,
    find_layout,
    is_request_field,
)


def grid_of(*rows, merged=()):
    """Return a sheet of rows."""
    grid = Grid("Orders", merged=list(merged))
    for row_number, cells in enumerate(rows, 1):
        for column, value in enumerate(cells, 1):
            if value is not None:
                grid.put(row_number, column, value)
    return grid


def layout_of(*rows, merged=(), header_row=None):
    """Return the layout of a sheet of rows."""
    return find_layout(grid_of(*rows, merged=merged), where="orders.xlsx", header_row=header_row)


def test_a_header_with_request_fields_is_found_anywhere():
    """It can have fewer cells than the rows of a title."""
    layout = layout_of(["Orders", "of", "May"], [], ["eventHandle"], ["e", 7, 8])
    assert layout.header_row == 3
    assert layout.last_row == 4
    assert layout.columns == {
        "eventHandle": 1,
        "Column B [no header]": 2,
        "Column C [no header]": 3,
    }


def test_a_header_without_request_fields_is_the_first_wide_row():
    """A title has fewer cells than half of the widest row."""
    layout = layout_of(["Orders of May"], ["sku", "qty", "note", "price"], ["x", 7, "y", 2.5])
    assert layout == Layout(2, 3, {"sku": 1, "qty": 2, "note": 3, "price": 4})


def test_a_given_header_row_has_priority():
    """The user knows the sheet better than any heuristic."""
    rows = (["eventHandle", "x"], ["sku", "qty"], ["a", 7])
    assert layout_of(*rows).header_row == 1
    assert layout_of(*rows, header_row=2).columns == {"sku": 1, "qty": 2}


@pytest.mark.parametrize("header_row", [-1, 0, 3])
def test_a_header_row_outside_the_sheet_is_an_error(header_row):
    """The message repeats the argument."""
    with pytest.raises(TableError, match=f"orders.xlsx has no row {header_row}, so header_row="):
        layout_of(["sku"], ["x"], header_row=header_row)


def test_a_first_row_of_values_is_not_used_as_names():
    """The message names the cell and says what to do."""
    message = r"row 1 doesn't look like column names \(B1 contains '7'\): put the names above"
    with pytest.raises(TableError, match=message):
        layout_of(["x", 7, 8], ["y", 9, 10])


def test_a_table_far_down_needs_its_header_row():
    """Only the first 100 rows are searched."""
    rows = [[]] * 100 + [["sku", "qty"], ["x", 7]]
    with pytest.raises(TableError, match=r"no filled cell in its first 100 rows: .*header_row="):
        layout_of(*rows)
    assert layout_of(*rows, header_row=101).columns == {"sku": 1, "qty": 2}


def test_a_name_merged_over_two_rows_belongs_to_the_lower_one():
    """Some headers have groups of columns in an upper row."""
    layout = layout_of(
        ["eventHandle", "Order", None],
        [None, "objects.o.id", "objects.o.sku"],
        ["e", 7, "x"],
        merged=[(1, 1, 2, 1), (1, 2, 1, 3)],
    )
    assert layout.header_row == 2
    assert layout.columns == {"eventHandle": 1, "objects.o.id": 2, "objects.o.sku": 3}


def test_a_column_of_blanks_is_not_part_of_the_table():
    """A column with a name or a filled cell is part of it."""
    layout = layout_of(["sku", "note", " ", None], ["x", None, " ", 7])
    assert layout.columns == {"sku": 1, "note": 2, "Column D [no header]": 4}


def test_the_table_has_all_rows_below_the_header():
    """Blank rows between filled ones count, so that row numbers are those of the sheet."""
    grid = grid_of(["title"], ["sku", "qty"], ["x", 7], [], [None, 8])
    table = build_table(grid, find_layout(grid, where="orders.xlsx", header_row=2))
    assert table["sku"].fillna("").tolist() == ["x", "", ""]
    assert table["qty"].fillna(0).tolist() == [7, 0, 8]
    assert str(table["qty"].dtype) == "Int64"


def test_a_header_alone_is_a_table_without_rows():
    """The header still defines the columns."""
    grid = grid_of(["sku", "qty"])
    table = build_table(grid, find_layout(grid, where="orders.xlsx"))
    assert table.shape == (0, 2)


def test_two_columns_named_like_the_same_request_field_are_an_error():
    """The message names both columns, and only one of them can be sent."""
    names = ["objects.order.id", "note", " objects.order.id "]
    with pytest.raises(TableError, match=r"columns A and C are both named 'objects\.order\.id'"):
        column_names(names, "ABC", "orders.xlsx")


def test_a_title_that_is_not_a_text_is_a_name_too():
    """A header can contain years."""
    assert column_names([2026, " sku "], "AB", "orders.xlsx") == ["2026", "sku"]


@pytest.mark.parametrize("name", ["id", "eventHandle", "draft", "params.x", "objects[0].id"])
def test_request_fields_are_recognised(name):
    """A column of such a name is sent by default."""
    assert is_request_field(name)


@pytest.mark.parametrize("name", ["sku", "Id", "objectsx.id", ""])
def test_other_names_are_not_request_fields(name):
    """Such a column is only sent on request."""
    assert not is_request_field(name)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [(" eventHandle", True), ("objects.o.id", True), ("params", True), ("id", False), (7, False)],
)
def test_a_sheet_of_requests_is_recognised_by_its_header(cell, expected):
    """A column named id is common in other sheets."""
    assert has_request_fields(grid_of(["title"], ["x", cell])) is expected


def test_results_beyond_a_gap_next_to_an_excel_table_are_columns_of_it():
    """They are there if the Table could not grow; other cells beyond a gap are not part of it."""
    header = ["objects.o.n", None, "objects.o.status", "run.status", "run.error", None, "Legend"]
    grid = grid_of(header, [1, None, "Hold", "ok", None, None, "yellow"])
    grid.tables.append(TableRange("Orders", 1, 2, 1, 1))

    layout = find_layout(grid, where="orders.xlsx")
    assert layout.columns == {
        "objects.o.n": 1,
        "objects.o.status": 3,
        "run.status": 4,
        "run.error": 5,
    }
