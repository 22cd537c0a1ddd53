"""Read recorded outcomes from a journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from flxframe.journal.known import Array
from flxframe.models import Outcome
from flxframe.request.json_text import decode

_CHUNK = 500

_COLUMNS = "id, status, http_status, error, answer, request, attempts, seconds, sent_at"

LOST = (
    "sent, but the journal has no answer: the run ended before the answer came. The workflow might "
    "have run: check, then send the row again with retry_unknown=True, or settle it by setting "
    'its run.status to "ok" or "not_sent"'
)


def outcomes(connection: sqlite3.Connection, sendings: Array) -> Iterator[Outcome]:
    """Yield the outcomes of sendings in order; an ``ok`` without objects changed nothing.

    Parameters
    ----------
    connection : sqlite3.Connection
        The journal.
    sendings : ndarray of int
        The numbers of the sendings; all of them must be in the journal.
    """
    numbers = sendings.tolist()
    for start in range(0, len(numbers), _CHUNK):
        chunk = numbers[start : start + _CHUNK]
        marks = ", ".join("?" * len(chunk))
        records = connection.execute(
            f"SELECT {_COLUMNS} FROM sendings WHERE id IN ({marks})",  # noqa: S608
            chunk,
        )
        fields = {number: values for number, *values in records}
        for number in chunk:
            yield _outcome(*fields[number])


def _outcome(
    status: Any,
    http_status: int | None,
    error: str | None,
    answer: str | None,
    request: str | None,
    attempts: int,
    seconds: float | None,
    sent_at: float,
) -> Outcome:
    if status is None:
        return Outcome("unknown", error=LOST, attempts=attempts, sent_at=sent_at)

    objects = None if answer is None else decode(answer)
    if status == "ok" and request is None:
        error = "the answer is older than 90 days and no longer kept"
    return Outcome(status, http_status, error, objects, attempts, seconds, sent_at)


def contents(connection: sqlite3.Connection, sending: int) -> tuple[str | None, str | None]:
    """Return the request of a sending and its answered objects as JSON; None once forgotten."""
    row = connection.execute(
        "SELECT request, answer FROM sendings WHERE id = ?", (sending,)
    ).fetchone()
    return (None, None) if row is None else (row[0], row[1])
