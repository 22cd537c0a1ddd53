"""Recall: a row that was sent is recognised, and its outcome comes from the journal."""

import pandas as pd
import pytest

from flxframe import (
    Journal,
    StoppedWarning,
    run_workflows,
)
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.sandbox.app import sandbox
from tests.conftest import orders, run
from tests.journal.conftest import sent_numbers


def test_a_second_run_sends_nothing_and_gives_the_same_result(api, path) -> None:
    """What the workflows changed comes back from the journal."""
    table = orders(6).assign(**{"objects.order.shippingAddress.countryCode": ["CA", "US"] * 3})
    first = run(table, api, journal=path)
    again = run(table, api, journal=path)
    assert len(api.arrivals) == 6
    pd.testing.assert_frame_equal(first, again)
    assert again["objects.order.status"].fillna("").tolist() == ["Hold", ""] * 3
    assert again["run.changes"].tolist() == [2, 0] * 3


def test_unknown_rows_are_left_alone_unless_asked(api, path) -> None:
    """They may have run."""
    api.fail("500_after")
    assert run(orders(2), api, journal=path, max_in_flight=1)["run.status"].tolist() == [
        "unknown",
        "ok",
    ]
    assert run(orders(2), api, journal=path)["run.status"].tolist() == ["unknown", "ok"]
    assert len(api.arrivals) == 2
    assert run(orders(2), api, journal=path, retry_unknown=True)["run.status"].tolist() == [
        "ok",
        "ok",
    ]
    assert len(api.arrivals) == 3


def test_a_row_that_may_have_run_is_unknown_whatever_a_later_request_met(api, path) -> None:
    """It is refused in the same run, then in another one, then never reached; and is never sent again unasked."""
    api.fail("500_after")
    api.fail("400_text", times=2)
    first = run(orders(1), api, journal=path, retry_unknown=True)
    second = run(orders(1), api, journal=path, retry_unknown=True)
    with pytest.warns(
        StoppedWarning, match="1 row was not sent or rejected; .* Look into the unknown one first"
    ):
        third = run_workflows(
            pd.concat([orders(9).tail(1), orders(1)]),
            token="wrong",
            base_url=api.url,
            journal=path,
            retry_unknown=True,
            max_in_flight=1,
            progress=False,
        )
    for result in (first, second, third.tail(1), run(orders(1), api, journal=path)):
        assert result["run.status"].tolist() == ["unknown"]
        assert "may have run" in result["run.error"].iloc[0]
    assert [arrival.status for arrival in api.arrivals] == [500, 400, 400, 401]
    assert Journal(path).result(orders(1))["run.status"].tolist() == ["unknown"]


def test_rejected_rows_are_sent_again(api, path) -> None:
    """The workflow didn't run, and what was wrong may be mended elsewhere."""
    api.fail("400_text")
    run(orders(1), api, journal=path)
    assert run(orders(1), api, journal=path)["run.status"].tolist() == ["ok"]


def test_a_result_handed_in_again_sends_nothing(api, path) -> None:
    """A row is known by what its result shows, too; a cell that is changed in it makes it a new row."""
    table = orders(4).assign(**{"objects.order.shippingAddress.countryCode": "CA"})
    result = run(table, api, journal=path)
    again = run(result, api, journal=path)
    assert len(api.arrivals) == 4
    assert again["run.status"].tolist() == ["ok"] * 4
    assert again["objects.order.status"].tolist() == ["Hold"] * 4
    result.loc[2, "objects.order.shippingAddress.countryCode"] = "MX"
    run(result, api, journal=path)
    assert len(api.arrivals) == 5


@pytest.mark.parametrize("blanks", ["omit", "null"])
@pytest.mark.parametrize("name", ["out.xlsx", "out.csv", "out.jsonl"])
def test_a_result_sends_nothing_after_it_was_in_a_file(api, path, name, blanks) -> None:
    """Where 7.0 is 7 and a blank has no type, whether the workflow changed the row or not."""
    table = orders(3).assign(
        **{
            "objects.order.total": [7.0, 8.0, 12.5],
            "objects.order.note": ["x", None, ""],
            "objects.order.shippingAddress.countryCode": ["US", "CA", None],
        }
    )
    api.fail("500_after")
    write_results(run(table, api, journal=path, blanks=blanks, max_in_flight=1), path.parent / name)
    result = read_table(path.parent / name)
    assert Journal(path).result(result, blanks=blanks)["run.status"].tolist() == [
        "unknown",
        "ok",
        "ok",
    ]
    assert run(result, api, journal=path, blanks=blanks)["run.status"].tolist() == [
        "unknown",
        "ok",
        "ok",
    ]
    assert len(api.arrivals) == 3


def test_equal_rows_of_two_tokens_are_two_rows(path) -> None:
    """What the one token has sent is not what the other one has left to send, whichever comes first in the sheet."""
    table = pd.concat([orders(2)] * 2).assign(Store=["US", "US", "EU", "EU"])
    how = {
        "token": {"EU": "secret-eu", "US": "secret-us"},
        "token_column": "Store",
        "journal": path,
        "progress": False,
    }
    with sandbox(tokens=["secret-eu"], limit=None) as api:
        with pytest.warns(StoppedWarning, match="'US'"):
            run_workflows(table, **how, base_url=api.url, rate=None)
        port = api.port
    with sandbox(tokens=["secret-eu", "secret-us"], limit=None, port=port) as api:
        result = run_workflows(table, **how, base_url=api.url, rate=None)
        assert [arrival.token for arrival in api.arrivals] == ["secret-us"] * 2
        assert Journal(path).result(table)["run.status"].tolist() == ["ok"] * 4
    assert result["run.status"].tolist() == ["ok"] * 4


def test_rows_of_one_token_are_known_when_it_is_one_of_several(api, path) -> None:
    """A second token that is added later sends its own rows alone; and the other way round."""
    table = orders(4).assign(Store=["EU", "EU", "US", "US"])
    run(table.head(2), api, journal=path)
    tokens = {"EU": api.token, "US": api.token}
    run_workflows(
        table,
        token=tokens,
        token_column="Store",
        base_url=api.url,
        rate=None,
        journal=path,
        progress=False,
    )
    assert sorted(sent_numbers(api)) == ["00000", "00001", "00002", "00003"]
    run(table, api, journal=path)
    assert len(api.arrivals) == 4
