"""The progress of a journal's last run."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from flxframe.journal.hosts import LIVE, run_states


@dataclass(frozen=True, slots=True)
class LastRun:
    """The progress of a run.

    Parameters
    ----------
    started_at : float
        When it started, in seconds since the epoch.
    rows : int
        The number of rows to send.
    seconds : float
        The time that sending them takes, as estimated at the start.
    recalled : int
        The number of rows that were recalled.
    later : int
        The number of rows that its limit left for the next call.
    settled : int
        The number of rows that were sent, those in flight included.
    in_flight : int
        The number of rows without an answer yet, ``unknown`` until then; 0 if the run has ended.
    running : bool
        Whether it is still running.
    """

    started_at: float
    rows: int
    seconds: float
    recalled: int
    later: int
    settled: int
    in_flight: int
    running: bool


def read_last_run(connection: sqlite3.Connection, path: Path) -> LastRun | None:
    """Return the progress of the last run, or None if no run was recorded."""
    run = connection.execute(
        "SELECT id, started_at, rows, seconds, recalled, later FROM runs ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if run is None:
        return None

    number, started_at, rows, seconds, recalled, later = run
    (settled,) = connection.execute(
        "SELECT count(DISTINCT hex(key) || nth) FROM sendings "
        "WHERE run = ? AND coalesce(status, '') != 'not_sent'",
        (number,),
    ).fetchone()
    (in_flight,) = connection.execute(
        "SELECT count(*) FROM sendings WHERE run = ? AND status IS NULL", (number,)
    ).fetchone()

    running = run_states(connection, path, [number], time.time())[number] == LIVE
    return LastRun(
        started_at=started_at,
        rows=rows,
        seconds=seconds,
        recalled=recalled,
        later=later,
        settled=min(settled, rows),
        in_flight=in_flight if running else 0,
        running=running,
    )
