"""Small tables are displayed whole, in a terminal and in a notebook."""

import pandas as pd

import flxframe
from flxframe.result.listing import as_html, as_text
from tests.result.conftest import EVIL


def test_a_summary_displays_each_error_whole() -> None:
    """The end of an error says what to do; a missing value is blank."""
    error = (
        f"the row has neither an id nor an eventHandle{' (a long detail)' * 3}: fill one of them"
    )
    result = pd.DataFrame(
        {
            "run.status": ["ok", "invalid"],
            "run.http_status": pd.array([200, None], dtype="Int64"),
            "run.error": [None, error],
        }
    )
    counts = flxframe.summary(result)
    for text in (repr(counts), counts._repr_html_()):
        assert error in text
        assert "NaN" not in text
        assert "NA" not in text


def test_a_selection_from_a_listing_is_an_ordinary_table() -> None:
    """Pandas displays it as usual."""
    table = flxframe.summary(
        pd.DataFrame({"run.status": ["ok"], "run.http_status": [200], "run.error": [None]})
    )

    assert type(table) is not pd.DataFrame
    assert type(table.head(1)) is pd.DataFrame


def test_html_in_a_value_is_text(after) -> None:
    """This is true of cells and headers."""
    assert (
        "<script>" not in flxframe.summary(after.assign(**{"run.http_status": 400}))._repr_html_()
    )
    html = as_html(pd.DataFrame({EVIL: [EVIL]}))
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 2


def test_text_cannot_control_the_terminal() -> None:
    """A server's text might contain line breaks and escape sequences."""
    text = as_text(pd.DataFrame({"a\nb": ["x\x1b[31my\nz"]}))
    assert text.splitlines() == ["a b", "x\\x1b[31my z"]


def test_a_table_without_rows_is_its_header() -> None:
    """It has the name of each column."""
    table = pd.DataFrame({"status": [], "rows": []})
    assert as_text(table) == "status  rows"
    assert as_html(table).count("<th ") == 2
