"""Open a journal for reading, whatever its format and the state that a kill left it in."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from flxframe.journal import conversion, opening
from flxframe.journal.schema import FORMAT, check_format, create_tables


@contextlib.contextmanager
def reading(path: Path, token_names: Sequence[str] | None = None) -> Iterator[sqlite3.Connection]:
    """Open a journal for reading; one of an older format is read as one of the current format.

    Parameters
    ----------
    path : path
        The journal's file.
    token_names : list of str, optional
        The names of the tokens, by which the rows of an older format are recognized; None if they
        are only listed.

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
            conversion.copy(connection, copy, path, token_names)
            connection = copy
        yield connection


def _connect(path: Path) -> sqlite3.Connection:
    log, rollback = (path.with_name(f"{path.name}-{suffix}") for suffix in ("wal", "journal"))
    is_at_rest = not log.exists() and not rollback.exists()
    # SQLite could not create its side files in such a folder, and no run can write there.
    immutable = is_at_rest and not os.access(path.parent, os.W_OK)

    # After a kill, also during the reading, SQLite must undo the last transaction first. A log, as
    # format 1 has one, would be written into the file.
    can_write = not immutable and not log.exists()
    connection = opening.connect(path, write=can_write, immutable=immutable)
    connection.execute("PRAGMA query_only = ON")
    return connection
