"""The journal as a run writes it: an intent before each request leaves, and its answer when it comes."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from flxframe.exceptions import JournalError
from flxframe.journal.database import (
    SCHEMA,
    base_urls,
    check_format,
    file_digest,
    journal_path,
    outcomes,
    output_key,
)
from flxframe.journal.lock import journal_errors, lock
from flxframe.journal.matching import Array
from flxframe.journal.recall import match_table, recall
from flxframe.models import STATUSES, Outcome, RunWorkflowRequest
from flxframe.request.identity import outcome_digest
from flxframe.request.json_text import encode
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder
from flxframe.result.compare import equal_json

_SPARE = 10_000_000
"""Bytes. When less is free, nothing more is sent: what has left is to find room for its answer."""


class JournalWriter:
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
    SettingError
        If the path names no file.
    """

    def __init__(self, path: str | os.PathLike[str], *, base_url: str) -> None:
        self.path = journal_path(path)
        self._base_url = base_url
        self._attempts: dict[int, int] = {}
        self._sent: dict[int, RunWorkflowRequest] = {}
        self._answers: list[tuple[Any, ...]] = []
        with contextlib.ExitStack() as stack:
            lock(self.path, stack)
            with journal_errors(self.path):
                self._connection = sqlite3.connect(self.path, isolation_level=None)
                stack.callback(self._connection.close)
                # One that was killed while it was made has pages until SQLite looks at it, and takes them back.
                self._connection.execute("PRAGMA page_count").fetchone()
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

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._answers:
            # The log held no more. It holds a page once for each time it was written, the database once.
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            with contextlib.suppress(JournalError):
                self._write_answers()
        # A journal at rest is one file: who reads it then leaves no empty log beside it.
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connection.execute("PRAGMA journal_mode = DELETE")
        self._stack.close()

    def match(self, plan: Plan, positions: Array, digests: bytes | bytearray) -> Array:
        """Find the rows that the journal knows already, and note which one among equal rows each row is.

        A row is known by what was sent for it, or, if it ran or may have, by what its result shows: a result that is
        handed in again has nothing left to send but what was mended in it.

        Parameters
        ----------
        plan : Plan
            How the rows become requests.
        positions : ndarray of int
            The rows that could be sent, in the table's order.
        digests : bytes
            Of each row the 16 bytes of `digest`.

        Returns
        -------
        ndarray of int
            The status of each of these rows, as a position in `STATUSES`, or `NEW`.
        """
        with journal_errors(self.path):
            self._match = match_table(self._connection, self._base_url, plan, positions, digests)
        self._row_digests = digests
        self._places = np.full(positions.max(initial=-1) + 1, -1, dtype="int32")
        self._places[positions] = np.arange(len(positions))
        return self._match.codes

    def may_have_run(self, position: int) -> bool:
        """Say whether a request of this row that left in an earlier run may have run."""
        return int(self._match.codes[self._places[position]]) == STATUSES.index("unknown")

    def recall(self, plan: Plan, results: ResultBuilder, positions: Array) -> None:
        """Take the outcomes of rows that are not sent again from the journal."""
        with journal_errors(self.path):
            recall(
                plan,
                results,
                positions,
                outcomes(self._connection, self._match, self._places[positions]),
            )

    def start(self, rows: int, seconds: float) -> None:
        """Note how many rows are about to be sent, and how long that will take."""
        with self._transaction():
            self._connection.execute(
                "INSERT INTO runs SELECT ?, ?, ?, coalesce(max(id), 0) + 1 FROM attempts",
                (time.time(), rows, seconds),
            )

    def begin(self, entries: Sequence[tuple[int, RunWorkflowRequest]]) -> None:
        """Put on disk that these rows are about to be sent.

        Raises
        ------
        JournalError
            If it can't be; then none of them may be sent.
        """
        now = time.time()
        with journal_errors(self.path):
            free = shutil.disk_usage(self.path.parent).free
        if free < _SPARE:
            raise JournalError(
                f"the disk is nearly full ({free:,} bytes are free), so the journal {self.path} may soon hold no more: "
                "make room, and run the same again to go on"
            )
        with self._transaction():
            for position, request in entries:
                place = int(self._places[position])
                cursor = self._connection.execute(
                    "INSERT INTO attempts (base_url, digest, nth, position, request, sent_at, outcome_digest) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        self._base_url,
                        self._row_digests[16 * place : 16 * place + 16],
                        int(self._match.nth[place]),
                        position,
                        encode(request.body()),
                        now,
                        # What the row shows unless the answer differs: a file may write 7.0 as 7.
                        outcome_digest(request, request.objects),
                    ),
                )
                self._attempts[position] = int(cursor.lastrowid or 0)
                self._sent[position] = request

    def finish(self, entries: Sequence[tuple[int, Outcome]]) -> None:
        """Put on disk what became of rows that were sent.

        Raises
        ------
        JournalError
            If it can't be; then it is tried again with the next answers, and at the end. Failing that, too, the
            journal knows them as ``unknown``.
        """
        now = time.time()
        self._answers += [self._answer(position, outcome, now) for position, outcome in entries]
        self._write_answers()

    def _answer(self, position: int, outcome: Outcome, now: float) -> tuple[Any, ...]:
        request = self._sent.pop(position)
        answer = shown = None
        if outcome.objects is not None and not equal_json(request.objects, outcome.objects):
            answer = encode(outcome.objects)
            shown = outcome_digest(request, outcome.objects)
        what = (outcome.status, outcome.http_status, outcome.error, answer, shown, outcome.seconds)
        return (now, *what, self._attempts.pop(position))

    def _write_answers(self) -> None:
        with self._transaction():
            self._connection.executemany(
                "UPDATE attempts SET answered_at = ?, status = ?, http_status = ?, error = ?, answer = ?, "
                "outcome_digest = coalesce(?, outcome_digest), seconds = ? WHERE id = ?",
                self._answers,
            )
        self._answers.clear()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with journal_errors(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise


def record_output(journal: Path, output: Path) -> None:
    """Note in a journal that a file is its run's result, so that a later run may replace it.

    Raises
    ------
    JournalError
        If it can't be noted.
    """
    with (
        journal_errors(journal),
        contextlib.closing(sqlite3.connect(journal, isolation_level=None)) as connection,
    ):
        check_format(connection, journal)
        connection.execute(
            "INSERT OR REPLACE INTO written VALUES (?, ?)",
            (output_key(output), file_digest(output)),
        )
