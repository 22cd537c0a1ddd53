"""The records of a journal's runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flxframe.journal.checksums import checksum
from flxframe.journal.hosts import this_host
from flxframe.journal.schema import RUN_FIELDS

_COLUMNS = ", ".join(RUN_FIELDS)


@dataclass(frozen=True, slots=True)
class Run:
    """A live run: its number in the journal, and the fields that do not change."""

    number: int
    fixed: tuple[Any, ...]

    def see(self, connection: sqlite3.Connection, now: float) -> None:
        """Record that the run is live."""
        self._update(connection, (now, None, None))

    def end(self, connection: sqlite3.Connection, now: float, *, complete: bool) -> None:
        """Record that the run has ended."""
        self._update(connection, (now, now, int(complete)))

    def _update(self, connection: sqlite3.Connection, values: tuple[Any, ...]) -> None:
        connection.execute(
            "UPDATE runs SET seen_at = ?, ended_at = ?, complete = ?, checksum = ? WHERE id = ?",
            (*values, checksum((*self.fixed, *values)), self.number),
        )


def insert(
    connection: sqlite3.Connection,
    now: float,
    rows: int,
    seconds: float,
    *,
    recalled: int = 0,
    later: int = 0,
    ended_at: float | None = None,
    complete: int | None = None,
) -> Run:
    """Record a new run.

    Parameters
    ----------
    connection : sqlite3.Connection
        The journal.
    now : float
        The time, in seconds since the epoch.
    rows : int
        The number of rows that it sends.
    seconds : float
        The time that this takes, as estimated.
    recalled, later : int
        The number of rows that are recalled, and of those that its limit leaves for the next call.
    ended_at, complete : optional
        When it has ended, and whether each of its rows got its outcome, of a run that is copied.
    """
    host = this_host()
    fixed = (now, rows, float(seconds), recalled, later, host.name, host.boot)
    values = (*fixed, now, ended_at, complete)
    marks = ", ".join("?" * (len(values) + 1))
    cursor = connection.execute(
        f"INSERT INTO runs ({_COLUMNS}, checksum) VALUES ({marks})",  # noqa: S608
        (*values, checksum(values)),
    )
    return Run(int(cursor.lastrowid or 0), fixed)


def hosts_of(connection: sqlite3.Connection, runs: Sequence[int]) -> list[str]:
    """Return the names of the computers of runs, each once."""
    marks = ", ".join("?" * len(runs))
    rows = connection.execute(
        f"SELECT DISTINCT host FROM runs WHERE id IN ({marks}) ORDER BY host",  # noqa: S608
        list(runs),
    )
    return [name for (name,) in rows]


def complete(connection: sqlite3.Connection, runs: Sequence[int], now: float) -> None:
    """Record that the rows of earlier runs have been finished."""
    for run in runs:
        record = connection.execute(
            f"SELECT {_COLUMNS} FROM runs WHERE id = ?",  # noqa: S608
            (int(run),),
        ).fetchone()
        *fixed, ended_at, _ = record
        values = (now if ended_at is None else ended_at, 1)
        connection.execute(
            "UPDATE runs SET ended_at = ?, complete = ?, checksum = ? WHERE id = ?",
            (*values, checksum((*fixed, *values)), int(run)),
        )
