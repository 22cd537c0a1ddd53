"""Open a journal for reading, whatever its format and the state that a kill left it in."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from flxframe.journal import conversion, opening
from flxframe.journal.schema import FORMAT, check_format, create_tables


@contextlib.contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a journal for reading; one of an older format is read as one of the current format.

    Raises
    ------
    JournalError
        If the file does not exist or is not a journal.
    """
    opening.check_file_kind(path)
    opening.check_side_files(path)

    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(contextlib.closing(_connect(path)))
        if check_format(connection, path) != FORMAT:
            copy = sqlite3.connect(":memory:", isolation_level=None)
            stack.enter_context(contextlib.closing(copy))
            opening.add_functions(copy)
            create_tables(copy)
            conversion.copy(connection, copy)
            connection = copy
        yield connection


def _connect(path: Path) -> sqlite3.Connection:
    is_at_rest = not any(
        path.with_name(f"{path.name}-{suffix}").exists() for suffix in ("journal", "wal")
    )
    # SQLite could not create its side files in such a folder, and no run can write there.
    immutable = is_at_rest and not os.access(path.parent, os.W_OK)

    connection = opening.connect(path, write=False, immutable=immutable)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        # After a kill, SQLite must undo the last transaction first.
        connection.close()
        connection = opening.connect(path, write=True)
        connection.execute("PRAGMA query_only = ON")
    return connection
