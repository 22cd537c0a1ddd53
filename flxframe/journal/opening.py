"""Open a journal for a run, and close it: created, checked, carried over, and whole at the end."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from flxframe.exceptions import JournalError
from flxframe.journal.database import (
    FORMAT,
    check_file_kind,
    check_format,
    check_integrity,
    connect,
    create,
    stamp,
)
from flxframe.journal.find import run_states
from flxframe.journal.location import JOURNAL_VARIABLE, is_default
from flxframe.journal.lock import exclusive
from flxframe.journal.upgrade import upgrade


def open_journal(path: Path) -> sqlite3.Connection:
    """Open a journal; create it if it does not exist, and check it unless it is as it was left.

    Raises
    ------
    JournalError
        If it is not a journal, is damaged, or was written by a newer flxframe.
    OSError, sqlite3.Error
        If it cannot be read or written.
    """
    _make_folder(path)
    with exclusive(path) as lock:
        if not path.exists():
            create(path)
        check_file_kind(path)

        before = stamp(path)
        connection = connect(path)
        try:
            if check_format(connection, path) < FORMAT:
                connection.close()
                upgrade(path)
                connection = connect(path)

            # The first read makes SQLite roll back what a killed process had half written.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA journal_mode = TRUNCATE").fetchone()
            connection.execute("PRAGMA schema_version").fetchone()
            if lock.read() != before and not _is_in_use(connection, path):
                check_integrity(connection, path)
            lock.write("")
        except BaseException:
            connection.close()
            raise
    return connection


def close_journal(connection: sqlite3.Connection, path: Path) -> None:
    """Close a journal; the last process leaves one file, and a stamp that saves the next check."""
    with exclusive(path) as lock:
        is_last = not _is_in_use(connection, path)
        if is_last:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        connection.close()
        if is_last:
            lock.write(stamp(path))


def _is_in_use(connection: sqlite3.Connection, path: Path) -> bool:
    return "live" in run_states(connection, path).values()


def _make_folder(path: Path) -> None:
    """Create the folder of the user's own journal, which nobody named."""
    if not is_default(path):
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise JournalError(
            f"the journal {path} can't be created ({error.strerror}): pass journal=False to record "
            f"nothing, or set {JOURNAL_VARIABLE} to a file in another folder"
        ) from None
