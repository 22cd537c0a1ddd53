"""A notebook displays a result with marks, and with escaped and shortened values."""

import pandas as pd
import pytest

from flxframe import TableError, highlight
from tests.result.conftest import EVIL


def test_changed_cells_and_failed_rows_are_marked(before, after) -> None:
    """Changed cells have one colour, and rows that are not ok have another."""
    html = highlight(before, after).to_html()
    assert html.count("#fff3bf") == 1
    assert "#f9dcd9" in html


def test_html_in_a_value_is_text(before, after) -> None:
    """This is true of cells, labels and headers."""
    result = after.rename(columns={"note": EVIL})
    html = highlight(before.rename(columns={"note": EVIL}), result).to_html()

    assert "<script>" not in html
    assert html.count("&lt;script&gt;") >= 3


def test_html_in_the_name_of_an_axis_is_text(before, after) -> None:
    """A pivot names its axes after values."""
    names = {"index": EVIL, "columns": EVIL}
    html = highlight(before.rename_axis(**names), after.rename_axis(**names)).to_html()
    assert "<script>" not in html


def test_a_long_table_shows_only_its_marked_rows() -> None:
    """Ten thousand rows would be too many for a browser, and would hide the marked ones."""
    before = pd.DataFrame({"objects.o.status": ["Open"] * 10_000})
    after = before.assign(**{"run.status": "ok"})
    after.loc[9_000, "objects.o.status"] = "Hold"
    after.loc[9_500, "run.status"] = "rejected"
    html = highlight(before, after).to_html()

    assert html.count("<tr>") == 3
    assert "Hold" in html
    assert "rejected" in html
    assert ">9000<" in html
    assert "2 of 10,000 rows" in html


def test_a_long_table_without_marks_shows_its_first_rows() -> None:
    """The caption says how many rows are shown."""
    table = pd.DataFrame({"objects.o.status": ["Open"] * 10_000})
    html = highlight(table, table).to_html()

    assert len(html) < 100_000
    assert "200 of 10,000 rows" in html


def test_a_column_name_can_be_a_number() -> None:
    """The columns of a table without a header have such names."""
    before = pd.DataFrame({3: ["Open"]})
    assert "#fff3bf" in highlight(before, pd.DataFrame({3: ["Hold"]})).to_html()


def test_two_columns_of_the_same_name_are_refused() -> None:
    """The message names the column."""
    table = pd.DataFrame([["a", "b"]], columns=["x", "x"])
    with pytest.raises(TableError, match="two columns named 'x'"):
        highlight(table, table)


def test_a_removed_column_is_not_marked() -> None:
    """The result has no cell for it; the others are marked."""
    before = pd.DataFrame({"a": ["x"], "objects.o.status": ["Open"], "b": ["y"]})
    after = pd.DataFrame({"objects.o.status": ["Hold"], "b": ["y"]})
    rule, _ = highlight(before, after).to_html().split("</style>")

    assert rule.count("_row0_col") == 1
    assert "_row0_col0" in rule


def test_a_long_value_is_cut_only_in_the_display(before, after) -> None:
    """The data still has the whole value."""
    assert "x" * 100 not in highlight(before, after).to_html()
    assert after["note"].iloc[0] == "x" * 500
