"""The journal's file: its tables, its format, and whether it is whole."""

from __future__ import annotations

import os
import sqlite3
import stat
import uuid
import zlib
from pathlib import Path
from typing import Any

from flxframe.exceptions import JournalError
from flxframe.journal.errors import not_a_journal
from flxframe.journal.lock import side_file

APPLICATION_ID = 0x666C7866
FORMAT = 2

SCHEMA = f"""
BEGIN;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started_at REAL NOT NULL,  -- seconds since the epoch
    rows INTEGER NOT NULL,     -- to send
    seconds REAL NOT NULL,     -- estimated at the start
    host TEXT NOT NULL,
    boot TEXT NOT NULL,        -- of the computer, so that a restart ends its runs
    seen_at REAL NOT NULL,     -- the last time that the run wrote anything
    ended_at REAL,             -- NULL while it lives, or if it was killed
    complete INTEGER           -- whether each of its rows got its outcome
);
CREATE TABLE sendings (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE,  -- also in the fingerprint of the row
    run INTEGER NOT NULL,
    key BLOB NOT NULL,         -- of the exact content, the place, the token cell, the occasion
    nth INTEGER NOT NULL,      -- its number among equal rows
    left BLOB NOT NULL,        -- of the canonical content that the row was left with
    place TEXT NOT NULL,
    token_tag INTEGER NOT NULL,
    draft INTEGER NOT NULL,
    position INTEGER NOT NULL, -- of the row in the table, at that time
    label TEXT,                -- the values of the columns that name the row
    request TEXT,              -- NULL once it is forgotten
    sent_at REAL NOT NULL,
    answered_at REAL,
    status TEXT,
    http_status INTEGER,
    error TEXT,
    answer TEXT,               -- the answered objects, where they differ from what was sent
    attempts INTEGER NOT NULL, -- HTTP requests
    seconds REAL,
    checksum INTEGER NOT NULL
);
CREATE INDEX sendings_by_key ON sendings (key);
CREATE INDEX sendings_by_left ON sendings (left);
CREATE INDEX sendings_with_body ON sendings (sent_at) WHERE request IS NOT NULL;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT};
COMMIT;
"""

COLUMNS = (
    "uid",
    "run",
    "key",
    "nth",
    "left",
    "place",
    "token_tag",
    "draft",
    "position",
    "label",
    "request",
    "sent_at",
    "answered_at",
    "status",
    "http_status",
    "error",
    "answer",
    "attempts",
    "seconds",
)
"""The columns of a sending, except its id and its check sum."""

_TIMEOUT = 60.0
"""Seconds to wait for another process that writes."""


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing journal."""
    uri = f"{path.resolve().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_TIMEOUT)


def create(path: Path) -> None:
    """Create an empty journal, which other processes see only once it is whole."""
    temporary = path.with_name(f"{path.name}-{uuid.uuid4().hex}")
    try:
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        os.close(handle)
        connection = sqlite3.connect(temporary, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(SCHEMA)
        finally:
            connection.close()
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def check_file_kind(path: Path) -> None:
    """Raise if a path is not a file with something in it.

    Raises
    ------
    JournalError
        If it is empty, or a device, a socket or a named pipe.
    OSError
        If it does not exist, or cannot be looked at.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise not_a_journal(path)
    if status.st_size == 0:
        raise JournalError(
            f"the journal {path} is empty, which no journal is: it was cut, or its copy failed. "
            "Restore it from a copy; if nothing was ever sent with it, delete it"
        )


def check_format(connection: sqlite3.Connection, path: Path) -> int:
    """Return the format of a journal.

    Raises
    ------
    JournalError
        If the database is not a journal, or was written by a newer flxframe.
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
    return int(version)


def check_integrity(connection: sqlite3.Connection, path: Path) -> None:
    """Raise if anything in a journal is damaged.

    Raises
    ------
    JournalError
        If SQLite finds damage, or a record does not fit its check sum.
    """
    for (message,) in connection.execute("PRAGMA integrity_check(1)"):
        if message != "ok":
            raise damaged(path, str(message).splitlines()[-1])

    names = ", ".join(COLUMNS)
    count = 0
    for number, checksum, *values in connection.execute(
        f"SELECT id, checksum, {names} FROM sendings ORDER BY id"  # noqa: S608
    ):
        if checksum_of(values) != checksum:
            raise damaged(path, f"record {number} was changed")
        count += 1

    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM sendings").fetchone()
    if last != count:
        raise damaged(path, f"{last - count} records are missing")


def checksum_of(values: list[Any] | tuple[Any, ...]) -> int:
    """Return the check sum of a sending's values, in the order of `COLUMNS`."""
    return zlib.crc32(repr(tuple(values)).encode("utf-8", "surrogatepass"))


def damaged(path: Path, detail: str) -> JournalError:
    """Return the error for a journal that is not whole."""
    return JournalError(
        f"the journal {path} is damaged ({detail}): restore it from a copy, together with the "
        f"files next to it whose names start with {path.name}, if there are any"
    )


def stamp(path: Path) -> str:
    """Return a text that changes when the file is written, to check it only once."""
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"


def live_run_file(path: Path, run: int) -> Path:
    """Return the file that a run has locked while it lives."""
    return side_file(path, f"run-{run}")


def base_urls(connection: sqlite3.Connection) -> list[str]:
    """Read the places that rows were sent to."""
    rows = connection.execute("SELECT DISTINCT place FROM sendings ORDER BY place")
    return [url for (url,) in rows]
