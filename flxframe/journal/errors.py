"""Errors of SQLite, of the system and of damaged values, raised as `JournalError`."""

from __future__ import annotations

import contextlib
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path

from flxframe.exceptions import FlxframeError, JournalError

_DAMAGE = (ArithmeticError, LookupError, TypeError, ValueError, struct.error)
"""What Python raises when a damaged file contains a value that no run wrote."""


@contextlib.contextmanager
def journal_errors(path: Path) -> Iterator[None]:
    """Convert all errors of reading and writing to a `JournalError` that says what to do."""
    try:
        yield
    except FlxframeError:
        raise
    except sqlite3.Error as error:
        raise _journal_error(path, error) from None
    except OSError as error:
        raise JournalError(
            f"the journal {path} can't be opened ({error.strerror}): "
            "check its folder and your permissions there"
        ) from None
    except UnicodeError:
        raise damaged(path, "invalid UTF-8") from None
    except _DAMAGE as error:
        raise damaged(path, f"an invalid value, {type(error).__name__}") from None


def not_a_journal(path: Path) -> JournalError:
    """Return the error for a file that flxframe did not write as a journal."""
    return JournalError(
        f"{path} is not a flxframe journal: choose another file (this one was not changed)"
    )


def damaged(path: Path, reason: object) -> JournalError:
    """Return the error for a journal that is not as flxframe wrote it."""
    return JournalError(
        f"the journal {path} is damaged ({reason}): restore it from a copy, or choose another file"
    )


def moved(path: Path) -> JournalError:
    """Return the error for a journal that is not where it was when the run started."""
    return JournalError(
        f"the journal {path} was moved or replaced during the run: "
        "put it back, then repeat the run to resume it"
    )


def _journal_error(path: Path, error: sqlite3.Error) -> JournalError:
    name = getattr(error, "sqlite_errorname", "")

    if name.startswith("SQLITE_NOTADB"):
        return not_a_journal(path)

    if name.startswith("SQLITE_FULL"):
        return JournalError(
            f"the disk is full, so the journal {path} can't be written: "
            "free some space, then repeat the run to resume it"
        )

    # The rest of Python's message quotes the bytes; the function is the one of the checksums.
    if str(error).startswith(("Could not decode", "user-defined function")):
        return damaged(path, "invalid UTF-8")

    if name.startswith("SQLITE_READONLY_DBMOVED"):
        return moved(path)

    # SQLITE_ERROR: a table or column is missing, or the file has another format.
    if name.startswith("SQLITE_CORRUPT") or name == "SQLITE_ERROR":
        return damaged(path, error)

    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return JournalError(
            f"the journal {path} was locked by another program for more than 30 seconds: "
            "close that program, then repeat the run"
        )

    return JournalError(
        f"the journal {path} can't be used ({error}): check the disk and the folder, "
        "then repeat the run"
    )
