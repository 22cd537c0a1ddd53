"""The journal as a run writes it: an intent before each request, and its answer afterwards."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from flxframe.exceptions import JournalError
from flxframe.journal import opening, pruning, runs
from flxframe.journal.checking import close, open_checked
from flxframe.journal.elsewhere import Elsewhere
from flxframe.journal.errors import journal_errors, moved
from flxframe.journal.known import Array, Intent, KnownRows
from flxframe.journal.lock import RunLock, lock_file, remove_dead_locks
from flxframe.journal.own import OwnSendings
from flxframe.journal.schema import journal_path
from flxframe.journal.sendings import contents, entities, find_rows, last_sending, outcomes
from flxframe.journal.settling import settle_row
from flxframe.models import Outcome

_SEE_INTERVAL = 30.0
"""Seconds, far less than those after which a run of another host counts as silent."""


class JournalWriter:
    """A journal opened for a run, as many at once as there are processes. A context manager.

    Parameters
    ----------
    path : path
        The journal's file. If it does not exist, it is created, readable only by its owner.
    place : str
        Where the run's requests are sent.
    token_names : list of str, optional
        The names of the run's tokens, by which the rows of an older format are recognized.

    Raises
    ------
    JournalError
        If the file is not a journal, was written by a newer flxframe, is damaged, or can't be
        written.
    SettingError
        If the path is not a file path.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, place: str, token_names: Sequence[str] = ()
    ) -> None:
        self.path = journal_path(path)
        self.place = place
        self._process = os.getpid()
        self._run: runs.Run | None = None
        self._seen_at = 0.0
        self._lock: RunLock | None = None
        self._known: KnownRows | None = None

        with lock_file(self.path), journal_errors(self.path):
            self._connection = open_checked(self.path, create=True, token_names=token_names)
            self._file = _identity(self.path)
            self._own = OwnSendings(self._connection, place)
            self._elsewhere = Elsewhere(self._connection, self.path)

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(self, *_: object) -> None:
        if os.getpid() != self._process:
            opening.keep_open_in_child(self._connection)
            return

        # A run that was not ended was stopped by an error.
        with contextlib.suppress(JournalError):
            if self._run is not None:
                self.end(complete=False)

        try:
            with lock_file(self.path):
                close(self._connection, self.path)
        except JournalError:  # its folder has vanished
            self._connection.close()
        if self._lock is not None:
            self._lock.release()

    def find(self, keys: bytes, lefts: bytes, uids: bytes) -> KnownRows:
        """Find the rows that have one of these keys, or a sending with one of these digests or ids.

        Parameters
        ----------
        keys, lefts : bytes
            Digests of 16 bytes each, one after the other.
        uids : bytes
            Ids of sendings, 10 bytes each.
        """
        with self._errors():
            if self._known is None:
                # What was sent after the first search is noticed when a row is about to leave.
                self._elsewhere.seen = last_sending(self._connection)
            self._known = find_rows(self._connection, self.path, keys, lefts, uids)
        return self._known

    def entity_of(self, uids: bytes) -> Array:
        """Return for each id of a sending its row's index in the last `find`, or -1."""
        if self._known is None:
            raise ValueError("entity_of() needs the rows of find()")
        with self._errors():
            return entities(self._connection, self._known, uids)

    def outcomes(self, sendings: Array) -> Iterator[Outcome]:
        """Yield the outcomes of sendings in order; an ``ok`` without objects changed nothing."""
        self._check_process()
        return outcomes(self._connection, self.path, np.asarray(sendings))

    def hosts(self, numbers: Sequence[int]) -> list[str]:
        """Return the names of the computers of runs, each once."""
        with self._errors():
            return runs.hosts_of(self._connection, numbers)

    def contents(self, sending: int) -> tuple[str | None, str | None]:
        """Return the request of a sending and its answered objects as JSON; None once forgotten."""
        with self._errors():
            return contents(self._connection, sending)

    def settle(self, uid: bytes, status: str) -> None:
        """Record the status that a user has set for a row that was unknown."""
        with self._transaction():
            settle_row(self._connection, self.path, uid, status)

    def start(self, rows: int, seconds: float, *, recalled: int = 0, later: int = 0) -> None:
        """Record how many rows this run sends, recalls and leaves for later; see `runs.insert`."""
        with self._errors():
            with lock_file(self.path):
                remove_dead_locks(self.path)
                with self._transaction():
                    counts = {"recalled": recalled, "later": later}
                    run = runs.insert(self._connection, time.time(), rows, seconds, **counts)
                    self._lock = RunLock(self.path, run.number)
            self._run = run
            self._elsewhere.own_run = run.number
            pruning.forget_old(self._connection, self.path)

    def begin(
        self,
        entries: Sequence[Intent],
        now: float,
        answers: Sequence[tuple[int, Outcome, bytes]] = (),
    ) -> dict[int, Outcome | None]:
        """Record on disk that rows are about to be sent, and return those that must not be.

        Parameters
        ----------
        entries : list of Intent
            The rows.
        now : float
            The time, in seconds since the epoch.
        answers : list of (int, Outcome, bytes)
            Outcomes of other rows, as for `finish`, to write in the same transaction: a disk needs
            much longer for each than for what is in it.

        Returns
        -------
        dict
            The positions of the rows that another run has sent since `find`: the outcome there, or
            None while it is in flight. All other rows are recorded.

        Raises
        ------
        JournalError
            If that fails; then none of the rows must be sent.
        """
        if self._run is None:
            raise ValueError("begin() needs a run: call start() first")
        self._take(answers, now)
        opening.check_free_space(self.path)

        with self._transaction():
            if self._is_replaced():
                raise moved(self.path)
            self._own.write_answers()
            blocked = self._elsewhere.blocked(entries)
            intents = [intent for intent in entries if intent.position not in blocked]
            self._own.write_intents(self._run.number, intents, now)
            self._see(now)

        self._own.answers_written()
        self._own.intents_written()
        return blocked

    def wait_for(self, entries: Sequence[tuple[int, int]]) -> None:
        """Report rows in `poll` that were in flight in another run.

        Parameters
        ----------
        entries : list of (int, int)
            The position of each row, and the number of its sending.
        """
        self._elsewhere.wait_for(entries)

    def poll(self, positions: Sequence[int]) -> dict[int, Outcome]:
        """Return the outcomes of rows that other runs have in flight, as far as there are any.

        A row whose run has died is ``unknown``.
        """
        with self._errors():
            return self._elsewhere.poll(positions)

    def finish(self, entries: Sequence[tuple[int, Outcome, bytes]]) -> None:
        """Record on disk the outcomes of rows that were sent.

        Parameters
        ----------
        entries : list of (int, Outcome, bytes)
            The position of each row, its outcome, and the digest of what it is left with.

        Raises
        ------
        JournalError
            If that fails. It is tried again with the next outcomes, and at the end; if that fails
            too, these rows remain ``unknown`` in the journal.
        """
        now = time.time()
        self._take(entries, now)
        with self._transaction():
            self._own.write_answers()
            self._see(now)
        self._own.answers_written()

    def end(self, *, complete: bool, finished_runs: Sequence[int] = ()) -> None:
        """Record that the run has ended.

        Parameters
        ----------
        complete : bool
            Whether each of its rows got its outcome.
        finished_runs : list of int
            Earlier runs that were stopped or killed, and whose rows this run has finished.
        """
        now = time.time()
        with self._transaction():
            self._own.write_answers()
            runs.complete(self._connection, finished_runs, now)
            if self._run is not None:
                self._run.end(self._connection, now, complete=complete)

        self._own.answers_written()
        self._run = None

    def _see(self, now: float) -> None:
        """Record from time to time that the run is live; each time is one more page to write."""
        if self._run is not None and now - self._seen_at > _SEE_INTERVAL:
            self._run.see(self._connection, now)
            self._seen_at = now

    def _take(self, answers: Sequence[tuple[int, Outcome, bytes]], now: float) -> None:
        for position, outcome, left in answers:
            self._own.answer(position, outcome, left, now)

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise JournalError(
                f"the journal {self.path} was opened by another process: "
                "open it again in the forked one"
            )

    def _is_replaced(self) -> bool:
        try:
            return _identity(self.path) != self._file
        except OSError:
            return True

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        self._check_process()
        with journal_errors(self.path):
            yield

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._check_process()
        with opening.transaction(self._connection, self.path):
            yield


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
