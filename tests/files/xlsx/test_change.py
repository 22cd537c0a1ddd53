"""The changes of a sheet: the values, marks and comments of its cells."""

import datetime as dt

import pandas as pd
import pytest

from flxframe.files.layout import Layout
from flxframe.files.xlsx.change import change_of

LAYOUT = Layout(3, 5, {"objects.o.n": 2, "run.status": 4})


def change(result, before=None, layout=LAYOUT):
    """Return the change that a result makes to a sheet of five columns."""
    old = None if before is None else pd.DataFrame(before)
    return change_of(pd.DataFrame(result), layout, width=5, before=old)


def test_new_columns_follow_the_last_one():
    """The run's own columns stay where they are, and are rewritten."""
    result = change({"objects.o.n": [1, 2], "new": ["a", "b"], "run.status": ["ok", "x"]})
    assert result.header == {6: "new"}
    assert result.columns == {6: ["a", "b"], 4: ["ok", "x"]}
    assert result.table_columns == [2, 4, 6]


def test_rows_that_are_not_ok_have_failed():
    """They are identified by their row numbers in the sheet."""
    result = change({"objects.o.n": [1, 2], "run.status": ["ok", "rejected"]})
    assert result.failed_rows == {5}
    assert change({"objects.o.n": [1, 2]}).failed_rows == set()


def test_different_cells_are_rewritten_and_marked():
    """Each gets its old value as a comment."""
    ok = ["ok", "ok"]
    result = change({"objects.o.n": [1, 7], "run.status": ok}, {"objects.o.n": [1, 2]})
    assert result.cells == {(5, 2): 7}
    assert result.changed_cells == {(5, 2)}
    assert result.comments == {(5, 2): "was 2"}


def test_filled_cells_of_a_new_column_are_marked():
    """They do not have an old value."""
    result = change({"objects.o.n": [1, 2], "objects.o.new": ["a", None]}, {"objects.o.n": [1, 2]})
    assert result.changed_cells == {(4, 6)}
    assert result.comments == {}
    assert result.cells == {}


@pytest.mark.parametrize(
    ("old", "comment"),
    [
        (None, "was blank"),
        (dt.date(2026, 5, 6), "was 2026-05-06"),
        ("x" * 2_000, f"was {'x' * 1_000} ..."),
        ("Open", "was Open"),
    ],
)
def test_a_comment_contains_the_old_value(old, comment):
    """The value is text, and is cut to a length that a box can show."""
    result = change({"objects.o.n": ["new"]}, {"objects.o.n": [old]})
    assert result.comments == {(4, 2): comment}


def test_a_date_stays_a_date_in_a_cell_that_contained_one():
    """The server returns dates as text."""
    result = change({"objects.o.n": ["2026-05-07"]}, {"objects.o.n": [dt.date(2026, 5, 6)]})
    assert result.cells == {(4, 2): dt.date(2026, 5, 7)}


def test_integers_next_to_blanks_are_integers():
    """Only the blanks made their column float."""
    cells = change({"new": [7.0, None]}).columns[6]
    assert repr(cells) == "[7, nan]"
    assert repr(change({"new": [7.5, None]}).columns[6]) == "[7.5, nan]"


def test_the_values_of_a_row_are_found_by_its_number():
    """The header has the new names, and other rows have none."""
    result = change({"objects.o.n": [1, 2], "new": ["a", "b"]})
    assert result.values(3) == {6: "new"}
    assert result.values(5) == {6: "b"}
    assert result.values(6) == {}
