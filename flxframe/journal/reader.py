"""The journal: an SQLite file that records the requests that were sent, and their answers.

One row of the file is one request. Its intent is on disk before it leaves, and its answer as soon
as it arrives; an intent without an answer is `unknown`. The rows of a table are identified by the
content that was sent for them, not by their position.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from flxframe.exceptions import JournalError
from flxframe.frames import Frame, as_frame
from flxframe.journal.database import (
    base_urls,
    check_format,
    check_place,
    count_settled,
    file_digest,
    journal_path,
    outcomes,
    output_key,
    read_known_rows,
)
from flxframe.journal.errors import journal_errors
from flxframe.journal.lock import is_locked
from flxframe.journal.matching import NEW, Match
from flxframe.journal.recall import match_table, recall
from flxframe.models import STATUSES, Outcome
from flxframe.options import RunOptions
from flxframe.options.arguments import takes
from flxframe.request.base_url import check_base_url
from flxframe.request.plan import Plan
from flxframe.request.rows import sendable_rows
from flxframe.request.tokens import assign_tokens
from flxframe.result.build import ResultBuilder

_ATTEMPT_COLUMNS = (
    "row",
    "request",
    "status",
    "http_status",
    "error",
    "sent_at",
    "answered_at",
    "seconds",
)


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
        with self._connection():
            pass

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
            for base_url in base_urls(connection):
                codes = read_known_rows(connection, base_url).codes
                counts = np.bincount(codes, minlength=len(STATUSES))
                for status, count in zip(STATUSES, counts, strict=True):
                    if count:
                        lines.append((base_url, status, count))

        frame = pd.DataFrame(lines, columns=["base_url", "status", "rows"])
        return frame.astype({"base_url": "str", "status": "str", "rows": "int64"})

    def to_frame(self) -> pd.DataFrame:
        """List every request that was sent.

        Returns
        -------
        DataFrame
            `row` (its position in the table at that time), `request` (the JSON), `status`,
            `http_status`, `error`, `sent_at` and `answered_at` (UTC), `seconds`.
        """
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT position, request, coalesce(status, 'unknown'), "
                "http_status, error, sent_at, answered_at, seconds "
                "FROM attempts ORDER BY id"
            ).fetchall()

        frame = pd.DataFrame(rows, columns=list(_ATTEMPT_COLUMNS))
        frame = frame.astype({"row": "int64", "http_status": "Int64", "seconds": "float64"})
        for name in ("sent_at", "answered_at"):
            frame[name] = pd.to_datetime(frame[name].astype("float64"), unit="s", utc=True)
        return frame

    def last_run(self) -> LastRun | None:
        """Return the progress of the last run, or None if no run was recorded."""
        with self._connection() as connection:
            run = connection.execute(
                "SELECT started_at, rows, seconds, first_attempt "
                "FROM runs ORDER BY rowid DESC LIMIT 1"
            ).fetchone()
            if run is None:
                return None

            started_at, rows, seconds, first = run
            settled = count_settled(connection, first)
            (in_flight,) = connection.execute(
                "SELECT count(*) FROM attempts WHERE id >= ? AND status IS NULL", (first,)
            ).fetchone()

        running = is_locked(self.path)
        return LastRun(
            started_at=started_at,
            rows=rows,
            seconds=seconds,
            settled=min(settled, rows),
            in_flight=in_flight if running else 0,
            running=running,
        )

    def last_attempts(self) -> Iterator[tuple[str, Outcome]]:
        """Yield the last request of each row, as JSON, and its outcome."""
        with self._connection() as connection:
            for base_url in base_urls(connection):
                rows = read_known_rows(connection, base_url)
                match = Match(rows.nth, rows.codes, rows.attempts, rows.tries)
                order = np.argsort(rows.attempts)
                recorded = outcomes(connection, match, order)

                for attempt, outcome in zip(rows.attempts[order], recorded, strict=True):
                    (request,) = connection.execute(
                        "SELECT request FROM attempts WHERE id = ?", (int(attempt),)
                    ).fetchone()
                    yield request, outcome

    def wrote(self, output: Path) -> bool:
        """Return whether a run with this journal wrote a file as its result, unedited since."""
        return output.is_file() and self._written_digest(output) == file_digest(output)

    def is_of(self, table: Path) -> bool:
        """Return whether a run with this journal wrote a file as its result, edited or not."""
        return self._written_digest(table) is not None

    def _written_digest(self, path: Path) -> bytes | None:
        with self._connection() as connection:
            record = connection.execute(
                "SELECT digest FROM written WHERE path = ?", (output_key(path),)
            ).fetchone()

        return None if record is None else bytes(record[0])

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
        plan = Plan(table, **options.plan_keywords())
        tokens = assign_tokens(table, options.token, options.token_column)
        results = ResultBuilder(plan)
        rows = sendable_rows(plan, tokens, on_invalid=results.add_invalid, identify=True)

        with self._connection() as connection:
            if options.base_url is None:
                base_url = self._only_base_url(connection)
            else:
                base_url = check_base_url(options.base_url)
            match = match_table(connection, base_url, plan, rows.positions, rows.digests)
            recorded = np.flatnonzero(match.codes != NEW)
            recorded_outcomes = outcomes(connection, match, recorded)
            recall(plan, results, rows.positions[recorded], recorded_outcomes)

        for position in results.missing():
            results.add(position, Outcome("not_sent", error="not sent yet"))
        return results.frame()

    def _only_base_url(self, connection: sqlite3.Connection) -> str:
        """Return the base URL of the journal's requests; an empty text if there are none."""
        urls = base_urls(connection)
        if len(urls) > 1:
            raise JournalError(
                f"{self.path} has several base URLs: pass base_url=, one of {', '.join(urls)}"
            )
        return "".join(urls)

    def check_place(self, base_url: str) -> None:
        """Raise if the journal belongs to another base URL."""
        with self._connection() as connection:
            check_place(connection, self.path, base_url)

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        if not self.path.is_file():
            raise JournalError(f"there is no journal {self.path}: check the name and the folder")

        with journal_errors(self.path):
            uri = self._read_only_uri()
            with contextlib.closing(
                sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30)
            ) as connection:
                check_format(connection, self.path)
                yield connection

    def _read_only_uri(self) -> str:
        uri = f"{self.path.resolve().as_uri()}?mode=ro"
        log = self.path.with_name(f"{self.path.name}-wal")

        if not os.access(self.path.parent, os.W_OK) and not log.exists():
            # SQLite could not create its side files in this folder, and no run can write there.
            uri += "&immutable=1"
        return uri


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
