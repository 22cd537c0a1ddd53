"""The journal as a run writes it: no answer is lost, and nothing runs twice."""

import os
import resource
import shutil
import signal
import stat
from types import SimpleNamespace

import pytest

from flxframe import Journal, JournalError, StoppedWarning
from flxframe.models import STATUSES, Outcome
from flxframe.sandbox import sandbox
from tests.conftest import TOKEN, orders, run
from tests.journal.conftest import KEY, LEFT, intent, open_for_run, statuses
from tests.run.faults import crash, untrue

NOW = 1.7e9
OTHER_KEY = b"other key 1234 x"


def test_only_the_owner_can_read_the_files(path) -> None:
    """This includes the files that SQLite keeps next to the journal."""
    with open_for_run(path):
        Journal(path)
        modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert modes == {0o600}


def test_the_token_is_not_in_the_files(api, path) -> None:
    """The journal and the files next to it do not contain it."""
    run(orders(2), api, journal=path)

    assert all(TOKEN.encode() not in file.read_bytes() for file in path.parent.iterdir())


def test_a_closed_journal_is_one_file(api, path) -> None:
    """Only the file for locks stays next to it, and it can be read while it is open."""
    run(orders(3), api, journal=path)
    Journal(path).summary()
    names = {path.name, f"{path.name}-lock"}
    assert {file.name for file in path.parent.iterdir()} == names

    with open_for_run(path, api.url) as journal:
        journal.start(1, 1.0)
        assert Journal(path).summary()["rows"].tolist() == [3]
    assert {file.name for file in path.parent.iterdir()} == names


def test_a_row_of_another_place_is_a_new_row(api, path) -> None:
    """The rows of a rehearsal do not count as sent."""
    run(orders(1), api, journal=path)
    with sandbox(token=TOKEN, limit=None) as other:
        run(orders(1), other, journal=path)
        assert len(other.runs) == 1


def test_a_row_is_not_sent_while_another_run_has_it_in_flight(path) -> None:
    """Its outcome is taken over when it arrives; a row that was rejected can be sent."""
    with open_for_run(path) as first, open_for_run(path) as second:
        for journal in (first, second):
            journal.find(KEY * 2, b"", b"")
            journal.start(3, 1.0)
        assert first.begin([intent(0), intent(1, OTHER_KEY), intent(2, b"x" * 16)], NOW) == {}
        assert second.begin([intent(5), intent(6, OTHER_KEY)], NOW) == {5: None, 6: None}

        assert second.poll([5, 6]) == {}
        first.finish([(0, Outcome("ok", 200, objects={"order": {"n": 1}}), LEFT)])
        first.finish([(2, Outcome("rejected", 400, "no"), LEFT)])
        assert second.poll([5, 6])[5].objects == {"order": {"n": 1}}
        assert second.begin([intent(7, b"x" * 16)], NOW) == {}

        first.end(complete=False)
        assert second.poll([6])[6].status == "unknown"


def test_a_row_that_is_retried_is_one_sending(path) -> None:
    """Its requests are counted."""
    with open_for_run(path) as journal:
        journal.start(1, 1.0)
        journal.begin([intent(0)], NOW)
        journal.finish([(0, Outcome("not_sent", 429, "busy"), LEFT)])
        journal.begin([intent(0)], NOW)
        journal.finish([(0, Outcome("ok", 200), LEFT)])
        journal.end(complete=True)
        rows = journal.find(KEY, b"", b"")

    assert rows.tries.tolist() == [2]
    assert rows.codes.tolist() == [STATUSES.index("ok")]
    assert rows.run_ended.tolist() == [True]
    assert Journal(path).to_frame()["status"].tolist() == ["ok"]


def test_a_journal_that_is_replaced_during_a_run_stops_it(api, path) -> None:
    """Nothing more is sent, and the result comes back."""

    def replace(objects: dict) -> None:
        if len(api.arrivals) == 3:
            path.rename(path.with_name("moved.db"))

    api.add_workflow("order_import", replace)
    with pytest.warns(StoppedWarning, match="was moved or replaced"):
        result = run(orders(9), api, journal=path, max_in_flight=1)

    assert statuses(result) == ["ok"] * len(api.runs) + ["not_sent"] * (9 - len(api.runs))
    assert len(api.runs) < 9
    assert not path.exists()


def test_a_forked_child_cannot_use_the_journal(path) -> None:
    """It would share the connection of its parent."""
    with open_for_run(path) as journal:
        journal.start(1, 1.0)
        child = os.fork()
        if child == 0:
            try:
                journal.begin([intent(0)], NOW)
            except JournalError:
                os._exit(17)
            finally:  # the child must never run the rest of the tests
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 17
        assert journal.begin([intent(0)], NOW) == {}


def test_a_full_disk_stops_the_run_and_loses_no_row(api, path) -> None:
    """A limit on file sizes acts like a full disk; the rows that were sent keep their answers."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.warns(StoppedWarning, match="journal"):
            result = run(orders(400), api, journal=path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)

    counts = result["run.status"].value_counts().to_dict()
    assert counts["ok"] == len(api.runs) < 400
    assert counts["not_sent"] == 400 - len(api.runs)
    assert Journal(path).summary()[["status", "rows"]].values.tolist() == [["ok", counts["ok"]]]

    assert statuses(run(orders(400), api, journal=path)) == ["ok"] * 400
    assert len(api.runs) == 400


def test_a_nearly_full_disk_stops_the_run_while_answers_still_fit(api, path, monkeypatch) -> None:
    """The warning says what to do, and the journal has every answer."""
    sizes = iter([10**9] * 3)

    def disk_usage(_path: object) -> SimpleNamespace:
        return SimpleNamespace(free=next(sizes, 9_000_000))

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)

    with pytest.warns(
        StoppedWarning, match="nearly full .* free some space, then repeat the run to resume it"
    ):
        result = run(orders(40), api, journal=path, max_in_flight=1)

    assert statuses(result) == ["ok"] * 3 + ["not_sent"] * 37
    assert Journal(path).summary()["status"].tolist() == ["ok"]


def test_nothing_runs_twice_however_often_the_run_is_killed(path) -> None:
    """A process is killed 60 times."""
    interrupted, result = crash(orders(1200), 60, path)

    assert 0 < interrupted < len(result) == 1200, "the kills must hit the middle of a run"
    assert result["runs"].max() == 1, "nothing ran twice"
    assert untrue(result).empty, "what is ok ran"
    assert set(result["run.status"]) <= {"ok", "unknown"}, "no row is lost"
