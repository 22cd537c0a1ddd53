"""The journal as a run writes it: nothing answered is lost, nothing runs twice."""

import resource
import shutil
import signal
import stat
from types import SimpleNamespace

import pytest

from flxframe import (
    Journal,
    JournalError,
    StoppedWarning,
)
from flxframe.journal.writer import JournalWriter
from tests.conftest import TOKEN, orders, run
from tests.journal.conftest import URL
from tests.run.faults import crash, untrue


def test_the_file_is_its_owners_and_holds_no_token(api, path) -> None:
    """Nor do the files that SQLite keeps beside it."""
    with JournalWriter(path, base_url=api.url):
        modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {0o600}
    run(orders(2), api, journal=path)
    assert all(TOKEN.encode() not in file.read_bytes() for file in path.parent.iterdir())


def test_a_journal_at_rest_is_one_file(api, path) -> None:
    """Also when it has been read, and while a run goes on it can be."""
    run(orders(3), api, journal=path)
    Journal(path).summary()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    with JournalWriter(path, base_url=api.url):
        assert Journal(path).summary()["rows"].tolist() == [3]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_journal_of_another_base_url_is_refused(api, path) -> None:
    """A rehearsal must not count as done."""
    run(orders(1), api, journal=path)
    with pytest.raises(JournalError, match="of requests to"):
        JournalWriter(path, base_url="https://api.flxpoint.com")


def test_a_journal_that_was_killed_while_it_was_made_is_made_anew(path) -> None:
    """SQLite finds pages of it, and beside them the note that there were none when the making began."""
    with JournalWriter(path, base_url=URL):
        pass
    numbers = (0, 4711, 0, 512, 4096)  # pages noted, nonce, pages before, sector, page
    note = bytes.fromhex("d9d505f920a163d7") + b"".join(
        number.to_bytes(4, "big") for number in numbers
    )
    path.with_name(f"{path.name}-journal").write_bytes(note.ljust(512, b"\0"))
    with JournalWriter(path, base_url=URL):
        assert len(Journal(path).to_frame()) == 0


def test_a_full_disk_stops_the_run_and_loses_no_row(api, path) -> None:
    """A limit on the size of files is as real as a full disk; what left has its answer, the rest is not sent."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    try:
        with pytest.warns(StoppedWarning, match="journal"):
            result = run(orders(400), api, journal=path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    counts = result["run.status"].value_counts().to_dict()
    assert counts["ok"] == len(api.runs) < 400
    assert counts["not_sent"] == 400 - len(api.runs)
    assert Journal(path).summary()[["status", "rows"]].values.tolist() == [["ok", counts["ok"]]]
    assert run(orders(400), api, journal=path)["run.status"].tolist() == ["ok"] * 400
    assert len(api.runs) == 400


def test_a_disk_that_is_nearly_full_stops_the_run_while_answers_find_room(
    api, path, monkeypatch
) -> None:
    """The sentence says what to do, and the journal knows every answer."""
    room = iter([10**9] * 3)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=next(room, 9_000_000)))
    with pytest.warns(StoppedWarning, match="nearly full .* make room, and run the same again"):
        result = run(orders(40), api, journal=path, max_in_flight=1)
    assert result["run.status"].tolist() == ["ok"] * 3 + ["not_sent"] * 37
    assert Journal(path).summary()["status"].tolist() == ["ok"]


def test_killed_at_any_instant_nothing_runs_twice(path) -> None:
    """A real process, killed for real 60 times."""
    interrupted, result = crash(orders(1200), 60, path)
    assert 0 < interrupted < len(result) == 1200, "the kills must hit a run in its middle"
    assert result["runs"].max() == 1, "nothing ran twice"
    assert untrue(result).empty, "what is ok ran"
    assert set(result["run.status"]) <= {"ok", "unknown"}, "no row is lost"
