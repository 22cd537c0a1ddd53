"""The journal as a run writes it: an intent before each request, and its answer afterwards."""

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
    check_format,
    check_place,
    file_digest,
    journal_path,
    outcomes,
    output_key,
)
from flxframe.journal.errors import journal_errors
from flxframe.journal.lock import lock
from flxframe.journal.matching import Array
from flxframe.journal.recall import match_table, recall
from flxframe.models import STATUSES, Outcome, RunWorkflowRequest
from flxframe.request.identity import outcome_digest
from flxframe.request.json_text import encode
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder
from flxframe.result.compare import equal_json

_MIN_FREE_BYTES = 10_000_000
"""With less free space, nothing more is sent: requests in flight need space for their answers."""

_UNKNOWN = STATUSES.index("unknown")


class JournalWriter:
    """A journal opened for a run, which locks it. A context manager.

    Parameters
    ----------
    path : path
        The journal's file. If it does not exist, it is created, readable only by its owner.
    base_url : str
        Where the run's requests are sent.

    Raises
    ------
    JournalLockedError
        If another run is using it.
    JournalError
        If the file is not a journal, was written by a newer flxframe, belongs to another base URL,
        is damaged, or can't be written.
    SettingError
        If the path is not a file path.
    """

    def __init__(self, path: str | os.PathLike[str], *, base_url: str) -> None:
        self.path = journal_path(path)
        self._base_url = base_url
        self._attempts: dict[int, int] = {}
        self._requests: dict[int, RunWorkflowRequest] = {}
        self._answers: list[tuple[Any, ...]] = []

        with contextlib.ExitStack() as stack:
            lock(self.path, stack)
            with journal_errors(self.path):
                self._connection = sqlite3.connect(self.path, isolation_level=None)
                stack.callback(self._connection.close)
                self._prepare()
                check_place(self._connection, self.path, base_url)
            self._stack = stack.pop_all()

    def _prepare(self) -> None:
        """Create the tables of a new file, check the format, and set how commits are written."""
        # If the creation of the file was interrupted, the first read makes SQLite roll it back.
        self._connection.execute("PRAGMA page_count").fetchone()
        if self.path.stat().st_size == 0:
            self._connection.executescript(SCHEMA)

        check_format(self._connection, self.path)
        self.path.chmod(0o600)

        # An intent must be on disk before its request leaves: FULL waits for the disk at each
        # commit. The write-ahead log makes that a single wait, and allows reading meanwhile.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._answers:
            # The disk was full. A checkpoint frees space: the log stores a page once per write,
            # the database only once.
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            with contextlib.suppress(JournalError):
                self._write_answers()

        # A closed journal is one file, and reading it then leaves no empty log next to it.
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connection.execute("PRAGMA journal_mode = DELETE")
        self._stack.close()

    def match(self, plan: Plan, positions: Array, digests: bytes | bytearray) -> Array:
        """Find the rows that are in the journal, and number each row among its equals.

        A row is identified by the content that was sent for it, or, if it ran or might have run, by
        the result: of a result that is used as a table, only the corrected rows are new.

        Parameters
        ----------
        plan : Plan
            How the rows become requests.
        positions : ndarray of int
            The rows that can be sent, in the table's order.
        digests : bytes
            The `digest` of each of them, 16 bytes each.

        Returns
        -------
        ndarray of int
            The status of each of these rows, as a position in `STATUSES`, or `NEW`.
        """
        with journal_errors(self.path):
            self._match = match_table(self._connection, self._base_url, plan, positions, digests)

        self._digests = digests
        self._indices = np.full(positions.max(initial=-1) + 1, -1, dtype="int32")
        self._indices[positions] = np.arange(len(positions))
        return self._match.codes

    def may_have_run(self, position: int) -> bool:
        """Return whether a request that an earlier run sent for this row might have run."""
        return int(self._match.codes[self._indices[position]]) == _UNKNOWN

    def recall(self, plan: Plan, results: ResultBuilder, positions: Array) -> None:
        """Add the recorded outcomes of rows that are not sent again to a result."""
        with journal_errors(self.path):
            recorded = outcomes(self._connection, self._match, self._indices[positions])
            recall(plan, results, positions, recorded)

    def start(self, rows: int, seconds: float) -> None:
        """Record how many rows this run will send, and how long that will take."""
        with self._transaction():
            self._connection.execute(
                "INSERT INTO runs SELECT ?, ?, ?, coalesce(max(id), 0) + 1 FROM attempts",
                (time.time(), rows, seconds),
            )

    def begin(self, entries: Sequence[tuple[int, RunWorkflowRequest]]) -> None:
        """Record on disk that these rows are about to be sent.

        Raises
        ------
        JournalError
            If that fails; then none of the rows must be sent.
        """
        now = time.time()
        self._check_free_space()

        with self._transaction():
            for position, request in entries:
                self._insert(position, request, now)

    def finish(self, entries: Sequence[tuple[int, Outcome]]) -> None:
        """Record on disk the outcomes of rows that were sent.

        Raises
        ------
        JournalError
            If that fails. It is tried again with the next outcomes, and at the end; if that fails
            too, these rows remain ``unknown`` in the journal.
        """
        now = time.time()
        for position, outcome in entries:
            self._answers.append(self._answer(position, outcome, now))

        self._write_answers()

    def _check_free_space(self) -> None:
        with journal_errors(self.path):
            free = shutil.disk_usage(self.path.parent).free

        if free < _MIN_FREE_BYTES:
            raise JournalError(
                f"the disk is nearly full ({free:,} bytes free), too little for the journal "
                f"{self.path}: free some space, then repeat the run to resume it"
            )

    def _insert(self, position: int, request: RunWorkflowRequest, now: float) -> None:
        index = int(self._indices[position])
        values = (
            self._base_url,
            self._digests[16 * index : 16 * index + 16],
            int(self._match.nth[index]),
            position,
            encode(request.body()),
            now,
            # The digest of the result if the answer is the same; a file might store 7.0 as 7.
            outcome_digest(request, request.objects),
        )
        cursor = self._connection.execute(
            "INSERT INTO attempts (base_url, digest, nth, position, request, "
            "sent_at, outcome_digest) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            values,
        )
        self._attempts[position] = int(cursor.lastrowid or 0)
        self._requests[position] = request

    def _answer(self, position: int, outcome: Outcome, now: float) -> tuple[Any, ...]:
        request = self._requests.pop(position)

        answer = result_digest = None
        if outcome.objects is not None and not equal_json(request.objects, outcome.objects):
            answer = encode(outcome.objects)
            result_digest = outcome_digest(request, outcome.objects)

        return (
            now,
            outcome.status,
            outcome.http_status,
            outcome.error,
            answer,
            result_digest,
            outcome.seconds,
            self._attempts.pop(position),
        )

    def _write_answers(self) -> None:
        with self._transaction():
            self._connection.executemany(
                "UPDATE attempts SET answered_at = ?, status = ?, http_status = ?, "
                "error = ?, answer = ?, "
                "outcome_digest = coalesce(?, outcome_digest), seconds = ? "
                "WHERE id = ?",
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
    """Record in a journal that a file is its run's result, so that a later run may replace it.

    Raises
    ------
    JournalError
        If that fails.
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
