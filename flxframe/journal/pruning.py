"""Forget old requests and answers of a journal; that they were sent is not forgotten."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

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
    """Forget the requests and answers of sendings before a time, and return their number."""
    fields = []
    for name in SENDING_FIELDS:
        fields.append("NULL" if name in _FORGOTTEN else name)

    statement = (
        "UPDATE sendings SET request = NULL, answer = NULL, "  # noqa: S608
        f"checksum = sending_checksum({', '.join(fields)}) WHERE id IN (SELECT id FROM sendings "
        "WHERE request IS NOT NULL AND sent_at < ? LIMIT ?)"
    )
    total = 0
    oldest = "SELECT 1 FROM sendings WHERE request IS NOT NULL AND sent_at < ? LIMIT 1"
    while connection.execute(oldest, (before,)).fetchone() is not None:
        with transaction(connection, path):
            total += connection.execute(statement, (before, _CHUNK)).rowcount
    return total
