"""The format of a journal's file: its tables, and the check that a file has them."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from flxframe.exceptions import JournalError
from flxframe.journal.errors import damaged, not_a_journal
from flxframe.options.checks import check_file

APPLICATION_ID = 0x666C7866
FORMAT = 2

_TABLES = (
    "CREATE TABLE runs (id INTEGER PRIMARY KEY, started_at REAL NOT NULL, rows INTEGER NOT NULL, "
    "seconds REAL NOT NULL, recalled INTEGER NOT NULL, later INTEGER NOT NULL, "
    "host TEXT NOT NULL, boot TEXT NOT NULL, seen_at REAL NOT NULL, "
    "ended_at REAL, complete INTEGER, checksum INTEGER NOT NULL)",
    "CREATE TABLE sendings (id INTEGER PRIMARY KEY, uid BLOB NOT NULL, run INTEGER NOT NULL, "
    "key BLOB NOT NULL, nth INTEGER NOT NULL, left BLOB NOT NULL, place TEXT NOT NULL, "
    "token_tag INTEGER NOT NULL, draft INTEGER NOT NULL, position INTEGER NOT NULL, label TEXT, "
    "request TEXT, sent_at REAL NOT NULL, answered_at REAL, status TEXT, http_status INTEGER, "
    "error TEXT, answer TEXT, attempts INTEGER NOT NULL, seconds REAL, checksum INTEGER NOT NULL)",
    "CREATE INDEX by_key ON sendings (key)",
    "CREATE INDEX by_left ON sendings (left)",
    "CREATE INDEX by_uid ON sendings (uid)",
    "CREATE INDEX by_run ON sendings (run)",
    "CREATE INDEX kept ON sendings (sent_at) WHERE request IS NOT NULL",
)
_ID_VIEW = "CREATE VIEW journal_id AS SELECT '{}' AS id"
"""The random id of the file. It is on the first page, and so in every rollback file of it."""

RUN_FIELDS = (
    *("started_at", "rows", "seconds", "recalled", "later", "host", "boot", "seen_at", "ended_at"),
    "complete",
)
"""The columns of a run that its checksum covers, in this order."""

SENDING_FIELDS = (
    *("uid", "run", "key", "nth", "place", "token_tag", "draft", "position", "label", "request"),
    *("left", "sent_at", "answered_at", "status", "http_status", "error", "answer", "attempts"),
    "seconds",
)
"""The columns of a sending that its checksum covers, in this order."""

FIXED_FIELDS = 10
"""The first fields of a sending never change, except that the request is forgotten."""


def create_tables(connection: sqlite3.Connection) -> None:
    """Create the tables of a journal, in the current transaction."""
    for statement in (*_TABLES, _ID_VIEW.format(os.urandom(16).hex())):
        connection.execute(statement)

    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def check_format(connection: sqlite3.Connection, path: Path) -> int:
    """Return the format of a journal, or raise if the file is not one.

    Raises
    ------
    JournalError
        If the database is not a journal, was written by a newer flxframe, or lacks its tables.
    """
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()

    if application_id != APPLICATION_ID:
        raise not_a_journal(path)

    if version > FORMAT:
        raise JournalError(
            f"the journal {path} was written by a newer flxframe (format {version}): "
            "update flxframe to use it"
        )

    if version < 1:
        raise damaged(path, f"format {version}")

    if version == FORMAT:
        rows = connection.execute("SELECT sql FROM sqlite_schema WHERE type != 'view'")
        statements = {statement for (statement,) in rows}
        if statements != set(_TABLES):
            raise damaged(path, "its tables were changed")
    return int(version)


def journal_id(connection: sqlite3.Connection) -> str:
    """Return the random id of a journal of the current format."""
    return str(connection.execute("SELECT id FROM journal_id").fetchone()[0])


def journal_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of a journal's file; that of a link's target, where its locks are.

    Raises
    ------
    SettingError
        If it is not a file path.
    JournalError
        If it is a folder.
    """
    check_file("journal", path)
    path = Path(path)
    if os.path.isdir(path):
        raise JournalError(
            f"the journal {path} is a folder: choose a file in it, such as {path / 'backfill.db'}"
        )
    if os.path.islink(path) and os.path.exists(path):
        return Path(os.path.realpath(path))
    return path


def exists(path: Path) -> bool:
    """Return whether there is a file, or raise if the system does not know."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True
