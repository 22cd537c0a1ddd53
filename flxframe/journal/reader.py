"""The journal: the SQLite file that remembers what was sent and answered.

One row of the file is one request that left. Its intent is on disk before it leaves, its answer as soon as it is there;
an intent without an answer is `unknown`. Rows of a table are known by what was sent for them, not by where they stood.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from flxframe.exceptions import JournalError, RequestError, TableError
from flxframe.journal.database import (
    base_urls,
    check_format,
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
from flxframe.request.fields import Defaults
from flxframe.request.identity import digest
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder


class Journal:
    """A journal opened for reading, while a run writes to it or after. It never changes the file.

    Parameters
    ----------
    path : path
        The journal's file.

    Raises
    ------
    JournalError
        If the file isn't there, is no journal, is damaged, or is one of a newer flxframe.
    SettingError
        If the path names no file.
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
            `base_url`, `status` and `rows`: how many rows stand so after their last request.
        """
        found: list[tuple[str, str, int]] = []
        with self._connection() as connection:
            for base_url in base_urls(connection):
                counts = np.bincount(
                    read_known_rows(connection, base_url).codes, minlength=len(STATUSES)
                )
                found += [
                    (base_url, status, count)
                    for status, count in zip(STATUSES, counts, strict=True)
                    if count
                ]
        frame = pd.DataFrame(found, columns=["base_url", "status", "rows"])
        return frame.astype({"base_url": "str", "status": "str", "rows": "int64"})

    def to_frame(self) -> pd.DataFrame:
        """List every request that left.

        Returns
        -------
        DataFrame
            `row` (its position in the table at that time), `request` (the JSON), `status`, `http_status`, `error`,
            `sent_at` and `answered_at` (UTC), `seconds`.
        """
        names = [
            "row",
            "request",
            "status",
            "http_status",
            "error",
            "sent_at",
            "answered_at",
            "seconds",
        ]
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT position, request, coalesce(status, 'unknown'), http_status, error, sent_at, answered_at, "
                "seconds FROM attempts ORDER BY id"
            ).fetchall()
        frame = pd.DataFrame(rows, columns=names).astype(
            {"row": "int64", "http_status": "Int64", "seconds": "float64"}
        )
        for name in ("sent_at", "answered_at"):
            frame[name] = pd.to_datetime(frame[name].astype("float64"), unit="s", utc=True)
        return frame

    def last_run(self) -> LastRun | None:
        """Tell how far the run that began last has come; None if none has begun."""
        with self._connection() as connection:
            found = connection.execute(
                "SELECT started_at, rows, seconds, first_attempt FROM runs ORDER BY rowid DESC LIMIT 1"
            ).fetchone()
            if found is None:
                return None
            started_at, rows, seconds, first = found
            settled = 0
            for base_url in base_urls(connection):
                rows_known = read_known_rows(connection, base_url)
                since = rows_known.attempts >= first
                settled += int(
                    np.count_nonzero(rows_known.codes[since] != STATUSES.index("not_sent"))
                )
            (awaited,) = connection.execute(
                "SELECT count(*) FROM attempts WHERE id >= ? AND status IS NULL", (first,)
            ).fetchone()
        going_on = is_locked(self.path)
        return LastRun(
            started_at, rows, seconds, min(settled, rows), awaited if going_on else 0, going_on
        )

    def last_attempts(self) -> Iterator[tuple[str, Outcome]]:
        """Yield of each row the request that was sent last, as JSON, and what became of it."""
        with self._connection() as connection:
            for base_url in base_urls(connection):
                rows = read_known_rows(connection, base_url)
                order = np.argsort(rows.attempts)
                match = Match(rows.nth, rows.codes, rows.attempts, rows.tries)
                for place, outcome in zip(order, outcomes(connection, match, order), strict=True):
                    (request,) = connection.execute(
                        "SELECT request FROM attempts WHERE id = ?", (int(rows.attempts[place]),)
                    ).fetchone()
                    yield request, outcome

    def wrote(self, output: Path) -> bool:
        """Say whether a file is the result that a run with this journal wrote, untouched since."""
        return output.is_file() and self._written(output) == file_digest(output)

    def is_of(self, table: Path) -> bool:
        """Say whether a table is a result that a run with this journal wrote, worked on or not."""
        return self._written(table) is not None

    def _written(self, path: Path) -> bytes | None:
        with self._connection() as connection:
            found = connection.execute(
                "SELECT digest FROM written WHERE path = ?", (output_key(path),)
            ).fetchone()
        return None if found is None else bytes(found[0])

    def result(
        self,
        table: pd.DataFrame,
        *,
        event_handle: str | None = None,
        workflow_id: int | None = None,
        draft: bool | None = None,
        params: Mapping[str, int] | None = None,
        columns: Mapping[str, str | None] | None = None,
        object_handle: str | None = None,
        blanks: str = "omit",
        base_url: str | None = None,
    ) -> pd.DataFrame:
        """Make the result as it stands, and send nothing: after a dead kernel, or while a run goes on elsewhere.

        Parameters
        ----------
        table : DataFrame
            The table that was run.
        event_handle, workflow_id, draft, params, columns, object_handle, blanks
            As they were given to `run_workflows`.
        base_url : str, optional
            Where it was sent; needed when the journal knows several.

        Returns
        -------
        DataFrame
            As `run_workflows` returns it; a row that never left is ``not_sent``.

        Raises
        ------
        JournalError
            If the journal can't be read, or knows several base URLs.
        TableError
            If `table` is no DataFrame.
        """
        if not isinstance(table, pd.DataFrame):
            raise TableError(
                f"a journal's result wants the DataFrame that was run, not {table!r}: read_table makes one"
            )
        plan = Plan(
            table,
            defaults=Defaults(event_handle, workflow_id, draft, params or {}),
            columns=columns,
            object_handle=object_handle,
            blanks=blanks,
        )
        results = ResultBuilder(plan)
        positions = array("q")
        digests = bytearray()
        for position, request in plan.requests():
            if isinstance(request, RequestError):
                results.add(position, Outcome("invalid", error=str(request)))
            else:
                positions.append(position)
                digests += digest(request)
        with self._connection() as connection:
            urls = base_urls(connection)
            if base_url is None and len(urls) > 1:
                raise JournalError(
                    f"{self.path} knows several base URLs: say base_url=, one of {', '.join(urls)}"
                )
            where = base_url.rstrip("/") if base_url is not None else "".join(urls)
            match = match_table(connection, where, plan, np.asarray(positions), digests)
            there = np.flatnonzero(match.codes != NEW)
            recall(plan, results, np.asarray(positions)[there], outcomes(connection, match, there))
        for position in results.missing():
            results.add(position, Outcome("not_sent", error="not sent yet"))
        return results.frame()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        if not self.path.is_file():
            raise JournalError(f"there is no journal {self.path}: check the name and the folder")
        with journal_errors(self.path):
            uri = f"{self.path.resolve().as_uri()}?mode=ro"
            if (
                not os.access(self.path.parent, os.W_OK)
                and not self.path.with_name(f"{self.path.name}-wal").exists()
            ):
                # SQLite would want to make the files there by which it knows of a writer; there can be none.
                uri += "&immutable=1"
            with contextlib.closing(
                sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30)
            ) as connection:
                check_format(connection, self.path)
                yield connection


@dataclass(frozen=True, slots=True)
class LastRun:
    """How far a run has come: when it began, what it had to do in how many seconds, and what of it has left.

    Of that, `in_flight` rows await their answers if the run goes on; until then they are ``unknown``.
    """

    started_at: float
    rows: int
    seconds: float
    settled: int
    in_flight: int
    going_on: bool
