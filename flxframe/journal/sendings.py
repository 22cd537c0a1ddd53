"""Write sendings to a journal, each with its check sum."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flxframe.exceptions import JournalError
from flxframe.journal.database import COLUMNS, checksum_of
from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.request.json_text import encode
from flxframe.result.compare import equal_json

_NAMES = ", ".join(COLUMNS)
_INSERT = (
    f"INSERT INTO sendings ({_NAMES}, checksum) "  # noqa: S608
    f"VALUES ({', '.join('?' * (len(COLUMNS) + 1))})"
)


@dataclass(frozen=True, slots=True)
class Intent:
    """A row that is about to be sent, and what identifies it.

    Parameters
    ----------
    position : int
        Its position in the table.
    request : RunWorkflowRequest
        Its request.
    uid, key, left : bytes
        The id of the sending, and the digests of the row; see `flxframe.request.identity`.
    nth : int
        Its number among equal rows.
    token_tag : int
        The tag of its token.
    """

    position: int
    request: RunWorkflowRequest
    uid: bytes
    key: bytes
    left: bytes
    nth: int
    token_tag: int


def insert(connection: sqlite3.Connection, intent: Intent, run: int, place: str, now: float) -> int:
    """Insert the sending of a row that is about to leave, and return its number."""
    values = {
        "uid": intent.uid,
        "run": run,
        "key": intent.key,
        "nth": intent.nth,
        "left": intent.left,
        "place": place,
        "token_tag": intent.token_tag,
        "draft": int(bool(intent.request.draft)),
        "position": intent.position,
        "request": encode(intent.request.body()),
        "sent_at": now,
        "attempts": 1,
    }
    return insert_values(connection, values)


def insert_values(connection: sqlite3.Connection, values: Mapping[str, Any]) -> int:
    """Insert a sending; columns without a value are NULL."""
    row = [values.get(name) for name in COLUMNS]
    cursor = connection.execute(_INSERT, (*row, checksum_of(row)))
    return int(cursor.lastrowid or 0)


def update(connection: sqlite3.Connection, sending: int, changes: Mapping[str, Any]) -> None:
    """Change columns of a sending, and its check sum."""
    row = connection.execute(
        f"SELECT {_NAMES} FROM sendings WHERE id = ?",  # noqa: S608
        (sending,),
    ).fetchone()
    values = [changes.get(name, value) for name, value in zip(COLUMNS, row, strict=True)]

    parts = ", ".join(f"{name} = ?" for name in changes)
    connection.execute(
        f"UPDATE sendings SET {parts}, checksum = ? WHERE id = ?",  # noqa: S608
        (*changes.values(), checksum_of(values), sending),
    )


def answered(
    outcome: Outcome, left: bytes, request: RunWorkflowRequest, now: float
) -> dict[str, Any]:
    """Return the columns of a sending that its outcome changes."""
    answer = None
    if outcome.objects is not None and not equal_json(request.objects, outcome.objects):
        answer = encode(outcome.objects)

    return {
        "answered_at": now,
        "status": outcome.status,
        "http_status": outcome.http_status,
        "error": outcome.error,
        "answer": answer,
        "left": left,
        "seconds": outcome.seconds,
    }


def settle(connection: sqlite3.Connection, column: str, value: object, status: str) -> None:
    """Set the status of a sending that is unknown, by its ``id`` or ``uid``.

    A sending that the journal does not have, or that is not unknown, is left as it is.
    """
    rows = connection.execute(
        f"SELECT id FROM sendings WHERE {column} = ? "  # noqa: S608
        "AND (status IS NULL OR status = 'unknown')",
        (value,),
    ).fetchall()
    for (sending,) in rows:
        update(connection, sending, {"status": status, "error": None})


def check_settled(status: str) -> None:
    """Raise unless a user can settle an unknown row by this status.

    Raises
    ------
    JournalError
        If it is another one.
    """
    if status not in ("ok", "not_sent"):
        raise JournalError(f"an unknown row is settled as 'ok' or 'not_sent', not as {status!r}")


def forget_bodies(connection: sqlite3.Connection, *, before: float) -> int:
    """Forget the bodies and answers of sendings before a time, and return how many they were.

    That they were sent, when, and with which outcome is kept.
    """
    rows = connection.execute(
        "SELECT id FROM sendings WHERE request IS NOT NULL AND sent_at < ?", (before,)
    ).fetchall()
    for (sending,) in rows:
        update(connection, sending, {"request": None, "answer": None, "label": None})
    return len(rows)
