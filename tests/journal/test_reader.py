"""A journal opened for reading."""

import pytest

from flxframe import (
    Journal,
    JournalError,
    TableError,
)
from flxframe.journal.report import progress_text
from flxframe.journal.writer import JournalWriter
from tests.conftest import orders, run
from tests.journal.conftest import URL


def test_a_journal_in_a_folder_that_cant_be_written_can_be_read(api, path) -> None:
    """Such as a copy of it on another disk; the shell's `status` reads it too."""
    run(orders(2), api, journal=path)
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        assert Journal(path).summary()["rows"].tolist() == [2]
        assert "2 ok" in progress_text(Journal(path))
    finally:
        path.parent.chmod(0o700)


def test_a_missing_journal_and_a_missing_folder_are_sentences(tmp_path) -> None:
    """Reading never makes a file."""
    with pytest.raises(JournalError, match="there is no journal"):
        Journal(tmp_path / "no.db")
    with pytest.raises(JournalError, match="folder"):
        JournalWriter(tmp_path / "no" / "no.db", base_url=URL)
    assert list(tmp_path.iterdir()) == []


def test_a_journal_tells_what_was_sent(api, path) -> None:
    """Every request, the counts, and the result as it stands for a longer table."""
    api.fail("429_none")
    run(orders(3), api, journal=path, max_in_flight=1)
    journal = Journal(path)
    assert journal.to_frame()["status"].tolist() == ["not_sent", "ok", "ok", "ok"]
    assert journal.summary()[["status", "rows"]].values.tolist() == [["ok", 3]]
    assert journal.result(orders(4))["run.status"].tolist() == ["ok", "ok", "ok", "not_sent"]
    assert len(api.arrivals) == 4


def test_the_result_of_a_files_name_says_how_to_read_it(path) -> None:
    """`run_workflows` takes one, so a user may expect it here too."""
    with JournalWriter(path, base_url=URL):
        pass
    with pytest.raises(TableError, match=r"not 'orders\.xlsx': read_table makes one"):
        Journal(path).result("orders.xlsx")
