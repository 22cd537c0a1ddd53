"""The journal's lock, and SQLite's errors as sentences."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from flxframe.exceptions import JournalError, JournalLockedError


def lock(path: Path, stack: contextlib.ExitStack) -> None:
    """Take the journal for this process alone; the system lets go of it however the process ends."""
    take: Callable[[], object]
    taken: type[OSError]
    with journal_errors(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        stack.callback(os.close, handle)
        if os.name == "nt":
            import msvcrt  # noqa: PLC0415  Windows alone has it

            size = 2**40  # far behind what SQLite itself locks
            os.lseek(handle, size, os.SEEK_SET)
            take, taken = partial(msvcrt.locking, handle, msvcrt.LK_NBLCK, 1), OSError  # type: ignore[attr-defined]
        else:
            import fcntl  # noqa: PLC0415  Windows hasn't it

            take, taken = (
                partial(fcntl.flock, handle, fcntl.LOCK_EX | fcntl.LOCK_NB),
                BlockingIOError,
            )
        try:
            take()
        except taken:
            raise JournalLockedError(
                f"another run is using the journal {path}: wait until it ends, or stop it, and run this again"
            ) from None


def is_locked(path: Path) -> bool:
    """Say whether a run is using the journal."""
    try:
        with contextlib.ExitStack() as stack:
            lock(path, stack)
    except JournalLockedError:
        return True
    except JournalError:
        return False  # what can't be written here has no run here
    return False


@contextlib.contextmanager
def journal_errors(path: Path) -> Iterator[None]:
    """Say what SQLite and the system complain of in a sentence."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith("SQLITE_FULL"):
            text = f"the disk is full, so the journal {path} can't be kept: make room, and run the same again to go on"
        elif name.startswith("SQLITE_NOTADB"):
            text = (
                f"{path} is no journal of flxframe: name another file; this one was left as it is"
            )
        elif str(error).startswith("Could not decode"):  # and then Python shows what it couldn't
            text = f"the journal {path} is damaged (it holds texts that are none): restore it from a copy"
        elif name.startswith("SQLITE_CORRUPT"):
            text = f"the journal {path} is damaged ({error}): restore it from a copy; it was left as it is"
        else:
            text = f"the journal {path} can't be used ({error}): check the disk and the folder, and run the same again"
        raise JournalError(text) from None
    except JournalError:
        raise
    except OSError as error:
        raise JournalError(
            f"the journal {path} can't be opened ({error.strerror}): check its folder and your rights in it"
        ) from None
