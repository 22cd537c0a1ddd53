"""What a notebook shows of a result: marked, escaped, cut to a readable length."""

import pandas as pd
import pytest

import flxframe
from flxframe import TableError, highlight
from tests.result.conftest import EVIL


def test_changed_cells_and_troubled_rows_are_marked(before, after) -> None:
    """One colour for what changed, another for rows that are not ok."""
    html = highlight(before, after).to_html()
    assert html.count("#fff3bf") == 1
    assert "#f9dcd9" in html


def test_html_in_a_value_is_text(before, after) -> None:
    """In cells, labels and headers, in the preview too."""
    named = after.rename(columns={"note": EVIL})
    assert "<script>" not in highlight(before.rename(columns={"note": EVIL}), named).to_html()
    table = before.rename(columns={"objects.o.status": "objects.o.s"}).assign(eventHandle=EVIL)
    assert "<script>" not in flxframe.preview(table)._repr_html_()
    assert (
        "<script>" not in flxframe.summary(after.assign(**{"run.http_status": 400}))._repr_html_()
    )


def test_html_in_the_name_of_an_axis_is_text(before, after) -> None:
    """As a pivot leaves it."""
    named = {"index": EVIL, "columns": EVIL}
    assert (
        "<script>"
        not in highlight(before.rename_axis(**named), after.rename_axis(**named)).to_html()
    )


def test_a_long_table_shows_its_marked_rows_and_not_all_of_them(before, after) -> None:
    """Ten thousand rows would choke a browser, and hide what is looked for."""
    before = pd.DataFrame({"objects.o.status": ["Open"] * 10_000})
    after = before.assign(**{"run.status": "ok"})
    after.loc[9_000, "objects.o.status"] = "Hold"
    after.loc[9_500, "run.status"] = "rejected"
    html = highlight(before, after).to_html()
    assert html.count("<tr>") == 3
    assert "Hold" in html
    assert "rejected" in html
    assert "2 of 10,000 rows" in html
    assert len(highlight(before, before).to_html()) < 100_000


def test_a_column_may_have_a_number_for_its_name() -> None:
    """As a table without a header has; and two of one name are refused in a sentence."""
    before = pd.DataFrame({3: ["Open"]})
    assert "#fff3bf" in highlight(before, pd.DataFrame({3: ["Hold"]})).to_html()
    twice = pd.DataFrame([["a", "b"]], columns=["x", "x"])
    with pytest.raises(TableError, match="two columns named 'x'"):
        highlight(twice, twice)


def test_a_long_value_is_cut_in_the_display_alone(before, after) -> None:
    """The data keeps it."""
    assert "x" * 100 not in highlight(before, after).to_html()
    assert after["note"].iloc[0] == "x" * 500
