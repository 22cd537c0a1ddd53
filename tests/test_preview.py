"""A preview shows what a run would send, and raises the same errors."""

import json

import pandas as pd
import pytest

import flxframe
from flxframe import RequestError, SettingError, TokenError
from tests.conftest import orders, run

URL = "http://127.0.0.1:1"
EVIL = "<script>alert(1)</script>"


def test_it_shows_the_rows_that_cannot_be_sent_wherever_they_are() -> None:
    """Otherwise one among thousands would be overlooked, in a notebook or a terminal."""
    table = pd.DataFrame({"eventHandle": ["e"] * 30 + [None] + ["e"] * 29, "objects.o.a": 1})
    planned = flxframe.preview(table, base_url=URL)
    for text in (str(planned), planned._repr_html_()):
        assert "59 rows would be sent" in text
        assert "1 row can&#x27;t be sent." in text or "1 row can't be sent." in text
        assert "the row has neither an id nor an eventHandle: fill one of the two" in text
        assert "49 more rows" in text
        assert "None" not in text


def test_a_long_request_is_cut_in_the_display() -> None:
    """The data has the whole request."""
    table = pd.DataFrame(
        {"eventHandle": ["e"] * 20, "objects.o.note": "x" * 100_000}, index=["label"] * 20
    )
    planned = flxframe.preview(table)
    assert len(planned._repr_html_()) < 10_000
    assert "label" in planned._repr_html_()
    assert "See .rows for all requests" in str(planned)
    assert len(planned.rows["request"].iloc[0]) > 100_000


def test_html_in_a_value_is_text() -> None:
    """This is true of requests, row labels and column names."""
    table = pd.DataFrame({"eventHandle": EVIL, "objects.o.s": ["a", EVIL], EVIL: 1}, [EVIL, "b"])
    assert "<script>" not in flxframe.preview(table)._repr_html_()


def test_its_requests_are_those_of_the_run(api) -> None:
    """They have the same JSON and the same order."""
    table = orders(3).assign(**{"objects.order.quantity": [1, 2.5, None], "Note": "x"})
    planned = flxframe.preview(table, token=api.token, base_url=api.url)
    run(table, api, max_in_flight=1)
    bodies = [arrival.body for arrival in api.arrivals]
    assert [json.loads(text) for text in planned.rows["request"]] == bodies
    assert planned.unsent_columns == ["Note"]


def test_it_needs_no_token_but_refuses_one_that_cannot_be_sent(monkeypatch) -> None:
    """The run would refuse it too."""
    monkeypatch.delenv("FLXPOINT_API_TOKEN", raising=False)
    assert flxframe.preview(orders(1)).rows["error"].isna().all()
    monkeypatch.setenv("FLXPOINT_API_TOKEN", " ")
    assert flxframe.preview(orders(1)).rows["error"].isna().all()

    monkeypatch.setenv("FLXPOINT_API_TOKEN", "se cret")
    with pytest.raises(TokenError, match="FLXPOINT_API_TOKEN contains a space"):
        flxframe.preview(orders(1))


def test_a_row_without_a_token_cannot_be_sent() -> None:
    """In a run, it would be invalid."""
    table = orders(3).assign(Store=["EU", "Mars", None])
    planned = flxframe.preview(table, token={"EU": "a", "US": "b"}, token_column="Store")
    errors = planned.rows["error"].tolist()
    assert "has 'Mars', which is not the name of a token" in errors[1]
    assert "column 'Store' is blank" in errors[2]
    assert planned.rows["request"].isna().tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("stores", "rate", "seconds"),
    [("EU EU EU EU EU", 2, 2.0), ("EU EU US US US", 2, 1.0), ("EU", 2, 0.0), ("EU US", None, 0.0)],
)
def test_the_time_is_that_of_the_slowest_token(stores: str, rate: float, seconds: float) -> None:
    """The tokens send in parallel, each at its own pace."""
    names = stores.split()
    planned = flxframe.preview(
        orders(len(names)).assign(Store=names),
        token={"EU": "a", "US": "b"},
        token_column="Store",
        rate=rate,
    )
    assert planned.estimated_seconds == seconds


def test_a_table_without_rows_takes_no_time() -> None:
    """There is nothing to send."""
    planned = flxframe.preview(orders(0))
    assert planned.estimated_seconds == 0
    assert str(planned).startswith("0 rows would be sent")


def test_a_row_is_written_as_a_curl_command() -> None:
    """It contains the variable instead of the token; invalid rows and positions are errors."""
    table = orders(2).assign(**{"params.p": [1, "x"]})
    planned = flxframe.preview(table, base_url=URL)
    assert f"curl -X POST {URL}/workflow/run" in planned.curl(0)
    assert "$FLXPOINT_API_TOKEN" in planned.curl(0)
    with pytest.raises(RequestError, match="must be a whole number"):
        planned.curl(1)
    with pytest.raises(SettingError, match="there is no row 2: the table has 2 rows"):
        planned.curl(2)
