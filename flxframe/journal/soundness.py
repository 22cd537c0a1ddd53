"""Check that a journal is whole before anything is sent, unless it is as we left it."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

from flxframe.journal.checksums import checksum
from flxframe.journal.errors import damaged
from flxframe.journal.lock import live_runs, side_file
from flxframe.journal.schema import RUN_FIELDS, SENDING_FIELDS

_SENDING_COLUMNS = ", ".join(SENDING_FIELDS)
_RUN_COLUMNS = ", ".join(RUN_FIELDS)


def check_soundness(connection: sqlite3.Connection, path: Path) -> None:
    """Raise if a journal is damaged.

    The check reads the whole file. It is left out if the file is as the last process left it when
    it closed it, or if a live run of this machine, which made the check, is using it.

    Raises
    ------
    JournalError
        The message says what to do.
    """
    # SQLite makes a killed journal whole at the first read, before its stamp is compared.
    connection.execute("SELECT max(id) FROM runs").fetchone()
    if _read_stamp(path) == _stamp(connection, path) or live_runs(path):
        return

    # SQLite reads the end of a page that was cut off as zeros, and might be right.
    (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    if path.stat().st_size % page_size:
        raise damaged(path, "its end was cut off")

    (finding,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if finding != "ok":
        raise damaged(path, str(finding).splitlines()[-1])

    broken = connection.execute(
        "SELECT count(*) FROM sendings "  # noqa: S608  the names are our own
        f"WHERE sending_checksum({_SENDING_COLUMNS}) != checksum"
    ).fetchone()[0]

    for *values, expected in connection.execute(f"SELECT {_RUN_COLUMNS}, checksum FROM runs"):  # noqa: S608
        broken += checksum(values) != expected
    if broken:
        raise damaged(path, f"{broken:,} of its records were changed")

    orphan = connection.execute(
        "SELECT run FROM sendings WHERE run NOT IN (SELECT id FROM runs) LIMIT 1"
    ).fetchone()
    if orphan is not None:
        raise damaged(path, f"run {orphan[0]} is missing")


def write_stamp(connection: sqlite3.Connection, path: Path) -> None:
    """Record in the side file how a journal is left; nobody can write it meanwhile."""
    with contextlib.suppress(OSError, sqlite3.Error):
        connection.execute("BEGIN IMMEDIATE")
        try:
            text = json.dumps(_stamp(connection, path))
        finally:
            connection.execute("ROLLBACK")
        side_file(path).write_text(text, encoding="ascii")


def _stamp(connection: sqlite3.Connection, path: Path) -> list[float | None]:
    status = path.stat()
    last_run = connection.execute(
        "SELECT id, seen_at, checksum FROM runs ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return [status.st_size, status.st_mtime_ns, status.st_ino, *(last_run or ())]


def _read_stamp(path: Path) -> object:
    try:
        return json.loads(side_file(path).read_text(encoding="ascii"))
    except (OSError, RecursionError, ValueError):  # no process of flxframe wrote it
        return None
