"""The rows that other runs have sent, or have in flight, are not sent by this one."""

import contextlib

import pytest

from flxframe import JournalError
from flxframe.journal.known import IN_FLIGHT
from flxframe.journal.opening import connect
from flxframe.journal.writer import JournalWriter
from flxframe.models import STATUSES, Outcome
from tests.journal.conftest import intent, open_for_run
from tests.journal.processes import NOW, begin, finish, key, record, running


@pytest.fixture
def journal(path):
    """A journal with a run of this process, which has looked its rows up."""
    record(path)
    with open_for_run(path) as opened:
        opened.find(b"".join(map(key, range(9))), b"", b"")
        opened.start(9, 1.0)
        yield opened


def test_a_row_in_flight_in_another_process_is_waited_for(journal, path) -> None:
    """Its outcome there is the outcome here."""
    with running(path, 5, 6) as other:
        assert begin(journal, 5, 6, 7) == {5: None, 6: None}
        assert journal.poll([5, 6]) == {}

        other.call(finish, 5)
        assert [outcome.status for outcome in journal.poll([5, 6]).values()] == ["ok"]
        assert begin(journal, 5)[5].status == "ok"


def test_a_row_in_flight_in_a_process_that_dies_is_unknown(journal, path) -> None:
    """It might have run, so it is not sent."""
    with running(path, 5) as other:
        assert begin(journal, 5) == {5: None}
        other.kill()

    assert journal.poll([5])[5].status == "unknown"
    assert begin(journal, 5)[5].status == "unknown"


@pytest.mark.parametrize("status", ["rejected", "not_sent", "ok", "unknown"])
def test_a_row_that_another_run_has_finished_is_sent_if_it_can_be(journal, path, status) -> None:
    """It was finished after this run had looked it up."""
    with running(path, 5) as other:
        other.call(_finish_with, status)
    blocked = begin(journal, 5)

    if status in ("rejected", "not_sent"):
        assert blocked == {}
    else:
        assert blocked[5].status == status


def _finish_with(journal: JournalWriter, status: str) -> None:
    finish(journal, 5, outcome=Outcome(status, 200))  # type: ignore[arg-type]
    journal.end(complete=True)


def test_a_row_that_was_not_delivered_is_waited_for_while_its_run_is_live(journal, path) -> None:
    """That run sends it again."""
    with running(path, 5) as other:
        begin(journal, 5)
        other.call(_not_delivered)
        assert journal.poll([5]) == {}
        other.kill()
    assert journal.poll([5])[5].status == "not_sent"


def _not_delivered(journal: JournalWriter) -> None:
    finish(journal, 5, outcome=Outcome("not_sent", 429))


def test_a_row_that_was_ok_once_is_ok(journal, path) -> None:
    """Whatever another run did with it later."""
    with running(path, 5) as other:
        other.call(finish, 5)
    with open_for_run(path) as third:
        third.find(key(5), b"", b"")
        third.start(1, 1.0)
        begin(third, 5)
        assert begin(journal, 5)[5].status == "ok"


def test_other_rows_are_not_blocked(journal, path) -> None:
    """Those that the run knew, its own, and those with another number among equals."""
    with running(path, 5):
        assert begin(journal, 0, 1, 2, 3) == {}
        assert begin(journal, 3) == {}
        assert journal.begin([intent(4, key(5), nth=1)], NOW) == {}


def test_rows_that_were_in_flight_when_looked_up_are_waited_for(path) -> None:
    """By the numbers of their sendings."""
    record(path)
    with running(path, 5) as other, open_for_run(path) as journal:
        known = journal.find(key(5), b"", b"")
        assert known.codes.tolist() == [IN_FLIGHT]
        journal.wait_for([(11, int(known.sendings[0]))])
        assert journal.poll([11]) == {}
        other.call(finish, 5)
        assert journal.poll([11])[11].status == "ok"
        assert journal.find(key(5), b"", b"").codes.tolist() == [STATUSES.index("ok")]


def test_rows_that_vanish_from_the_journal_are_damage(journal, path) -> None:
    """The run stops."""
    with running(path, 5) as other:
        assert begin(journal, 5) == {5: None}
        with contextlib.closing(connect(path, write=True)) as tool:
            tool.execute("DELETE FROM sendings")
        with pytest.raises(JournalError, match="is damaged"):
            journal.poll([5])
        other.kill()
