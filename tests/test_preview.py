"""What a preview shows."""

import pandas as pd

import flxframe


def test_a_preview_shows_the_rows_that_cannot_be_sent_wherever_they_stand() -> None:
    """An analyst looks for them among ten thousand, in a notebook and in a terminal."""
    table = pd.DataFrame({"eventHandle": ["e"] * 30 + [None] + ["e"] * 29, "objects.o.a": 1})
    shown = flxframe.preview(table, base_url="http://127.0.0.1:1")
    for text in (str(shown), shown._repr_html_()):
        assert "59 rows would be sent" in text
        assert "1 row can&#x27;t be sent." in text or "1 row can't be sent." in text
        assert "the row has neither an id nor an eventHandle: fill one of the two" in text
        assert "49 more rows" in text
        assert "None" not in text


def test_a_long_request_does_not_fill_the_notebook() -> None:
    """What is cut in the display is whole in the data."""
    table = pd.DataFrame(
        {"eventHandle": ["e"] * 20, "objects.o.note": "x" * 100_000}, index=["label"] * 20
    )
    shown = flxframe.preview(table)
    assert len(shown._repr_html_()) < 10_000
    assert "label" in shown._repr_html_()
    assert "All of it is in .rows" in str(shown)
    assert len(shown.rows["request"].iloc[0]) > 100_000


def test_html_in_a_value_is_text() -> None:
    """In the requests as well as in the labels of the rows."""
    evil = "<script>alert(1)</script>"
    table = pd.DataFrame({"eventHandle": evil, "objects.o.s": ["Open", evil]}, index=["a", evil])
    assert "<script>" not in flxframe.preview(table)._repr_html_()
