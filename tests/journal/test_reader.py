"""A journal opened for reading."""

import pandas as pd
import pytest

from flxframe import Journal, JournalError, StoppedWarning, TableError
from flxframe.journal.report import progress_text
from tests.conftest import TOKEN, orders, run
from tests.journal.conftest import open_for_run, statuses


def test_a_journal_in_a_read_only_folder_can_be_read(api, path) -> None:
    """A copy on another disk is an example; `flxframe status` reads it too."""
    run(orders(2), api, journal=path)
    path.chmod(0o400)
    path.parent.chmod(0o500)

    try:
        assert Journal(path).summary()["rows"].tolist() == [2]
        assert "2 ok" in progress_text(Journal(path))
    finally:
        path.parent.chmod(0o700)


def test_a_missing_journal_is_an_error(tmp_path) -> None:
    """Reading never creates a file."""
    with pytest.raises(JournalError, match="there is no journal"):
        Journal(tmp_path / "no.db")

    assert list(tmp_path.iterdir()) == []


def test_a_journal_lists_what_was_sent(api, path) -> None:
    """It returns every request, the counts, and the result so far of a longer table."""
    api.fail("429_none")
    run(orders(3), api, journal=path, max_in_flight=1)
    journal = Journal(path)

    assert journal.to_frame()["status"].tolist() == ["ok", "ok", "ok"]
    assert journal.summary()[["status", "rows"]].values.tolist() == [["ok", 3]]
    assert statuses(journal.result(orders(4))) == ["ok", "ok", "ok", "not_sent"]
    assert len(api.arrivals) == 4


def test_every_request_has_its_row_and_its_times(api, path) -> None:
    """The times are in UTC, and integers stay integers even if an answer is missing."""
    api.fail("reset")
    run(orders(2), api, journal=path, max_in_flight=1)

    frame = Journal(path).to_frame()

    assert frame["row"].tolist() == [0, 1]
    assert frame["http_status"].tolist() == [pd.NA, 200]
    assert str(frame["sent_at"].dt.tz) == str(frame["answered_at"].dt.tz) == "UTC"
    assert (frame["answered_at"] >= frame["sent_at"]).all()


def test_the_last_run_has_settled_all_of_its_rows(api, path) -> None:
    """A run with nothing to send is recorded too."""
    for table, rows in ((orders(3), 3), (orders(5), 2), (orders(5), 0)):
        run(table, api, journal=path)
        last = Journal(path).last_run()

        assert (last.rows, last.settled) == (rows, rows)
        assert (last.in_flight, last.running) == (0, False)


def test_a_file_name_instead_of_a_table_is_an_error_that_says_how_to_read_it(path) -> None:
    """`run_workflows` accepts a file name, so a user might try one here too."""
    with open_for_run(path):
        pass

    with pytest.raises(TableError, match=r"not 'orders\.xlsx'; to read a file, use read_table"):
        Journal(path).result("orders.xlsx")


def test_the_recorded_result_of_several_tokens_is_that_of_the_run(api, path) -> None:
    """Equal rows of two tokens keep their own outcomes, and the tokens' values are not needed."""
    stores = ["EU", "US", "EU", "Mars"]
    table = orders(1).iloc[[0, 0, 0, 0]].reset_index(drop=True).assign(Store=stores)
    several = {"token": {"EU": TOKEN, "US": "refused"}, "token_column": "Store"}
    with pytest.warns(StoppedWarning, match="'US': the token was refused"):
        result = run(table, api, journal=path, **several)
    assert statuses(result) == ["ok", "rejected", "ok", "invalid"]

    for tokens in (several["token"], {"EU": "another", "US": "value"}):
        recorded = Journal(path).result(table, token=tokens, token_column="Store")
        assert statuses(recorded) == statuses(result)
        assert recorded["run.error"].tolist()[1:] == result["run.error"].tolist()[1:]

    swapped = table.assign(Store=["US", "EU", "EU", "Mars"])
    recorded = Journal(path).result(swapped, **several)
    assert statuses(recorded) == ["rejected", "ok", "ok", "invalid"]
