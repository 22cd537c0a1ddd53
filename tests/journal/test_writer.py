"""The journal as a run writes it: no answer is lost, and nothing runs twice."""

import resource
import shutil
import signal
import stat
from types import SimpleNamespace

import pytest

from flxframe import Journal, JournalError, StoppedWarning
from flxframe.journal.writer import record_output
from tests.conftest import TOKEN, orders, run
from tests.journal.conftest import open_for_run, statuses
from tests.run.faults import crash, untrue


def test_only_the_owner_can_read_the_files(path) -> None:
    """This includes the files that SQLite keeps next to the journal."""
    with open_for_run(path):
        modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert modes == {0o600}


def test_the_token_is_not_in_the_files(api, path) -> None:
    """The journal and the files next to it do not contain it."""
    run(orders(2), api, journal=path)

    assert all(TOKEN.encode() not in file.read_bytes() for file in path.parent.iterdir())


def test_a_closed_journal_is_one_file(api, path) -> None:
    """It stays one file after it was read, and it can be read while it is open."""
    run(orders(3), api, journal=path)
    Journal(path).summary()
    assert [file.name for file in path.parent.iterdir()] == [path.name]

    with open_for_run(path, api.url):
        assert Journal(path).summary()["rows"].tolist() == [3]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_journal_of_another_base_url_is_refused(api, path) -> None:
    """Otherwise the rows of a rehearsal would count as sent."""
    run(orders(1), api, journal=path)

    with pytest.raises(
        JournalError,
        match=rf"belongs to {api.url}, but this run sends to https://api\.flxpoint\.com: use",
    ):
        open_for_run(path, "https://api.flxpoint.com")


def test_a_journal_whose_creation_was_killed_is_created_again(path) -> None:
    """A rollback file says that the journal had no pages before."""
    with open_for_run(path):
        pass
    numbers = (0, 4711, 0, 512, 4096)  # pages recorded, nonce, pages before, sector, page
    rollback = bytes.fromhex("d9d505f920a163d7")
    rollback += b"".join(number.to_bytes(4, "big") for number in numbers)
    path.with_name(f"{path.name}-journal").write_bytes(rollback.ljust(512, b"\0"))

    with open_for_run(path):
        assert len(Journal(path).to_frame()) == 0


def test_a_full_disk_stops_the_run_and_loses_no_row(api, path) -> None:
    """A limit on file sizes acts like a full disk; the rows that were sent keep their answers."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
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


def test_a_recorded_result_is_recognised_edited_or_not(path, tmp_path) -> None:
    """Other files are not results of this journal."""
    with open_for_run(path):
        pass
    output, other = tmp_path / "out.csv", tmp_path / "other.csv"
    output.write_text("a\n1\n")
    other.write_text("a\n1\n")

    record_output(path, output)
    journal = Journal(path)
    assert (journal.wrote(output), journal.is_of(output)) == (True, True)
    assert (journal.wrote(other), journal.is_of(other)) == (False, False)

    output.write_text("a\n2\n")
    assert (journal.wrote(output), journal.is_of(output)) == (False, True)

    record_output(path, output)
    assert journal.wrote(output)
