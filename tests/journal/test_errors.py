"""Errors of SQLite and the system are raised as `JournalError`."""

import sqlite3
from contextlib import closing

import pytest

from flxframe import Journal, JournalError, JournalLockedError
from flxframe.journal.errors import journal_errors
from tests.conftest import orders, run
from tests.journal.conftest import open_for_run


def test_a_truncated_journal_is_damaged(api, path) -> None:
    """The damaged file is never overwritten."""
    run(orders(200), api, journal=path)
    content = path.read_bytes()
    half = content[: len(content) // 2]
    path.write_bytes(half)

    with pytest.raises(JournalError, match="damaged"):
        run(orders(200), api, journal=path)

    assert path.read_bytes() == half


@pytest.mark.parametrize(
    "read", [Journal.summary, lambda journal: journal.result(orders(3))], ids=["summary", "result"]
)
def test_a_journal_with_invalid_utf8_is_damaged(api, path, read) -> None:
    """The error does not quote the invalid bytes."""
    run(orders(3), api, journal=path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE sendings SET status = cast(x'ff00fe' AS TEXT) WHERE id = 2")

    with pytest.raises(JournalError, match=r"backfill\.db is damaged \(.*\): restore it") as error:
        read(Journal(path))
    assert "\\xff" not in str(error.value)


def test_a_journal_in_a_missing_folder_is_refused(tmp_path) -> None:
    """The folder is not created."""
    with pytest.raises(JournalError, match=r"no\.db can't be opened .*: check its folder"):
        open_for_run(tmp_path / "missing" / "no.db")

    assert list(tmp_path.iterdir()) == []


def test_other_errors_of_sqlite_are_quoted(path) -> None:
    """The message also has the path of the journal, and says what to check."""
    with (
        pytest.raises(
            JournalError, match=r"backfill\.db can't be used \(unable to open .*\): check the disk"
        ),
        journal_errors(path),
    ):
        sqlite3.connect(path.parent / "no folder" / "backfill.db")


def test_a_table_that_is_missing_is_damage(path) -> None:
    """As in a file that was cut to nothing during a run."""
    with (
        pytest.raises(JournalError, match=r"backfill\.db is damaged \(no such table: sendings\)"),
        journal_errors(path),
        closing(sqlite3.connect(":memory:")) as connection,
    ):
        connection.execute("SELECT * FROM sendings")


def test_errors_of_the_journal_pass_unchanged(path) -> None:
    """A JournalLockedError stays one, although it is an OSError too."""
    with pytest.raises(JournalLockedError, match=r"^in use$"), journal_errors(path):
        raise JournalLockedError("in use")
