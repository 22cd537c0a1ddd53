"""Locks on side files, which the system releases however a process ends.

The database itself is never opened for a lock: closing any descriptor of a file drops the locks
that SQLite has on it in the same process.
"""

from __future__ import annotations

import contextlib
import os
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

from flxframe.exceptions import JournalLockedError

_PATIENCE = 30.0
"""Seconds to wait for another process that creates, checks or closes the journal."""

_NAP = 0.02
_MAX_CONTENT = 1000

_WINDOWS_OFFSET = 2**40
"""Where Windows locks the file: beyond its content, which can then be read."""

_held: weakref.WeakSet[FileLock] = weakref.WeakSet()


class FileLock:
    """A file that is locked by this process until it is released.

    Parameters
    ----------
    path : Path
        The file; it is created if it does not exist.

    Raises
    ------
    BlockingIOError
        If another process has locked it.
    OSError
        If it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _try_lock(self._handle):
            self.release()
            raise BlockingIOError(f"{path} is locked")
        _held.add(self)

    def release(self) -> None:
        """Release the lock; a second time does nothing."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def read(self) -> str:
        """Return the content of the file."""
        if self._handle is None:
            return ""
        os.lseek(self._handle, 0, os.SEEK_SET)
        return os.read(self._handle, _MAX_CONTENT).decode("ascii", "replace")

    def write(self, text: str) -> None:
        """Replace the content of the file."""
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.lseek(self._handle, 0, os.SEEK_SET)
            os.write(self._handle, text.encode())


def _release_in_child() -> None:
    # A forked child would otherwise keep the locks of its parent alive after the parent has ended.
    for lock in list(_held):
        lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_release_in_child)


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[FileLock]:
    """Lock a journal's side file for a short time, waiting for other processes.

    Raises
    ------
    JournalLockedError
        If another process has it for too long.
    """
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            lock = FileLock(side_file(path, "lock"))
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise JournalLockedError(
                    f"another process is busy with the journal {path}: wait until it has ended, "
                    "then repeat this call"
                ) from None
            time.sleep(_NAP)

    try:
        yield lock
    finally:
        lock.release()


def is_locked(path: Path) -> bool:
    """Return whether another process, or another lock of this one, has locked a file."""
    if not path.exists():
        return False
    try:
        lock = FileLock(path)
    except BlockingIOError:
        return True
    except OSError:
        return False
    lock.release()
    return False


def side_file(path: Path, kind: str) -> Path:
    """Return the path of a file next to a journal."""
    return path.with_name(f"{path.name}-{kind}")


def _try_lock(handle: int) -> bool:
    """Lock an open file without waiting, and return whether that worked."""
    if os.name == "nt":
        import msvcrt  # noqa: PLC0415  only on Windows

        os.lseek(handle, _WINDOWS_OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
    else:
        import fcntl  # noqa: PLC0415  not on Windows

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False

    return True
