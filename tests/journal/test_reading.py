"""A journal is opened for reading, whatever the state that a kill left it in."""

import contextlib
import os
import sqlite3
import threading
from pathlib import Path

import pytest

from flxframe import Journal, JournalError
from flxframe.journal import opening
from flxframe.journal.reading import reading
from flxframe.journal.writer import JournalWriter
from tests.journal.processes import OtherProcess, record, running, write_without_end


def count(path: Path) -> int:
    """Return the number of sendings."""
    with reading(path) as connection:
        (number,) = connection.execute("SELECT count(*) FROM sendings").fetchone()
    return int(number)


def read_in_own_process(journal: JournalWriter) -> int:
    """Read the journal of a live run in the run's own process, in another thread too."""
    numbers = []

    def read() -> None:
        opened = Journal(journal.path)
        numbers.append(len(opened.to_frame()))
        opened.summary()

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    read()
    return numbers.pop()


def test_reading_changes_nothing(path) -> None:
    """No file is written, and none is created."""
    record(path)
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in path.parent.iterdir()}

    assert count(path) == 3
    with reading(path) as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM sendings")

    after = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in path.parent.iterdir()}
    assert after == before


def test_a_journal_is_made_whole_after_a_kill_in_a_transaction(path) -> None:
    """What the transaction had written into the file is undone."""
    record(path)
    size = path.stat().st_size
    with OtherProcess(path) as other:
        other.call(write_without_end, 500)
        assert path.stat().st_size > size
        other.kill()
    assert path.with_name(f"{path.name}-journal").stat().st_size

    assert count(path) == 3
    path.with_name(f"{path.name}-lock").unlink()
    assert Journal(path).summary()["rows"].tolist() == [2, 1]


def test_a_kill_while_the_journal_is_read_does_not_end_the_reading(path) -> None:
    """What the killed process had written is undone then too."""
    record(path)
    with OtherProcess(path) as other, reading(path) as connection:
        other.call(write_without_end, 500)
        other.kill()
        assert connection.execute("SELECT count(*) FROM sendings").fetchone() == (3,)


def test_a_run_keeps_its_locks_while_its_own_process_reads_the_journal(path) -> None:
    """Closing any descriptor of a file drops the POSIX locks that a process has on it."""
    record(path)
    with running(path, 7) as other:
        other.call(write_without_end, 3)
        assert other.call(read_in_own_process) == 4

        with contextlib.closing(opening.connect(path, write=True)) as tool:
            tool.execute("PRAGMA busy_timeout = 0")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                tool.execute("BEGIN IMMEDIATE")
        other.kill()

    assert Journal(path).to_frame()["status"].tolist() == ["ok", "ok", "unknown", "unknown"]


def test_a_journal_whose_rollback_file_was_left_behind_is_complete_or_an_error(path) -> None:
    """Renamed after a kill, without the file next to it."""
    record(path)
    with OtherProcess(path) as other:
        other.call(write_without_end, 500)
        other.kill()
    moved = path.with_name("moved.db")
    path.rename(moved)

    with pytest.raises(JournalError, match=r"moved\.db is damaged"):
        Journal(moved)


def test_a_rollback_file_that_was_left_behind_is_not_used_for_a_new_journal(path) -> None:
    """SQLite would write the old pages into it."""
    record(path)
    with OtherProcess(path) as other:
        other.call(write_without_end, 500)
        other.kill()
    path.unlink()

    with pytest.raises(JournalError, match=r"backfill\.db-journal .* belongs to another database"):
        record(path)


@pytest.mark.skipif(os.name == "nt", reason="the file system has no links without a privilege")
def test_a_link_is_read_where_its_target_is(path) -> None:
    """The rollback file is next to the target."""
    record(path)
    with OtherProcess(path) as other:
        other.call(write_without_end, 500)
        other.kill()
    (path.parent / "folder").mkdir()
    link = path.parent / "folder" / "link.db"
    link.symlink_to(path)

    assert len(Journal(link).to_frame()) == 3
    assert list(link.parent.iterdir()) == [link]


def test_a_missing_journal_is_an_error(path) -> None:
    """No file is created."""
    with pytest.raises(JournalError, match="there is no journal"):
        count(path)
    assert list(path.parent.iterdir()) == []
