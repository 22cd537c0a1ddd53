"""The rows that other runs have sent, or have in flight, while this run uses the same journal."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from flxframe.journal.hosts import LIVE, run_states
from flxframe.journal.known import Intent
from flxframe.journal.sendings import outcomes
from flxframe.models import Outcome

_SENDABLE = ("rejected", "not_sent", "invalid")
"""The statuses after which another run may send a row."""


class Elsewhere:
    """What other runs do with the rows of this one.

    Parameters
    ----------
    connection : sqlite3.Connection
        The journal.
    path : path
        Its file.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.seen = 0
        self.own_run = 0
        self._connection = connection
        self._path = path
        self._waiting: dict[int, int] = {}

    def blocked(self, entries: Sequence[Intent]) -> dict[int, Outcome | None]:
        """Return the rows that another run has sent since they were looked up.

        The caller is in a transaction that writes the intents of the others.
        """
        sendings = {}
        for intent in entries:
            number = self._sent_since(intent)
            if number is not None:
                sendings[intent.position] = number

        found = self._outcomes(sendings)
        blocked: dict[int, Outcome | None] = {}
        for position, number in sendings.items():
            blocked[position] = found.get(position)
            if position not in found:
                self._waiting[position] = number
        return blocked

    def wait_for(self, entries: Sequence[tuple[int, int]]) -> None:
        """Add rows to those that are waited for: their positions and sendings."""
        self._waiting.update(entries)

    def poll(self, positions: Sequence[int]) -> dict[int, Outcome]:
        """Return the outcomes of rows that were waited for, as far as there are any."""
        found = self._outcomes({position: self._waiting[position] for position in positions})
        for position in found:
            del self._waiting[position]
        return found

    def _sent_since(self, intent: Intent) -> int | None:
        """Return the number of another run's newer sending of a row, if it forbids another one."""
        number = None
        for sending, status in self._connection.execute(
            "SELECT id, status FROM sendings "
            "WHERE key = ? AND id > ? AND nth = ? AND run != ? ORDER BY id",
            (intent.key, self.seen, intent.nth, self.own_run),
        ):
            if status == "ok":
                return int(sending)
            if status not in _SENDABLE:
                number = int(sending)
        return number

    def _outcomes(self, sendings: dict[int, int]) -> dict[int, Outcome]:
        """Return the outcomes of sendings by position, except of those that are in flight."""
        runs, statuses = {}, {}
        for position, number in sendings.items():
            runs[position], statuses[position] = self._connection.execute(
                "SELECT run, status FROM sendings WHERE id = ?", (number,)
            ).fetchone()

        states = run_states(self._connection, self._path, runs.values(), time.time())
        settled = []
        for position, status in statuses.items():
            # A live run sends a row again that was not delivered.
            is_pending = status in (None, "not_sent") and states[runs[position]] == LIVE
            if not is_pending:
                settled.append(position)

        numbers = np.array([sendings[position] for position in settled], dtype="int64")
        recorded = outcomes(self._connection, self._path, numbers)
        return dict(zip(settled, recorded, strict=True))
