"""The journal's lock: one run at a time."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from flxframe.exceptions import JournalError, JournalLockedError
from flxframe.journal.errors import journal_errors

_WINDOWS_OFFSET = 2**40
"""Where Windows locks the file: far beyond the bytes that SQLite itself locks."""


def lock(path: Path, stack: contextlib.ExitStack) -> None:
    """Lock the journal for this process; the system releases it however the process ends.

    Raises
    ------
    JournalLockedError
        If another run is using it.
    JournalError
        If it can't be opened.
    """
    with journal_errors(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        stack.callback(os.close, handle)

        if not _try_lock(handle):
            raise JournalLockedError(
                f"another run is using the journal {path}: "
                "wait until it ends, or stop it, then repeat this run"
            )


def is_locked(path: Path) -> bool:
    """Return whether a run is using the journal."""
    try:
        with contextlib.ExitStack() as stack:
            lock(path, stack)
    except JournalLockedError:
        return True
    except JournalError:
        return False  # a run could not write to it either

    return False


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
