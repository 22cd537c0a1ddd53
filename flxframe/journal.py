"""The journal: the SQLite file that remembers what was sent and answered.

One row of the file is one request that left. Its intent is on disk before it leaves, its answer as soon as it is there;
an intent without an answer is `unknown`. Rows of a table are known by what was sent for them, not by where they stood.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from flxframe.bodies import encode
from flxframe.exceptions import JournalError, RequestError
from flxframe.fields import Defaults
from flxframe.journal_file import SCHEMA, base_urls, check_format, in_words, known, lock, outcomes
from flxframe.matching import NEW, match_rows
from flxframe.outcomes import STATUSES, Outcome, RunWorkflowRequest
from flxframe.payloads import Plan
from flxframe.results import Results, same


def digest(request: RunWorkflowRequest) -> bytes:
    """Return what a request is known by: 16 bytes that are the same for the same content.

    Examples
    --------
    >>> one = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"a": 1, "b": 2}})
    >>> other = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"b": 2, "a": 1}})
    >>> digest(one) == digest(other)
    True
    """
    return hashlib.sha256(encode(request.body(), sort_keys=True).encode()).digest()[:16]


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
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
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
                counts = np.bincount(known(connection, base_url).codes, minlength=len(STATUSES))
                found += [(base_url, status, count) for status, count in zip(STATUSES, counts, strict=True) if count]
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
        names = ["row", "request", "status", "http_status", "error", "sent_at", "answered_at", "seconds"]
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT position, request, coalesce(status, 'unknown'), http_status, error, sent_at, answered_at, "
                "seconds FROM attempts ORDER BY id"
            ).fetchall()
        frame = pd.DataFrame(rows, columns=names).astype({"row": "int64", "http_status": "Int64", "seconds": "float64"})
        for name in ("sent_at", "answered_at"):
            frame[name] = pd.to_datetime(frame[name].astype("float64"), unit="s", utc=True)
        return frame

    def result(
        self,
        table: pd.DataFrame,
        *,
        event_handle: str | None = None,
        workflow_id: int | None = None,
        draft: bool | None = None,
        params: Mapping[str, int] | None = None,
        columns: Mapping[str, str | None] | None = None,
        handle: str | None = None,
        nulls: str = "omit",
        base_url: str | None = None,
    ) -> pd.DataFrame:
        """Make the result as it stands, and send nothing: after a dead kernel, or while a run goes on elsewhere.

        Parameters
        ----------
        table : DataFrame
            The table that was run.
        event_handle, workflow_id, draft, params, columns, handle, nulls
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
        """
        plan = Plan(
            table,
            defaults=Defaults(event_handle, workflow_id, draft, params or {}),
            columns=columns,
            handle=handle,
            nulls=nulls,
        )
        results = Results(plan)
        positions: list[int] = []
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
                raise JournalError(f"{self.path} knows several base URLs: say base_url=, one of {', '.join(urls)}")
            where = base_url.rstrip("/") if base_url is not None else "".join(urls)
            match = match_rows(digests, known(connection, where))
            there = np.flatnonzero(match.codes != NEW)
            recall(plan, results, [positions[place] for place in there], outcomes(connection, match, there))
        for position in results.missing():
            results.add(position, Outcome("not_sent", error="not sent yet"))
        return results.frame()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        if not self.path.is_file():
            raise JournalError(f"there is no journal {self.path}: check the name and the folder")
        with in_words(self.path):
            uri = f"{self.path.resolve().as_uri()}?mode=ro"
            with contextlib.closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30)) as connection:
                check_format(connection, self.path)
                yield connection


class JournalRun:
    """A journal opened for a run, which alone may write to it. A context manager.

    Parameters
    ----------
    path : path
        The journal's file; it is made, readable by its owner alone, if it isn't there.
    base_url : str
        Where the run's requests go.

    Raises
    ------
    JournalLockedError
        If another run is using it.
    JournalError
        If the file is no journal, one of a newer flxframe, one of another base URL, damaged, or can't be written.
    """

    def __init__(self, path: str | os.PathLike[str], *, base_url: str) -> None:
        self.path = Path(path)
        self._base_url = base_url
        self._attempts: dict[int, int] = {}
        self._sent: dict[int, RunWorkflowRequest] = {}
        with contextlib.ExitStack() as stack:
            lock(self.path, stack)
            with in_words(self.path):
                self._connection = sqlite3.connect(self.path, isolation_level=None)
                stack.callback(self._connection.close)
                if self.path.stat().st_size == 0:
                    self._connection.executescript(SCHEMA)
                check_format(self._connection, self.path)
                self.path.chmod(0o600)
                # An intent must be on disk before its request leaves: FULL waits for the disk at each commit, and the
                # write-ahead log makes that one wait, and lets others read meanwhile.
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = FULL")
                urls = base_urls(self._connection)
            if urls and base_url not in urls:
                raise JournalError(
                    f"the journal {self.path} is of requests to {', '.join(urls)}, and this run goes to {base_url}: "
                    "name another journal, or the right base URL"
                )
            self._stack = stack.pop_all()

    def __enter__(self) -> JournalRun:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def match(self, positions: Sequence[int], digests: bytes | bytearray) -> list[tuple[int, str]]:
        """Find the rows that the journal knows already, and note which one among equal rows each row is.

        Parameters
        ----------
        positions : sequence of int
            The rows that could be sent, in the table's order.
        digests : bytes
            Of each row the 16 bytes of `digest`.

        Returns
        -------
        list of (int, str)
            The position and the status of each row that the journal knows.
        """
        with in_words(self.path):
            self._match = match_rows(digests, known(self._connection, self._base_url))
        self._row_digests = bytes(digests)
        self._places = np.full(max(positions, default=-1) + 1, -1, dtype="int64")
        self._places[np.asarray(positions, dtype="int64")] = np.arange(len(positions))
        return [
            (position, STATUSES[code])
            for position, code in zip(positions, self._match.codes.tolist(), strict=True)
            if code != NEW
        ]

    def recall(self, plan: Plan, results: Results, positions: Sequence[int]) -> None:
        """Take the outcomes of rows that are not sent again from the journal."""
        with in_words(self.path):
            recall(plan, results, positions, outcomes(self._connection, self._match, self._places[list(positions)]))

    def begin(self, entries: Sequence[tuple[int, RunWorkflowRequest]]) -> None:
        """Put on disk that these rows are about to be sent.

        Raises
        ------
        JournalError
            If it can't be; then none of them may be sent.
        """
        now = time.time()
        with self._transaction():
            for position, request in entries:
                place = int(self._places[position])
                cursor = self._connection.execute(
                    "INSERT INTO attempts (base_url, digest, nth, position, request, sent_at) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        self._base_url,
                        self._row_digests[16 * place : 16 * place + 16],
                        int(self._match.nth[place]),
                        position,
                        encode(request.body()),
                        now,
                    ),
                )
                self._attempts[position] = int(cursor.lastrowid or 0)
                self._sent[position] = request

    def finish(self, entries: Sequence[tuple[int, Outcome]]) -> None:
        """Put on disk what became of rows that were sent.

        Raises
        ------
        JournalError
            If it can't be; then the journal knows them as ``unknown``.
        """
        now = time.time()
        with self._transaction():
            for position, outcome in entries:
                sent = self._sent.pop(position).objects
                answer = None
                if outcome.objects is not None and not same(sent, outcome.objects):
                    answer = encode(outcome.objects)
                self._connection.execute(
                    "UPDATE attempts SET answered_at = ?, status = ?, http_status = ?, error = ?, answer = ?, "
                    "seconds = ? WHERE id = ?",
                    (
                        now,
                        outcome.status,
                        outcome.http_status,
                        outcome.error,
                        answer,
                        outcome.seconds,
                        self._attempts.pop(position),
                    ),
                )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with in_words(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise


def recall(plan: Plan, results: Results, positions: Sequence[int], recorded: Iterable[Outcome]) -> None:
    """Take the outcomes of rows from a journal, in the order of `positions`."""
    for (position, request), outcome in zip(plan.requests(positions), recorded, strict=True):
        results.add(position, outcome, request if isinstance(request, RunWorkflowRequest) else None)
