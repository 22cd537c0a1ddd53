"""Recall: a row that was sent is recognised, and its outcome comes from the journal."""

import pandas as pd
import pytest

from flxframe import AlreadySentError, Journal, StoppedWarning
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.sandbox import sandbox
from tests.conftest import orders, run
from tests.journal.conftest import statuses

COUNTRY = "objects.order.shippingAddress.countryCode"


def test_a_second_run_sends_nothing_and_returns_the_same_result(api, path) -> None:
    """The changes of the workflows come from the journal."""
    table = orders(6).assign(**{COUNTRY: ["CA", "US"] * 3})

    first = run(table, api, journal=path)
    second = run(table, api, journal=path)

    assert len(api.arrivals) == 6
    assert not first["run.recalled"].any()
    assert second["run.recalled"].all()
    pd.testing.assert_frame_equal(first, second.assign(**{"run.recalled": False}))
    assert second["objects.order.status"].fillna("").tolist() == ["Hold", ""] * 3
    assert second["run.changes"].tolist() == [2, 0] * 3


def test_unknown_rows_are_not_sent_again_without_retry_unknown(api, path) -> None:
    """Their workflows might have run."""
    api.fail("500_after")
    first = run(orders(2), api, journal=path, max_in_flight=1)
    second = run(orders(2), api, journal=path)
    assert statuses(first) == ["unknown", "ok"]
    assert statuses(second) == ["unknown", "ok"]
    assert len(api.arrivals) == 2

    third = run(orders(2), api, journal=path, retry_unknown=True)
    assert statuses(third) == ["ok", "ok"]
    assert len(api.arrivals) == 3


def test_a_row_that_might_have_run_stays_unknown_after_any_later_failure(api, path) -> None:
    """It is rejected in the same run and in a second one, and not delivered in a third."""
    api.fail("500_after")
    api.fail("400_text", times=2)
    first = run(orders(1), api, journal=path, retry_unknown=True)
    second = run(orders(1), api, journal=path, retry_unknown=True)
    with pytest.warns(
        StoppedWarning, match="1 row was not sent or rejected; .* Check 1 unknown row first"
    ):
        third = run(
            pd.concat([orders(9).tail(1), orders(1)]),
            api,
            token="wrong",
            same_account=True,
            journal=path,
            retry_unknown=True,
            max_in_flight=1,
        )
    fourth = run(orders(1), api, journal=path)

    for result in (first, second, third.tail(1), fourth):
        assert statuses(result) == ["unknown"]
        assert "might have run" in result["run.error"].iloc[0]
    assert [arrival.status for arrival in api.arrivals] == [500, 400, 400, 401]
    assert statuses(Journal(path).result(orders(1))) == ["unknown"]


def test_rejected_rows_are_sent_again(api, path) -> None:
    """The workflow did not run, and the cause might have been fixed elsewhere."""
    api.fail("400_text")
    run(orders(1), api, journal=path)

    assert statuses(run(orders(1), api, journal=path)) == ["ok"]


def test_a_result_used_as_a_table_sends_only_its_edited_rows(api, path) -> None:
    """A row is identified by its result too; whether an edited one is meant is asked."""
    table = orders(4).assign(**{COUNTRY: "CA"})
    result = run(table, api, journal=path)
    second = run(result, api, journal=path)
    assert len(api.arrivals) == 4
    assert statuses(second) == ["ok"] * 4
    assert second["objects.order.status"].tolist() == ["Hold"] * 4

    result.loc[2, COUNTRY] = "MX"
    with pytest.raises(AlreadySentError, match="countryCode: 1 of 1 rows differ"):
        run(result, api, journal=path)
    run(result, api, journal=path, resend="edited")
    assert len(api.arrivals) == 5


@pytest.mark.parametrize("blanks", ["omit", "null"])
@pytest.mark.parametrize("name", ["out.xlsx", "out.csv", "out.jsonl"])
def test_a_result_that_was_saved_and_read_sends_nothing(api, path, name, blanks) -> None:
    """A file stores 7.0 as 7 and blanks without a type, in changed and unchanged rows."""
    table = orders(3).assign(
        **{
            "objects.order.total": [7.0, 8.0, 12.5],
            "objects.order.note": ["x", None, ""],
            COUNTRY: ["US", "CA", None],
        }
    )
    api.fail("500_after")
    result = run(table, api, journal=path, blanks=blanks, max_in_flight=1)
    saved = read_table(write_results(result, path.parent / name))

    recorded = Journal(path).result(saved, blanks=blanks)
    second = run(saved, api, journal=path, blanks=blanks)

    assert statuses(recorded) == ["unknown", "ok", "ok"]
    assert statuses(second) == ["unknown", "ok", "ok"]
    assert len(api.arrivals) == 3


def test_equal_rows_of_two_tokens_are_two_rows(path) -> None:
    """A row that was sent with one token was not sent with the other, in any order of rows."""
    table = pd.concat([orders(2)] * 2).assign(Store=["US", "US", "EU", "EU"])
    settings = {
        "token": {"EU": "secret-eu", "US": "secret-us"},
        "token_column": "Store",
        "journal": path,
    }

    with sandbox(tokens=["secret-eu"], limit=None) as api:
        with pytest.warns(StoppedWarning, match="'US'"):
            run(table, api, **settings)
        port = api.port

    with sandbox(tokens=["secret-eu", "secret-us"], limit=None, port=port) as api:
        result = run(table, api, **settings)
        assert [arrival.token for arrival in api.arrivals] == ["secret-us"] * 2
        recorded = Journal(path).result(table, token=settings["token"], token_column="Store")
        assert statuses(recorded) == ["ok"] * 4

    assert statuses(result) == ["ok"] * 4
