"""Remarks on a table of a sheet."""

import pytest

from flxframe.files.layout import find_layout
from flxframe.files.remarks import remarks_on
from tests.files.test_layout import grid_of


def remarks(*rows):
    """Return the remarks on a sheet."""
    grid = grid_of(*rows)
    return remarks_on(grid, find_layout(grid, where="t.xlsx"), [])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([[], ["Total", 5]], ["1 row after a blank row, 5, would be sent too."]),
        ([[], ["a", 1], ["b", 2]], ["2 rows after a blank row, 5 and 6, would be sent too."]),
        (
            [[], *[["a", 1]] * 6],
            ["6 rows after a blank row, 5, 6, 7, 8 and 2 more, would be sent too."],
        ),
    ],
)
def test_rows_after_a_blank_row_are_named(rows, expected):
    """They might be totals or notes."""
    assert remarks(["sku", "qty"], ["x", 1], ["y", 2], *rows) == expected


@pytest.mark.parametrize(
    ("rows", "has_remark"),
    [
        ([["objects.o.n", "objects.o.q"], ["Number", "Quantity"], ["1", 2], ["2", 3]], True),
        ([["no", "qty", "note"], ["text", "pieces"], ["1", 2], ["2", 3]], True),
        ([["no", "qty"], ["text", "pieces"], ["1", 2], ["2", "none"]], False),
        ([["no", "qty"], ["1", "none"], ["2", 3]], False),
        ([["no", "qty", "price"], ["1", "none", None], ["2", 3, 7], ["3", 4, 8]], False),
        ([["no", "qty"], ["1", 2], ["2", 3], ["3", 4]], False),
        ([["no", "qty"], ["x", "x"], ["2", 3], ["3", 4]], False),
        ([["no", "qty"]], False),
    ],
)
def test_a_row_of_labels_below_the_names_is_named(rows, has_remark):
    """It would be sent as an order."""
    remark = (
        "Row 2 has texts where the rows below it have none: delete it from the file if it is a "
        "second row of names."
    )
    assert remarks(*rows) == [remark] * has_remark


def test_many_merges_are_counted():
    """The remark stays short."""
    grid = grid_of(["sku"], ["x"])
    layout = find_layout(grid, where="t.xlsx")
    ranges = [(row, 1, row + 1, 1) for row in range(2, 20, 2)]
    text = "In A2:A3, A4:A5, A6:A7, A8:A9 and 5 more, merged cells were filled down."
    assert remarks_on(grid, layout, ranges) == [text]
