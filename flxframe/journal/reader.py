"""The journal: an SQLite file that records the requests that were sent, and their answers.

One record of the file is one sending: a row's request on its way, retries included. Its intent is on
disk before it leaves, and its answer as soon as it arrives; an intent without an answer is
`unknown`. The rows of a table are identified by their content, not by their position.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flxframe.exceptions import JournalError, TableError
from flxframe.journal.answers import contents, outcomes
from flxframe.journal.database import (
    FORMAT,
    base_urls,
    check_file_kind,
    check_format,
    check_integrity,
    connect,
)
from flxframe.journal.errors import journal_errors
from flxframe.journal.find import find_rows, run_states
from flxframe.journal.known import Array, KnownRows
from flxframe.journal.location import journal_path
from flxframe.journal.lock import exclusive
from flxframe.journal.rebuild import rebuild_result
from flxframe.journal.sendings import check_settled, forget_bodies, settle
from flxframe.journal.upgrade import upgrade
from flxframe.models import STATUSES, Outcome
from flxframe.options import RunOptions
from flxframe.options.arguments import takes
from flxframe.request.base_url import API_URL, check_base_url
from flxframe.text import short_repr

_SENDING_COLUMNS = (
    "sending",
    "row",
    "request",
    "status",
    "http_status",
    "error",
    "sent_at",
    "answered_at",
    "seconds",
    "run",
    "base_url",
)


class Journal:
    """A journal opened for reading, during a run or after it.

    Parameters
    ----------
    path : path
        The journal's file.

    Raises
    ------
    JournalError
        If the file does not exist, is not a journal, is damaged, or was written by a newer
        flxframe.
    SettingError
        If the path is not a file path.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = journal_path(path)
        with self._connection() as connection:
            version = check_format(connection, self.path)
        if version < FORMAT:
            with journal_errors(self.path), exclusive(self.path):
                upgrade(self.path)

        with self._connection() as connection:
            if not self._is_in_use(connection):
                check_integrity(connection, self.path)

    def __repr__(self) -> str:
        return f"Journal({str(self.path)!r})"

    def summary(self) -> pd.DataFrame:
        """Count the rows by status.

        Returns
        -------
        DataFrame
            `base_url`, `status` and `rows`: the number of rows that have this status after their
            last request.
        """
        counts: dict[tuple[str, str], int] = {}
        with self._connection() as connection:
            for base_url, status, rows in connection.execute(_SUMMARY):
                counts[base_url, status] = rows

        lines = []
        for base_url in sorted({url for url, _ in counts}):
            for status in STATUSES:
                if (base_url, status) in counts:
                    lines.append((base_url, status, counts[base_url, status]))
        frame = pd.DataFrame(lines, columns=["base_url", "status", "rows"])
        return frame.astype({"base_url": "str", "status": "str", "rows": "int64"})

    def to_frame(self) -> pd.DataFrame:
        """List every row that was sent.

        Returns
        -------
        DataFrame
            `sending` (its number in the journal), `row` (its position in the table at that time),
            `request` (the JSON), `status`, `http_status`, `error`, `sent_at` and `answered_at`
            (UTC), `seconds`, `run` (the number of the run) and `base_url`.
        """
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT id, position, request, coalesce(status, 'unknown'), http_status, error, "
                "sent_at, answered_at, seconds, run, place FROM sendings ORDER BY id"
            ).fetchall()

        frame = pd.DataFrame(rows, columns=list(_SENDING_COLUMNS))
        dtypes = dict.fromkeys(("sending", "row", "run"), "int64")
        frame = frame.astype({**dtypes, "http_status": "Int64", "seconds": "float64"})
        for name in ("sent_at", "answered_at"):
            frame[name] = pd.to_datetime(frame[name].astype("float64"), unit="s", utc=True)
        return frame

    def last_run(self) -> LastRun | None:
        """Return the progress of the last run, or None if no run was recorded."""
        with self._connection() as connection:
            run = connection.execute(
                "SELECT id, started_at, rows, seconds FROM runs ORDER BY id DESC LIMIT 1"
            ).fetchone()
            if run is None:
                return None

            number, started_at, rows, seconds = run
            settled, in_flight = connection.execute(
                "SELECT count(*) FILTER (WHERE status IS NULL OR status != 'not_sent'), "
                "count(*) FILTER (WHERE status IS NULL) FROM sendings WHERE run = ?",
                (number,),
            ).fetchone()
            running = run_states(connection, self.path)[number] in ("live", "silent")

        return LastRun(
            started_at=started_at,
            rows=rows,
            seconds=seconds,
            settled=min(settled, rows),
            in_flight=in_flight if running else 0,
            running=running,
        )

    def last_attempts(self) -> Iterator[tuple[str | None, Outcome]]:
        """Yield the last request of each row, as JSON, and its outcome."""
        with self._connection() as connection:
            sendings = [number for (number,) in connection.execute(_LAST_SENDINGS)]
            recorded = outcomes(connection, np.array(sendings, dtype="int64"))
            for sending, outcome in zip(sendings, recorded, strict=True):
                request, _ = contents(connection, sending)
                yield request, outcome

    def prune(self, before: dt.datetime) -> int:
        """Forget the bodies and answers of rows that were sent before a time.

        That they were sent, and with which outcome, is kept.

        Parameters
        ----------
        before : datetime
            The time; local if it has no offset.

        Returns
        -------
        int
            The number of rows.
        """
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            pruned = forget_bodies(connection, before=before.timestamp())
            connection.execute("COMMIT")
        return pruned

    def resolve(self, sendings: Sequence[int], status: str) -> None:
        """Settle rows that are unknown, after you have checked whether their workflows ran.

        Parameters
        ----------
        sendings : sequence of int
            Their numbers, as `to_frame` lists them; rows that are not unknown stay as they are.
        status : {"ok", "not_sent"}
            Whether they ran.

        Raises
        ------
        JournalError
            If the journal does not have one of them, or the status is another one.
        """
        check_settled(status)
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            for sending in map(int, sendings):
                known = connection.execute(
                    "SELECT 1 FROM sendings WHERE id = ?", (sending,)
                ).fetchone()
                if known is None:
                    raise JournalError(
                        f"the journal {self.path} has no sending {sending}: to_frame() lists them"
                    )
                settle(connection, "id", sending, status)
            connection.execute("COMMIT")

    def find(self, keys: bytes, lefts: bytes, uids: bytes) -> KnownRows:
        """Return the rows that have one of the keys, digests or ids, as a run looks them up."""
        with self._connection() as connection:
            return find_rows(connection, self.path, keys, lefts, uids)

    def contents(self, sending: int) -> tuple[str | None, str | None]:
        """Return the request of a sending and its answered objects as JSON; None once forgotten."""
        with self._connection() as connection:
            return contents(connection, sending)

    def outcomes(self, sendings: Array) -> Iterator[Outcome]:
        """Yield the recorded outcomes of sendings, in order."""
        with self._connection() as connection:
            yield from outcomes(connection, sendings)

    @takes(RunOptions)
    def result(self, table: pd.DataFrame, options: RunOptions) -> pd.DataFrame:
        """Return the result so far without sending anything: after a dead kernel, or during a run.

        Pass the same arguments as to `run_workflows`. `token` is only needed for several tokens,
        and `base_url` only if the journal has several.

        Parameters
        ----------
        table : DataFrame
            The table that was run.
        {options}

        Returns
        -------
        DataFrame
            As `run_workflows` returned it; a row that was never sent is ``not_sent``.

        Raises
        ------
        JournalError
            If the journal cannot be read, or has several base URLs.
        SettingError
            If an argument has a value that `run_workflows` refuses.
        TableError
            If `table` is not a DataFrame, or is not valid.
        """
        if not isinstance(table, pd.DataFrame):
            raise TableError(
                f"Journal.result() expects the DataFrame that was run, not {short_repr(table)}; "
                "read_table() returns one for a file"
            )
        base_url = options.base_url
        if base_url is None:
            base_url = self._only_base_url()
        return rebuild_result(table, options, check_base_url(base_url), self)

    def _only_base_url(self) -> str:
        """Return the place of the journal's rows; any place if there are none."""
        with self._connection() as connection:
            urls = base_urls(connection)
        if len(urls) > 1:
            raise JournalError(
                f"{self.path} has several base URLs: pass base_url=, one of {', '.join(urls)}"
            )
        return urls[0] if urls else API_URL

    def _is_in_use(self, connection: sqlite3.Connection) -> bool:
        return "live" in run_states(connection, self.path).values()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with journal_errors(self.path):
            if not self.path.exists():
                raise JournalError(
                    f"there is no journal {self.path}: check the name and the folder"
                )
            check_file_kind(self.path)
            with contextlib.closing(connect(self.path)) as connection:
                yield connection


_SUMMARY = """
SELECT place, coalesce(status, 'unknown') AS last_status, count(*)
FROM sendings
WHERE id IN (
    SELECT coalesce(max(id) FILTER (WHERE status = 'ok'), max(id)) FROM sendings GROUP BY key, nth
)
GROUP BY place, last_status
"""

_LAST_SENDINGS = """
SELECT coalesce(max(id) FILTER (WHERE status = 'ok'), max(id)) AS last
FROM sendings GROUP BY key, nth ORDER BY last
"""


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
    settled: int
    in_flight: int
    running: bool
