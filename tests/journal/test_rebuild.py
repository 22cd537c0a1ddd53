"""The result of a table, rebuilt from its journal without sending anything."""

import pandas as pd

from flxframe import Journal
from flxframe.journal.rebuild import rebuild_result
from flxframe.journal.recorded import RecordedRows
from flxframe.options import RunOptions
from tests.conftest import SECOND_TOKEN, TOKEN, orders, run
from tests.journal.conftest import statuses
from tests.memory.conftest import COUNTRY, interrupted_run, ran_once, reject_first


def rebuilt(table: pd.DataFrame, api, path, **arguments: object) -> pd.DataFrame:
    """Return the result so far."""
    return rebuild_result(table, RunOptions(**arguments), api.url, RecordedRows(path))


def test_it_equals_what_the_run_returned(api, path) -> None:
    """With what the workflows changed; a row that is invalid, too."""
    api.fail("500_after")
    table = orders(4).assign(**{COUNTRY: ["US", "CA", "DE", "US"], "params.n": [1, 1, 1, "x"]})
    result = run(table, api, journal=path, max_in_flight=1)
    assert statuses(result) == ["unknown", "ok", "ok", "invalid"]

    recorded = rebuilt(table, api, path)
    names = [name for name in result.columns if name != "run.fingerprint"]
    pd.testing.assert_frame_equal(recorded[names], result[names])


def test_rows_that_were_never_sent_are_not_sent(api, path) -> None:
    """Those of a run that was interrupted, and new ones."""
    interrupted_run(orders(4), api, after=2, journal=path)
    recorded = rebuilt(orders(5), api, path)

    assert statuses(recorded) == ["ok", "ok", "not_sent", "not_sent", "not_sent"]
    assert recorded["run.error"].iloc[4] == "not sent yet"
    assert statuses(rebuilt(orders(9).tail(2), api, path)) == ["not_sent"] * 2


def test_it_is_a_table_that_can_be_run(api, path) -> None:
    """After a dead kernel: only what is missing is sent, without a question."""
    interrupted_run(orders(5), api, after=2, journal=path)
    recorded = rebuilt(orders(5), api, path)

    result = run(recorded, api, journal=False)
    assert statuses(result) == ["ok"] * 5
    assert ran_once(api, 5)


def test_rows_are_found_in_any_order_and_with_any_index(api, path) -> None:
    """By what was sent for them."""
    run(orders(3).assign(**{COUNTRY: ["CA", "US", "CA"]}), api, journal=path)
    table = orders(3).assign(**{COUNTRY: ["CA", "US", "CA"]}).iloc[::-1].set_axis(["a", "a", "b"])
    recorded = rebuilt(table, api, path)

    assert recorded.index.tolist() == ["a", "a", "b"]
    assert recorded["objects.order.number"].tolist() == ["00002", "00001", "00000"]
    assert recorded["objects.order.status"].fillna("").tolist() == ["Hold", "", "Hold"]


def test_nothing_is_asked_sent_or_written(api, path) -> None:
    """Whatever the arguments would mean for a run."""
    result = run(orders(2), api, journal=path)
    result["objects.order.number"] = ["edited", "00001"]
    before = path.read_bytes(), sorted(path.parent.iterdir())

    for resend in ("ask", "never", "all"):
        assert statuses(rebuilt(result, api, path, resend=resend)) == ["ok"] * 2
    assert statuses(rebuilt(orders(2), api, path, limit=1)) == ["ok"] * 2
    assert (path.read_bytes(), sorted(path.parent.iterdir())) == before
    assert len(api.arrivals) == 2


def test_each_token_and_occasion_has_its_own_rows(api, path) -> None:
    """The arguments of the run find them."""
    table = orders(2).assign(Store=["EU", "US"])
    tokens = {"token": {"EU": TOKEN, "US": SECOND_TOKEN}, "token_column": "Store"}
    result = run(table, api, journal=path, occasion="monday", limit=1, **tokens)
    assert statuses(result) == ["ok", "not_sent"]

    assert statuses(rebuilt(table, api, path, occasion="monday", **tokens)) == statuses(result)
    assert statuses(rebuilt(table, api, path, occasion="tuesday", **tokens)) == ["not_sent"] * 2
    assert statuses(rebuilt(table, api, path, **tokens)) == ["not_sent"] * 2


def test_what_the_last_run_sent_is_not_recalled(api, path) -> None:
    """As the last run's own result says."""
    run(orders(2), api, journal=path)
    result = run(orders(3), api, journal=path)
    assert rebuilt(orders(3), api, path)["run.recalled"].tolist() == [True, True, False]
    assert result["run.recalled"].tolist() == [True, True, False]


def test_a_rejected_row_has_the_reason(api, path) -> None:
    """And after it was sent again, its last outcome and all attempts."""
    reject_first(api, "00001")
    first = run(orders(2), api, journal=path)
    recorded = rebuilt(orders(2), api, path)
    assert statuses(recorded) == ["ok", "rejected"]
    assert recorded["run.error"].tolist() == first["run.error"].tolist()

    run(orders(2), api, journal=path)
    assert Journal(path).result(orders(2))["run.attempts"].tolist() == [1, 2]
