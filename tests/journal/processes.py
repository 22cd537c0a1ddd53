"""Other processes that use a journal: each gets its steps one by one, and can be killed."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any

from flxframe.journal.writer import JournalWriter
from flxframe.models import Outcome
from tests.journal.conftest import LEFT, intent, open_for_run

NOW = float(int(time.time()))
"""A time at which rows are sent; after 90 days, a run would forget their requests."""


def key(row: int) -> bytes:
    """Return the digest that identifies a row; it ends in NUL."""
    return b"%012d\0\0\0\0" % row


def begin(journal: JournalWriter, *rows: int, now: float = NOW) -> dict[int, Outcome | None]:
    """Record that rows are about to be sent; each position is the row's number."""
    return journal.begin([intent(row, key(row)) for row in rows], now)


def finish(journal: JournalWriter, *rows: int, outcome: Outcome | None = None) -> None:
    """Record the outcome of rows, by default ``ok``."""
    outcome = Outcome("ok", 200) if outcome is None else outcome
    journal.finish([(row, outcome, LEFT) for row in rows])


def record(path: Path, ok: int = 2, unknown: int = 1, *, now: float = NOW) -> Path:
    """Record a run whose first rows were ok, and whose last ones have no answer."""
    with open_for_run(path) as journal:
        journal.start(ok + unknown, 1.0)
        begin(journal, *range(ok + unknown), now=now)
        finish(journal, *range(ok))
    return path


def write_without_end(journal: JournalWriter, rows: int) -> None:
    """Start a transaction that has written pages into the file, and do not commit it."""
    connection = journal._connection
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("BEGIN IMMEDIATE")
    intents = [intent(row, key(row)) for row in range(rows)]
    journal._own.write_intents(1, intents, 1.0)


class OtherProcess:
    """A process that opens a journal for a run, and calls functions with it. A context manager."""

    def __init__(self, path: Path) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["flxframe", "tests.conftest"])
        self._pipe, end = context.Pipe()
        self._process = context.Process(target=_serve, args=(end, path))
        self._process.start()
        end.close()

    def __enter__(self) -> OtherProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._pipe.send(None)
        self._process.join(20)
        assert self._process.exitcode in (0, -9)

    def call(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Call a function of a test module with the other process's journal and arguments."""
        self._pipe.send((function, arguments))
        return self._pipe.recv()

    def kill(self) -> None:
        """Kill it, as with `kill -9`."""
        self._process.kill()
        self._process.join()


def _serve(pipe: Connection, path: Path) -> None:
    with open_for_run(path) as journal:
        while (task := pipe.recv()) is not None:
            function, arguments = task
            pipe.send(function(journal, *arguments))


@contextlib.contextmanager
def running(path: Path, *rows: int) -> Iterator[OtherProcess]:
    """Start a run in another process that has these rows in flight."""
    with OtherProcess(path) as other:
        other.call(start_and_begin, *rows)
        yield other


def start_and_begin(journal: JournalWriter, *rows: int) -> int:
    """Start a run, and record that rows are about to be sent; return the process's number."""
    journal.start(len(rows), 1.0)
    assert begin(journal, *rows) == {}
    return os.getpid()
