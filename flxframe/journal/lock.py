"""Locks on files next to a journal: one for short steps, and one per live run.

The journal itself is only ever opened by SQLite: closing any other descriptor of it would release
the locks that SQLite has on it in this process.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

from flxframe.exceptions import JournalLockedError
from flxframe.journal.errors import journal_errors

_PATIENCE = 30.0
_PAUSE = 0.02
"""Seconds to wait for a lock, and between two tries."""

_descriptors: set[int] = set()


def _close_in_child() -> None:
    # A lock belongs to all processes that share its descriptor: a child that lives longer than
    # its parent would keep the parent's runs alive.
    for descriptor in list(_descriptors):
        with contextlib.suppress(OSError):
            os.close(descriptor)
    _descriptors.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)


@contextlib.contextmanager
def lock_file(path: Path) -> Iterator[None]:
    """Lock a journal's side file for a short step, such as creating or checking the journal.

    Raises
    ------
    JournalLockedError
        If another process has it for more than 30 seconds.
    JournalError
        If it can't be opened.
    """
    with journal_errors(path):
        descriptor = _open(side_file(path), os.O_RDWR | os.O_CREAT)

    try:
        with journal_errors(path):
            _wait_for_lock(path, descriptor)
        yield
    finally:
        _close(descriptor)


class RunLock:
    """The lock of a live run, on a file of its own; released however the process ends.

    Parameters
    ----------
    path : path
        The journal.
    run : int
        The number of the run in the journal.
    """

    def __init__(self, path: Path, run: int) -> None:
        self._path = run_file(path, run)
        self._process = os.getpid()
        self._descriptor = _open(self._path, os.O_RDWR | os.O_CREAT)
        _wait_for_lock(path, self._descriptor)

    def release(self) -> None:
        """Release the lock and remove its file; in a forked child, do nothing."""
        if self._process == os.getpid():
            with contextlib.suppress(OSError):
                self._path.unlink()
            _close(self._descriptor)


def is_run_live(path: Path, run: int) -> bool:
    """Return whether a process of this machine has the lock of a run."""
    try:
        descriptor = _open(run_file(path, run), os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # it belongs to another user

    try:
        return not _try_lock(descriptor, shared=True)
    finally:
        _close(descriptor)


def live_runs(path: Path) -> list[int]:
    """Return the runs of this machine that are live."""
    runs = []
    for run in _run_files(path):
        if is_run_live(path, run):
            runs.append(run)
    return runs


def remove_dead_locks(path: Path) -> None:
    """Remove the lock files of killed runs; the caller has locked the side file."""
    for run in _run_files(path):
        if not is_run_live(path, run):
            with contextlib.suppress(OSError):
                run_file(path, run).unlink()


def side_file(path: Path) -> Path:
    """Return the file that is locked for short steps; it also contains the journal's stamp."""
    return path.with_name(f"{path.name}-lock")


def run_file(path: Path, run: int) -> Path:
    """Return the lock file of a run."""
    return path.with_name(f"{path.name}-run-{run}")


def _run_files(path: Path) -> list[int]:
    prefix = f"{path.name}-run-"
    numbers = []
    with contextlib.suppress(OSError):
        for name in os.listdir(path.parent):
            number = name.removeprefix(prefix)
            if name != number and number.isascii() and number.isdigit():
                numbers.append(int(number))
    return numbers


def _open(path: Path, flags: int) -> int:
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o600)
    _descriptors.add(descriptor)
    return descriptor


def _close(descriptor: int) -> None:
    if descriptor in _descriptors:  # a forked child has closed it already
        _descriptors.discard(descriptor)
        os.close(descriptor)


def _wait_for_lock(path: Path, descriptor: int) -> None:
    end = time.monotonic() + _PATIENCE
    while not _try_lock(descriptor):
        if time.monotonic() > end:
            raise JournalLockedError(
                f"another process has locked the journal {path} for more than 30 seconds: "
                "wait until it has ended, or stop it, then repeat this run"
            )
        time.sleep(_PAUSE)


def _try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Lock an open file without waiting, and return whether that worked."""
    if os.name == "nt":
        import msvcrt  # noqa: PLC0415  only on Windows

        os.lseek(descriptor, 2**40, os.SEEK_SET)  # far beyond the stamp
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
    else:
        import fcntl  # noqa: PLC0415  not on Windows

        operation = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            return False

    return True
