"""The progress of a run, and the rows of a journal without their table."""

import re

import pandas as pd
import pytest

from flxframe import AlreadySentError, Journal
from flxframe.journal.report import progress_text, recorded_result
from tests.conftest import orders, run
from tests.journal.conftest import open_for_run, statuses


def test_a_new_journal_has_no_run(path) -> None:
    """The journal was opened, but nothing was sent."""
    with open_for_run(path):
        pass

    assert progress_text(Journal(path)) == "No run recorded yet."


def test_a_run_that_has_ended_has_nothing_left(api, path) -> None:
    """The rows are counted by status and base URL."""
    api.fail("400_text")
    run(orders(3), api, journal=path)

    counts, rejected, last_run = progress_text(Journal(path)).splitlines()

    assert counts == f"2 ok ({api.url})"
    assert rejected == f"1 rejected ({api.url})"
    pattern = r"Last run: started [-0-9: ]{19}, ended\. 3 rows sent, 0 recalled, 0 left\."
    assert re.fullmatch(pattern, last_run)

    run(orders(6), api, journal=path, limit=2)
    last_run = progress_text(Journal(path)).splitlines()[-1]
    assert last_run.endswith("2 rows sent, 2 recalled, 2 left.")


def test_a_row_in_flight_is_distinguished_from_a_lost_one(api, path) -> None:
    """Both are unknown, but a run that is still running can receive the answer."""
    texts, results = [], []

    def read_journal(objects: dict) -> None:
        texts.append(progress_text(Journal(path)))
        results.append(Journal(path).result(orders(3)))

    api.add_workflow("order_import", read_journal)
    run(orders(3), api, journal=path, max_in_flight=1)

    assert (
        "running. 1 row in flight, unknown until answered. 2 rows sent, 0 recalled, 1 left."
        in texts[1]
    )
    assert statuses(results[1]) == ["ok", "unknown", "not_sent"]
    assert "still waiting for it" in results[1]["run.error"].iloc[1]
    assert "in flight" not in progress_text(Journal(path))


def test_a_journal_alone_gives_a_result(api, path) -> None:
    """It has the request's fields, the answers and the outcomes, but no unsent columns."""
    table = orders(3).assign(
        **{"objects.order.shippingAddress.countryCode": ["US", "CA", "US"], "params.sourceId": 12}
    )
    api.fail("400_text", after=2)
    result = run(table.assign(note="x"), api, journal=path, max_in_flight=1)

    recorded = recorded_result(Journal(path))

    assert "note" not in recorded
    assert recorded["objects.order.status"].fillna("").tolist() == ["", "Hold", ""]
    assert recorded["run.changes"].tolist() == [0, 2, pd.NA]
    names = ["eventHandle", "params.sourceId", "objects.order.number", "run.status", "run.error"]
    names += ["run.attempts", "run.seconds", "run.sent_at"]
    pd.testing.assert_frame_equal(recorded[names], result[names])


def test_the_result_of_an_empty_journal_has_no_rows(path) -> None:
    """It still has the columns of a result."""
    with open_for_run(path):
        pass

    recorded = recorded_result(Journal(path))

    assert recorded.empty
    assert "run.status" in recorded
    assert str(recorded["run.sent_at"].dt.tz) == "UTC"


def test_an_exported_row_is_asked_about_before_it_is_sent_again(api, path) -> None:
    """A journal alone does not have what recognizes its rows, such as the occasion."""
    run(orders(2), api, journal=path)
    recorded = recorded_result(Journal(path))
    with pytest.raises(AlreadySentError):
        run(recorded, api)
    assert len(api.arrivals) == 2
