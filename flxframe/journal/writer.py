"""The journal as a run writes it: an intent before each request, and its answer afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from flxframe.exceptions import JournalError
from flxframe.journal.answers import contents, outcomes
from flxframe.journal.database import live_run_file
from flxframe.journal.errors import journal_errors
from flxframe.journal.find import find_rows, run_states
from flxframe.journal.host import boot, host
from flxframe.journal.known import Array, KnownRows
from flxframe.journal.lock import FileLock
from flxframe.journal.opening import close_journal, open_journal
from flxframe.journal.sendings import (
    Intent,
    answered,
    forget_bodies,
    insert,
    settle,
    update,
)
from flxframe.models import Outcome, RunWorkflowRequest

_MIN_FREE_BYTES = 10_000_000
"""With less free space, nothing more is sent: requests in flight need space for their answers."""

_BODIES_KEPT = 90 * 86_400.0
"""Seconds that the bodies of requests and answers are kept."""

_SETTLED = ("ok", "unknown")


class JournalWriter:
    """A journal opened for a run. A context manager; any number of runs can use it at once.

    Parameters
    ----------
    path : Path
        The journal's file. If it does not exist, it is created, readable only by its owner.
    place : str
        Where the run's requests are sent.

    Raises
    ------
    JournalError
        If the file is not a journal, was written by a newer flxframe, is damaged, or can't be
        written.
    """

    def __init__(self, path: Path, *, place: str) -> None:
        self.path = path
        self._place = place
        self._sendings: dict[int, int] = {}
        self._requests: dict[int, RunWorkflowRequest] = {}
        self._elsewhere: dict[int, int] = {}
        self._answers: list[tuple[int, Outcome, bytes, RunWorkflowRequest]] = []
        self._run = 0
        self._last_sending = 0
        self._lock: FileLock | None = None
        self._process = os.getpid()

        with journal_errors(path):
            self._connection = open_journal(path)
            self._inode = _inode(path)

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process != os.getpid():  # a forked child: the journal is its parent's
            return
        if self._answers:  # the disk was full
            with contextlib.suppress(JournalError):
                self._write_answers()

        with contextlib.suppress(JournalError), journal_errors(self.path):
            if self._lock is not None:
                self._lock.path.unlink(missing_ok=True)
                self._lock.release()
            close_journal(self._connection, self.path)

    def find(self, keys: bytes, lefts: bytes, uids: bytes) -> KnownRows:
        """Return the rows that have one of the keys, digests or ids.

        Parameters
        ----------
        keys, lefts : bytes
            Digests, 16 bytes each.
        uids : bytes
            Ids of sendings, 10 bytes each.
        """
        with journal_errors(self.path):
            self._connection.execute("BEGIN")
            try:
                (self._last_sending,) = self._connection.execute(
                    "SELECT coalesce(max(id), 0) FROM sendings"
                ).fetchone()
                return find_rows(self._connection, self.path, keys, lefts, uids)
            finally:
                self._connection.execute("ROLLBACK")

    def outcomes(self, sendings: Array) -> Iterator[Outcome]:
        """Yield the recorded outcomes of sendings, in order."""
        with journal_errors(self.path):
            yield from outcomes(self._connection, sendings)

    def contents(self, sending: int) -> tuple[str | None, str | None]:
        """Return the request of a sending and its answered objects as JSON; None once forgotten."""
        with journal_errors(self.path):
            return contents(self._connection, sending)

    def start(self, rows: int, seconds: float) -> None:
        """Record how many rows this run will send, and how long that will take."""
        now = time.time()
        with self._transaction():
            forget_bodies(self._connection, before=now - _BODIES_KEPT)
            cursor = self._connection.execute(
                "INSERT INTO runs (started_at, rows, seconds, host, boot, seen_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (now, rows, seconds, host(), boot(), now),
            )
            self._run = int(cursor.lastrowid or 0)
            # Locked before others can see the run: without the lock they would take it for dead.
            self._lock = FileLock(live_run_file(self.path, self._run))

    def settle(self, uid: bytes, status: str) -> None:
        """Record the status that a user has set for an unknown row."""
        with self._transaction():
            settle(self._connection, "uid", uid, status)
            self._seen(time.time())

    def begin(self, intents: Sequence[Intent]) -> dict[int, Outcome | None]:
        """Record on disk that rows are about to be sent.

        Returns
        -------
        dict
            The rows that must not be sent, by position: the outcome that another run has got for
            them since they were looked up, or None while it has them in flight.

        Raises
        ------
        JournalError
            If that fails; then none of the rows must be sent.
        """
        self._check_disk()
        elsewhere = {}
        with self._transaction():
            now = time.time()
            for intent in intents:
                if self._is_elsewhere(intent):
                    elsewhere[intent.position] = self._outcome_elsewhere(intent.position)
                elif intent.position in self._sendings:
                    self._repeat(intent)
                else:
                    sending = insert(self._connection, intent, self._run, self._place, now)
                    self._sendings[intent.position] = sending
                    self._requests[intent.position] = intent.request
            self._seen(now)
        return elsewhere

    def finish(self, entries: Sequence[tuple[int, Outcome, bytes]]) -> None:
        """Record on disk the outcomes of rows, and the digest of what they are left with.

        Raises
        ------
        JournalError
            If that fails. It is tried again with the next outcomes, and at the end; if that fails
            too, these rows remain ``unknown`` in the journal.
        """
        for position, outcome, left in entries:
            request = self._requests.pop(position)
            self._answers.append((self._sendings[position], outcome, left, request))
        self._write_answers()

    def wait_for(self, entries: Sequence[tuple[int, int]]) -> None:
        """Let `poll` report rows that another run has in flight: their positions and sendings."""
        self._elsewhere.update(entries)

    def poll(self, positions: Sequence[int]) -> dict[int, Outcome]:
        """Return the outcomes of rows that another run had in flight, as far as it has them."""
        settled = {}
        with journal_errors(self.path):
            for position in positions:
                outcome = self._outcome_elsewhere(position)
                if outcome is not None:
                    settled[position] = outcome
        return settled

    def end(self, *, complete: bool, finished_runs: Sequence[int] = ()) -> None:
        """Record the end of the run.

        Parameters
        ----------
        complete : bool
            Whether each row has its outcome.
        finished_runs : sequence of int
            Interrupted runs that are complete now, since this run finished what they left.
        """
        with self._transaction():
            self._connection.execute(
                "UPDATE runs SET ended_at = ?, complete = ? WHERE id = ?",
                (time.time(), complete, self._run),
            )
            for run in finished_runs:
                self._connection.execute(
                    "UPDATE runs SET ended_at = coalesce(ended_at, seen_at), complete = 1 "
                    "WHERE id = ?",
                    (run,),
                )

    def _check_disk(self) -> None:
        with journal_errors(self.path):
            free = shutil.disk_usage(self.path.parent).free
            is_same = _inode(self.path) == self._inode

        if not is_same:
            raise JournalError(
                f"the journal {self.path} was replaced while the run was using it: "
                "put the file back, then repeat the run"
            )
        if free < _MIN_FREE_BYTES:
            raise JournalError(
                f"the disk is nearly full ({free:,} bytes free), too little for the journal "
                f"{self.path}: free some space, then repeat the run to resume it"
            )

    def _is_elsewhere(self, intent: Intent) -> bool:
        """Return whether another run has sent the row since it was looked up."""
        after = self._sendings.get(intent.position, self._last_sending)
        row = self._connection.execute(
            "SELECT id, run, status FROM sendings "
            "WHERE key = ? AND nth = ? AND id > ? AND run != ? ORDER BY id DESC LIMIT 1",
            (intent.key, intent.nth, after, self._run),
        ).fetchone()
        if row is None:
            return False

        sending, run, status = row
        is_live = run_states(self._connection, self.path)[run] in ("live", "silent")
        if status is None or status in _SETTLED or is_live:
            self._elsewhere[intent.position] = sending
            return True
        return False

    def _outcome_elsewhere(self, position: int) -> Outcome | None:
        """Return the outcome of a row in another run; None while that run might still change it."""
        sending = self._elsewhere[position]
        run, status = self._connection.execute(
            "SELECT run, status FROM sendings WHERE id = ?", (sending,)
        ).fetchone()
        if status not in _SETTLED:
            if run_states(self._connection, self.path)[run] in ("live", "silent"):
                return None

        (outcome,) = outcomes(self._connection, _numbers(sending))
        return replace(outcome, recalled=True)

    def _repeat(self, intent: Intent) -> None:
        """Record another request for a row that this run has sent before."""
        sending = self._sendings[intent.position]
        (attempts,) = self._connection.execute(
            "SELECT attempts FROM sendings WHERE id = ?", (sending,)
        ).fetchone()
        changes = {"status": None, "answered_at": None, "attempts": attempts + 1}
        update(self._connection, sending, changes)
        self._requests[intent.position] = intent.request

    def _write_answers(self) -> None:
        with self._transaction():
            now = time.time()
            for sending, outcome, left, request in self._answers:
                update(self._connection, sending, answered(outcome, left, request, now))
            self._seen(now)
        self._answers.clear()

    def _seen(self, now: float) -> None:
        self._connection.execute("UPDATE runs SET seen_at = ? WHERE id = ?", (now, self._run))

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


def _inode(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _numbers(sending: int) -> Array:
    return np.array([sending])
