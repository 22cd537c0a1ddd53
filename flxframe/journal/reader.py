"""The journal: an SQLite file that records the requests that were sent, and their answers.

One row of the file is one sending: a row's request on its way, retries included. Its intent is on
disk before it leaves, and its answer as soon as it arrives; an intent without an answer is
`unknown`. The rows of a table are identified by the content that was sent for them, not by their
position.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from flxframe.exceptions import JournalError
from flxframe.frames import Frame, as_frame
from flxframe.journal import settling
from flxframe.journal.errors import journal_errors
from flxframe.journal.known import Array, KnownRows
from flxframe.journal.last_run import LastRun, read_last_run
from flxframe.journal.reading import reading
from flxframe.journal.rebuild import rebuild_result
from flxframe.journal.recorded import RecordedRows
from flxframe.journal.schema import journal_path
from flxframe.journal.sendings import all_rows, outcomes
from flxframe.journal.soundness import check_soundness
from flxframe.models import STATUSES, Outcome
from flxframe.options import RunOptions
from flxframe.options.arguments import takes
from flxframe.request.base_url import API_URL, check_base_url

_COLUMNS = {
    "row": "position",
    "request": "request",
    "status": "coalesce(status, 'unknown')",
    "http_status": "http_status",
    "error": "error",
    "sent_at": "sent_at",
    "answered_at": "answered_at",
    "seconds": "seconds",
    "run": "run",
    "place": "place",
    "sending": "id",
}


class Journal:
    """A journal opened for reading, during a run or after it. Reading never changes the file.

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
            check_soundness(connection, self.path)

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
        lines: list[tuple[str, str, int]] = []
        with self._connection() as connection:
            for place in _places(connection):
                codes = _statuses(all_rows(connection, self.path, place))
                counts = np.bincount(codes, minlength=len(STATUSES))
                for status, count in zip(STATUSES, counts, strict=True):
                    if count:
                        lines.append((place, status, count))

        frame = pd.DataFrame(lines, columns=["base_url", "status", "rows"])
        return frame.astype({"base_url": "str", "status": "str", "rows": "int64"})

    def to_frame(self) -> pd.DataFrame:
        """List every sending.

        Returns
        -------
        DataFrame
            `row` (its position in the table at that time), `request` (the JSON, as long as it is
            kept), `status`, `http_status`, `error`, `sent_at` and `answered_at` (UTC), `seconds`,
            `run` (its number), `place` (the base URL), and `sending` (its number, for `resolve`).
        """
        with self._connection() as connection:
            rows = connection.execute(
                f"SELECT {', '.join(_COLUMNS.values())} FROM sendings ORDER BY id"  # noqa: S608
            ).fetchall()

            frame = pd.DataFrame(rows, columns=list(_COLUMNS))
            frame = frame.astype({"row": "int64", "http_status": "Int64", "seconds": "float64"})
            frame = frame.astype({"run": "int64", "place": "str", "sending": "int64"})
            for name in ("sent_at", "answered_at"):
                frame[name] = pd.to_datetime(frame[name].astype("float64"), unit="s", utc=True)
        return frame

    def last_run(self) -> LastRun | None:
        """Return the progress of the last run, or None if no run was recorded."""
        with self._connection() as connection:
            return read_last_run(connection, self.path)

    def last_attempts(self) -> Iterator[tuple[str | None, Outcome]]:
        """Yield the last request of each row, as JSON if it is kept, and its outcome."""
        with self._connection() as connection:
            rows = all_rows(connection, self.path)
            order = np.argsort(rows.sendings)
            sendings = rows.sendings[order]
            recorded = outcomes(connection, self.path, sendings)

            lines = zip(sendings.tolist(), rows.tries[order].tolist(), recorded, strict=True)
            for sending, tries, outcome in lines:
                (request,) = connection.execute(
                    "SELECT request FROM sendings WHERE id = ?", (sending,)
                ).fetchone()
                yield request, replace(outcome, attempts=tries)

    def prune(self, before: date | str) -> int:
        """Forget the requests and answers of sendings before a time; that they were sent stays.

        Runs that are live keep theirs.

        Parameters
        ----------
        before : datetime, date or str
            The time, such as ``"2026-12-01"``; without an offset, in local time.

        Returns
        -------
        int
            The number of sendings whose request was forgotten.
        """
        return settling.prune(self.path, before)

    def resolve(self, sendings: Iterable[int], status: str) -> int:
        """Settle rows that are ``unknown``, once a user has checked whether they have run.

        Parameters
        ----------
        sendings : list of int
            The sendings, as in the column `sending` of `to_frame`.
        status : str
            ``"ok"`` if the workflow ran: the row is not sent again. ``"not_sent"`` if it did not.

        Returns
        -------
        int
            The number of sendings.
        """
        return settling.resolve(self.path, sendings, status)

    @takes(RunOptions)
    def result(self, table: Frame, options: RunOptions) -> pd.DataFrame:
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
            As `run_workflows` returns it; a row that was never sent is ``not_sent``.

        Raises
        ------
        JournalError
            If the journal cannot be read, or has several base URLs.
        SettingError
            If an argument has a value that `run_workflows` refuses.
        TableError
            If `table` is not a table in memory, or is not valid.
        """
        table = as_frame(table, "Journal.result()")
        options.check_unused()
        base_url = options.base_url
        if base_url is None:
            with self._connection() as connection:
                base_url = self._only_place(connection)
        names = list(map(str, options.token)) if isinstance(options.token, Mapping) else []
        journal = RecordedRows(self.path, names)
        return rebuild_result(table, options, check_base_url(base_url), journal)

    def _only_place(self, connection: sqlite3.Connection) -> str:
        """Return the place of the journal's requests; any place if there are none."""
        urls = _places(connection)
        if len(urls) > 1:
            raise JournalError(
                f"{self.path} has several base URLs: pass base_url=, one of {', '.join(urls)}"
            )
        return urls[0] if urls else API_URL

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with journal_errors(self.path), reading(self.path) as connection:
            yield connection


def _places(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT DISTINCT place FROM sendings ORDER BY place")
    return [place for (place,) in rows]


def _statuses(rows: KnownRows) -> Array:
    """Return the statuses of rows; a row in flight is unknown until its answer arrives."""
    return np.where(rows.codes >= len(STATUSES), STATUSES.index("unknown"), rows.codes)
