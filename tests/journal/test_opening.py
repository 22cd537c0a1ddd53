"""SQLite opens a journal: what it needs, and what it must not do."""

import contextlib
import gc
import os
import sqlite3

import pytest

from flxframe import Journal, JournalError
from flxframe.journal import opening
from flxframe.journal.schema import journal_id
from flxframe.journal.writer import JournalWriter
from tests.journal.conftest import open_for_run
from tests.journal.processes import (
    OtherProcess,
    begin,
    finish,
    record,
    running,
    start_and_begin,
    write_without_end,
)


def _delete_and_fail(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM sendings")
    raise KeyboardInterrupt


def test_a_transaction_is_undone_if_anything_fails(path) -> None:
    """The error comes back, and the connection can be used again."""
    record(path)
    with contextlib.closing(opening.connect(path, write=True)) as connection:
        with pytest.raises(KeyboardInterrupt), opening.transaction(connection, path):
            _delete_and_fail(connection)
        with opening.transaction(connection, path):
            connection.execute("UPDATE runs SET rows = rows")

    assert len(Journal(path).to_frame()) == 3


def test_a_journal_that_another_program_has_locked_is_an_error(path) -> None:
    """It says what to do; flxframe waits for 30 seconds before."""
    record(path)
    with (
        contextlib.closing(sqlite3.connect(path)) as tool,
        contextlib.closing(opening.connect(path, write=True)) as connection,
    ):
        (milliseconds,) = connection.execute("PRAGMA busy_timeout").fetchone()
        assert milliseconds == 30_000
        connection.execute("PRAGMA busy_timeout = 1")
        tool.execute("BEGIN EXCLUSIVE")

        message = "was locked by another program .*: close that program, then repeat the run"
        with pytest.raises(JournalError, match=message), opening.transaction(connection, path):
            pass


def test_what_is_deleted_is_not_in_the_file(path) -> None:
    """SQLite overwrites it, however it was built."""
    record(path)
    with contextlib.closing(opening.connect(path, write=True)) as connection:
        assert connection.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_a_file_that_is_not_filled_gets_no_name(path) -> None:
    """A journal that exists stays as it is."""
    for exists in (False, True):
        if exists:
            record(path)
        with pytest.raises(ZeroDivisionError), opening.new_file(path):
            raise ZeroDivisionError
        assert path.exists() == exists
    assert len(Journal(path).to_frame()) == 3


def test_every_journal_has_its_own_id(path) -> None:
    """A rollback file is recognized by it."""
    ids = set()
    for number in range(2):
        other = path.with_name(f"{number}.db")
        record(other)
        with contextlib.closing(opening.connect(other, write=False)) as connection:
            ids.add(journal_id(connection))
    assert len(ids) == 2


def _fill_and_stay(journal: JournalWriter, name: str) -> None:
    new = opening.new_file(journal.path.with_name(name))
    connection = new.__enter__()
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("CREATE TABLE pages AS SELECT randomblob(1000000) AS page")
    globals()["new"] = new


def test_the_leftovers_of_a_killed_process_are_removed(path) -> None:
    """It was killed while it filled a new file."""
    with OtherProcess(path.with_name("other.db")) as other:
        other.call(_fill_and_stay, path.name)
        other.kill()
    assert any("-new-" in name for name in os.listdir(path.parent))

    record(path)

    assert not any("-new-" in name for name in os.listdir(path.parent))


def _fork_and_leave(journal: JournalWriter) -> None:
    """Leave the journal's block in a forked child, in the middle of a transaction."""
    write_without_end(journal, 500)
    child = os.fork()
    if child == 0:
        journal.__exit__(None, None, None)
        journal.__dict__.clear()
        gc.collect()  # closes a connection that nothing keeps open
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    journal._connection.execute("COMMIT")


def test_a_forked_child_leaves_the_journal_as_it_is(path) -> None:
    """Closing its connection would undo the transaction of its parent."""
    with running(path, 1_000) as other:
        other.call(_fork_and_leave)
        assert Journal(path).last_run().running
        other.kill()

    path.with_name(f"{path.name}-lock").unlink()
    assert len(Journal(path).to_frame()) == 501


@pytest.mark.parametrize("suffix", ["journal", "wal"])
def test_an_empty_file_next_to_a_journal_is_left_alone(path, suffix) -> None:
    """SQLite would not use it."""
    record(path)
    path.with_name(f"{path.name}-{suffix}").touch()
    with open_for_run(path) as journal:
        start_and_begin(journal, 7)
        finish(journal, 7)
    assert len(Journal(path).to_frame()) == 4


def _cut_in_run(journal: JournalWriter, size: int) -> list[str]:
    os.truncate(journal.path, size)
    messages = []
    for step in (lambda: begin(journal, 8), lambda: finish(journal, 7)):
        try:
            step()
        except JournalError as error:
            messages.append(str(error))
    return messages


@pytest.mark.parametrize("size", [0, 1, 100, 4096])
def test_a_journal_that_is_cut_during_a_run_stops_it(path, size) -> None:
    """Nothing more is sent, and it does not become a new journal."""
    record(path)
    with running(path, 7) as other:
        messages = other.call(_cut_in_run, size)
        other.kill()

    assert len(messages) == 2
    assert all("damaged" in text or "not a flxframe journal" in text for text in messages)
    with pytest.raises(JournalError):
        Journal(path)
