"""Errors of SQLite and of the system, raised as `JournalError`."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from flxframe.exceptions import JournalError


@contextlib.contextmanager
def journal_errors(path: Path) -> Iterator[None]:
    """Convert errors of SQLite and the system to a `JournalError` that says what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _journal_error(path, error) from None
    except JournalError:
        raise
    except OSError as error:
        raise JournalError(
            f"the journal {path} can't be opened ({error.strerror}): "
            "check its folder and your permissions there"
        ) from None


def not_a_journal(path: Path) -> JournalError:
    """Return the error for a file that flxframe did not write as a journal."""
    return JournalError(
        f"{path} is not a flxframe journal: choose another file (this one was not changed)"
    )


def _journal_error(path: Path, error: sqlite3.DatabaseError) -> JournalError:
    name = getattr(error, "sqlite_errorname", "")

    if name.startswith("SQLITE_NOTADB"):
        return not_a_journal(path)

    if name.startswith("SQLITE_FULL"):
        return JournalError(
            f"the disk is full, so the journal {path} can't be written: "
            "free some space, then repeat the run to resume it"
        )

    if str(error).startswith("Could not decode"):  # the rest of Python's message quotes the bytes
        return JournalError(
            f"the journal {path} is damaged (invalid UTF-8): restore it from a copy"
        )

    if name.startswith("SQLITE_CORRUPT"):
        return JournalError(
            f"the journal {path} is damaged ({error}): "
            "restore it from a copy (this file was not changed)"
        )

    return JournalError(
        f"the journal {path} can't be used ({error}): check the disk and the folder, "
        "then repeat the run"
    )
