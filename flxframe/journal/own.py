"""The sendings of one run: their records when they leave, and when their answers come."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from typing import Any

from flxframe.journal.checksums import checksum
from flxframe.journal.known import Intent
from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.request.json_text import encode
from flxframe.result.compare import equal_json

_INSERT = (
    "INSERT INTO sendings (uid, run, key, nth, place, token_tag, draft, position, label, request, "
    "left, sent_at, attempts, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE = (
    "UPDATE sendings SET left = ?, sent_at = ?, answered_at = ?, status = ?, http_status = ?, "
    "error = ?, answer = ?, attempts = ?, seconds = ?, checksum = ? WHERE id = ?"
)
_MIGHT_BE_SENT_AGAIN = ("not_sent", "unknown")


@dataclass(frozen=True, slots=True)
class _Sending:
    """A sending: its number, the checksum of its fixed fields, and its last request."""

    number: int
    fixed: int
    left: bytes
    request: RunWorkflowRequest
    sent_at: float
    attempts: int


@dataclass(frozen=True, slots=True)
class _Answer:
    """The answer to a sending, as it is recorded."""

    answered_at: float | None = None
    status: str | None = None
    http_status: int | None = None
    error: str | None = None
    objects: str | None = None
    seconds: float | None = None


class OwnSendings:
    """The sendings of a run, by the positions of their rows.

    Every change is made in two steps: the statements in a transaction, which might fail, and the
    state after it.

    Parameters
    ----------
    connection : sqlite3.Connection
        The journal.
    place : str
        Where the requests are sent.
    """

    def __init__(self, connection: sqlite3.Connection, place: str) -> None:
        self._connection = connection
        self._place = place
        self._sendings: dict[int, _Sending] = {}
        self._begun: dict[int, _Sending] = {}
        self._answers: dict[int, tuple[_Sending, _Answer]] = {}

    def write_intents(self, run: int, intents: list[Intent], now: float) -> None:
        """Write that rows are about to be sent; the caller is in a transaction."""
        self._begun.clear()
        for intent in intents:
            earlier = self._sendings.get(intent.position)
            if earlier is None:
                sending = self._insert(run, intent, now)
            else:
                attempts = earlier.attempts + 1
                sending = replace(earlier, left=intent.left, sent_at=now, attempts=attempts)
                self._connection.execute(_UPDATE, _values(sending, _Answer()))
            self._begun[intent.position] = sending

    def intents_written(self) -> None:
        """Take over the rows whose intents are on disk."""
        self._sendings.update(self._begun)
        for position in self._begun:
            self._answers.pop(position, None)
        self._begun.clear()

    def answer(self, position: int, outcome: Outcome, left: bytes, now: float) -> None:
        """Take an answer, which is kept until it is on disk."""
        sending = replace(self._sendings[position], left=left)
        objects, sent = outcome.objects, sending.request.objects
        text = None
        if objects is not None and not equal_json(sent, objects):
            text = encode(objects)

        answer = _Answer(
            answered_at=now,
            status=outcome.status,
            http_status=outcome.http_status,
            error=outcome.error,
            objects=text,
            seconds=None if outcome.seconds is None else float(outcome.seconds),
        )
        self._answers[position] = (sending, answer)

    def write_answers(self) -> None:
        """Write all answers that are not on disk yet; the caller is in a transaction."""
        values = [_values(sending, answer) for sending, answer in self._answers.values()]
        self._connection.executemany(_UPDATE, values)

    def answers_written(self) -> None:
        """Forget the answers that are on disk, and the rows that are not going to be sent again."""
        for position, (_, answer) in self._answers.items():
            if answer.status not in _MIGHT_BE_SENT_AGAIN:
                del self._sendings[position]
        self._answers.clear()

    def _insert(self, run: int, intent: Intent, now: float) -> _Sending:
        request = intent.request
        fixed = (
            *(intent.uid, run, intent.key, intent.nth, self._place, intent.token_tag),
            *(int(bool(request.draft)), intent.position, intent.label, encode(request.body())),
        )
        sending = _Sending(0, checksum(fixed), intent.left, request, now, 1)
        total = _values(sending, _Answer())[-2]
        cursor = self._connection.execute(_INSERT, (*fixed, intent.left, now, 1, total))
        return replace(sending, number=int(cursor.lastrowid or 0))


def _values(sending: _Sending, answer: _Answer) -> tuple[Any, ...]:
    """Return the changing fields of a sending, its checksum and its number, as `_UPDATE` needs."""
    changing = (
        *(sending.left, sending.sent_at, answer.answered_at, answer.status, answer.http_status),
        *(answer.error, answer.objects, sending.attempts, answer.seconds),
    )
    return (*changing, checksum(changing, sending.fixed), sending.number)
