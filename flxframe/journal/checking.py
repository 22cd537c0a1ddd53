"""Open a journal for writing, once it is created, carried over and checked as needed."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from flxframe.journal import opening
from flxframe.journal.conversion import convert
from flxframe.journal.schema import FORMAT, check_format, exists
from flxframe.journal.soundness import check_soundness, write_stamp


def open_checked(
    path: Path, *, create: bool = False, token_names: Sequence[str] = ()
) -> sqlite3.Connection:
    """Open a journal for writing; the caller has locked the side file.

    Parameters
    ----------
    path : path
        The journal's file.
    create : bool
        Whether to create it if it does not exist.
    token_names : list of str, optional
        The names of the run's tokens, by which the rows of an older format are recognized.

    Raises
    ------
    JournalError
        If the file is not a journal, was written by a newer flxframe, or is damaged.
    """
    if create and not exists(path):
        with opening.new_file(path):
            pass
    opening.check_file_kind(path)
    opening.check_name(path)
    opening.check_side_files(path)

    connection = opening.connect(path, write=True)
    try:
        if check_format(connection, path) != FORMAT:
            connection = convert(connection, path, token_names)
        path.chmod(0o600)
        check_soundness(connection, path)

        # An intent must be on disk before its request leaves: EXTRA waits for the disk.
        connection.execute("PRAGMA synchronous = EXTRA")
        connection.execute("PRAGMA journal_mode = TRUNCATE")
    except BaseException:
        connection.close()
        raise
    return connection


def close(connection: sqlite3.Connection, path: Path) -> None:
    """Close a journal so that it is one file, and leave its stamp; the side file is locked."""
    with contextlib.closing(connection), contextlib.suppress(sqlite3.Error):
        # It removes the rollback file, which other processes create again when they need it.
        connection.execute("PRAGMA journal_mode = DELETE")
        write_stamp(connection, path)
