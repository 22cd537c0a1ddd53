"""The progress of a journal's last run."""

import contextlib
from pathlib import Path

from flxframe.journal.last_run import LastRun, read_last_run
from flxframe.journal.opening import connect
from flxframe.models import Outcome
from tests.journal.conftest import open_for_run
from tests.journal.processes import begin, finish, record, running


def last_run(path: Path) -> LastRun | None:
    with contextlib.closing(connect(path, write=False)) as connection:
        return read_last_run(connection, path)


def test_a_journal_without_a_run_has_no_last_run(path) -> None:
    """It was only created."""
    with open_for_run(path):
        pass
    assert last_run(path) is None


def test_the_rows_of_a_live_run_are_counted(path) -> None:
    """Those in flight count as sent."""
    record(path)
    with running(path, 5, 6, 7) as other:
        other.call(finish, 5)
        run = last_run(path)
        assert (run.rows, run.settled, run.in_flight, run.running) == (3, 3, 2, True)

        other.kill()
    run = last_run(path)
    assert (run.settled, run.in_flight, run.running) == (3, 0, False)


def test_a_row_that_was_not_sent_is_left(path) -> None:
    """A row that is sent again counts once."""
    with open_for_run(path) as journal:
        journal.start(3, 1.5)
        begin(journal, 0, 1)
        finish(journal, 0, outcome=Outcome("not_sent", 429, "busy"))
        assert last_run(path).settled == 1
        begin(journal, 0)
        finish(journal, 0, 1)
        run = last_run(path)

    assert (run.rows, run.settled, run.seconds) == (3, 2, 1.5)
    assert not last_run(path).running
