"""The cells of one sheet."""

import pytest

from flxframe.exceptions import TableError
from flxframe.files.grid import Grid, is_blank


@pytest.fixture
def grid():
    """A sheet with a gap between its filled rows and columns."""
    grid = Grid("Orders")
    for row, column, value in [(2, 3, "b"), (2, 1, "a"), (5, 3, 7)]:
        grid.put(row, column, value)
    return grid


def test_the_cells_between_filled_ones_are_blank(grid):
    """Each column ends at its last filled cell."""
    assert grid.columns == {1: [None, "a"], 3: [None, "b", None, None, 7]}
    assert grid.height == 5


def test_a_row_has_its_filled_cells_from_left_to_right(grid):
    """The cells of a row can come in any order."""
    assert list(grid.row(2).items()) == [(1, "a"), (3, "b")]
    assert grid.row(5) == {3: 7}
    assert grid.row(3) == {}
    assert grid.row(99) == {}


def test_a_cell_can_be_filled_twice(grid):
    """The later value replaces the earlier one."""
    grid.put(5, 3, 8)
    assert grid.row(5) == {3: 8}
    assert grid.height == 5


def test_an_empty_sheet_has_no_rows():
    """Its height is zero."""
    assert Grid("Orders").height == 0
    assert Grid("Orders").row(1) == {}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [(None, True), ("", True), (" \t", True), ("x", False), (0, False), (False, False)],
)
def test_white_space_is_blank(cell, expected):
    """A zero or False is not blank."""
    assert is_blank(cell) is expected
    grid = Grid("Orders")
    grid.put(1, 1, cell)
    assert (grid.row(1) == {}) is expected


@pytest.mark.parametrize(("row", "column"), [(1_048_577, 1), (1, 16_385), (4 * 10**9, 7)])
def test_a_cell_outside_of_every_sheet_is_an_error(row, column):
    """No program writes one, and the blank cells above it would fill the memory."""
    with pytest.raises(TableError, match="a sheet has at most 1048576 rows and 16384 columns"):
        Grid("Orders", file="t.xlsx").put(row, column, 1)


def test_a_few_cells_far_below_do_not_fill_the_memory():
    """The message names the first that is too much."""
    grid = Grid("Orders", file="t.xlsx")
    for column in range(1, 4):
        grid.put(1_048_576, column, 1)
    with pytest.raises(TableError, match=r"t\.xlsx, sheet 'Orders': D1048576 is filled, but"):
        grid.put(1_048_576, 4, 1)


def test_sparse_columns_next_to_full_ones_are_accepted():
    """The blank cells take no more memory than the filled ones, by an order of magnitude."""
    grid = Grid("Orders")
    for row in range(1, 300_001):
        grid.put(row, 1, row)
    for column in range(2, 20):
        grid.put(300_000, column, "x")
    assert grid.height == 300_000
