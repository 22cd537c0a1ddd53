"""Forget old requests and answers of a journal; that they were sent is not forgotten."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from flxframe.journal.hosts import LIVE, run_states
from flxframe.journal.opening import transaction
from flxframe.journal.schema import SENDING_FIELDS

_KEPT_SECONDS = 90 * 86_400.0
_CHUNK = 5_000
"""Sendings in one transaction, so that other processes can write in between."""

_FORGOTTEN = ("request", "answer")


def forget_old(connection: sqlite3.Connection, path: Path) -> int:
    """Forget the requests and answers that are older than 90 days, and return their number."""
    return forget(connection, path, time.time() - _KEPT_SECONDS)


def forget(connection: sqlite3.Connection, path: Path, before: float) -> int:
    """Forget the requests and answers of sendings before a time, and return their number.

    Those of live runs are kept: a run computes the checksum of a sending with its request.
    """
    fields = []
    for name in SENDING_FIELDS:
        fields.append("NULL" if name in _FORGOTTEN else name)

    live = ", ".join(map(str, _live_runs(connection, path)))
    old = f"FROM sendings WHERE request IS NOT NULL AND sent_at < ? AND run NOT IN ({live})"
    oldest = f"SELECT 1 {old} LIMIT 1"
    statement = (
        "UPDATE sendings SET request = NULL, answer = NULL, "  # noqa: S608
        f"checksum = sending_checksum({', '.join(fields)}) WHERE id IN (SELECT id {old} LIMIT ?)"
    )
    total = 0
    while connection.execute(oldest, (before,)).fetchone() is not None:
        with transaction(connection, path):
            total += connection.execute(statement, (before, _CHUNK)).rowcount
    return total


def _live_runs(connection: sqlite3.Connection, path: Path) -> list[int]:
    unended = connection.execute("SELECT id FROM runs WHERE ended_at IS NULL").fetchall()
    states = run_states(connection, path, [run for (run,) in unended], time.time())
    return [run for run, state in states.items() if state == LIVE]
