"""Open a journal's file with SQLite, or create it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import sqlite3
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path

from flxframe.exceptions import JournalError
from flxframe.journal.checksums import sending_checksum
from flxframe.journal.errors import journal_errors
from flxframe.journal.lock import live_runs
from flxframe.journal.schema import FORMAT, check_format, create_tables, exists, journal_id

_BUSY_SECONDS = 30.0
_ROLLBACK_MAGIC = bytes.fromhex("d9d505f920a163d7")
_CHUNK = 2**20
_NEW = "-new-"

_MIN_FREE_BYTES = 10_000_000
"""With less free space, nothing more is sent: requests in flight need space for their answers."""


def check_file_kind(path: Path) -> None:
    """Raise if a path is not that of a file that can contain a journal.

    Raises
    ------
    JournalError
        If it does not exist, is not a regular file, or is empty.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        raise JournalError(f"there is no journal {path}: check the name and the folder") from None
    if not stat.S_ISREG(status.st_mode):
        raise JournalError(f"the journal {path} is not a regular file: choose the path of a file")
    if not os.access(path, os.R_OK):
        raise PermissionError(13, os.strerror(13))
    if status.st_size == 0:
        raise JournalError(
            f"the journal {path} is empty, which a journal never is: restore it from a copy, or "
            "remove the file if nothing was ever sent with it"
        )


def check_name(path: Path) -> None:
    """Raise if a journal has several names: each would have locks and a rollback file of its own.

    Raises
    ------
    JournalError
        The message says what to do.
    """
    names = path.stat().st_nlink
    if names > 1:
        raise JournalError(
            f"the journal {path} is also at another path (a hard link), which runs can't use "
            "safely: copy it to a file of its own, and use that one"
        )


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[sqlite3.Connection]:
    """Fill a new journal in a transaction; it gets its name when it is complete.

    The caller has locked the side file. A file that has this name is replaced.
    """
    _remove_leftovers(path)
    temporary = path.with_name(f"{path.name}{_NEW}{uuid.uuid4().hex[:8]}")
    exists(temporary.with_name(f"{temporary.name}-journal"))  # raises if that name is too long
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    try:
        with contextlib.closing(sqlite3.connect(temporary, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("BEGIN")
            create_tables(connection)
            yield connection
            connection.execute("COMMIT")
        temporary.replace(path)
        _sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _remove_leftovers(path: Path) -> None:
    """Remove the new files of processes that were killed before these had their name."""
    for name in os.listdir(path.parent):
        if name.startswith(f"{path.name}{_NEW}"):
            path.with_name(name).unlink()


def _sync_folder(folder: Path) -> None:
    """Wait until a file's name is on disk."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def connect(path: Path, *, write: bool, immutable: bool = False) -> sqlite3.Connection:
    """Open a journal that exists."""
    uri = f"{path.resolve().as_uri()}?mode={'rw' if write else 'ro'}"
    if immutable:
        uri += "&immutable=1"

    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_SECONDS)
    add_functions(connection)
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA secure_delete = ON")  # a forgotten body is not in the file
    return connection


def add_functions(connection: sqlite3.Connection) -> None:
    """Add the functions that the queries of a journal use."""
    connection.create_function("sending_checksum", -1, sending_checksum, deterministic=True)


def keep_open_in_child(connection: sqlite3.Connection) -> None:
    """Never close a connection in a forked child: that could undo the parent's transaction."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))


def check_side_files(path: Path) -> None:
    """Raise if a file of another database is next to a journal, which SQLite would write into it.

    Raises
    ------
    JournalError
        The message names the file.
    """
    rollback, log = (path.with_name(f"{path.name}-{suffix}") for suffix in ("journal", "wal"))
    if not _size(rollback) and not _size(log):
        return
    if live_runs(path):  # the files are in use, and were checked before
        return

    with contextlib.closing(connect(path, write=False, immutable=True)) as connection:
        version = check_format(connection, path)
        if version != FORMAT:
            return
        own_id = journal_id(connection)

    if _size(log) or (_is_rollback(rollback) and not _contains(rollback, own_id.encode())):
        name = log.name if _size(log) else rollback.name
        raise JournalError(
            f"the file {name} next to the journal {path} belongs to another database: "
            "move it elsewhere, then repeat the run"
        )


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Write in one transaction, undone if anything fails."""
    with journal_errors(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _is_rollback(path: Path) -> bool:
    """Return whether a rollback file is one that SQLite would use."""
    with path.open("rb") as file:
        return file.read(len(_ROLLBACK_MAGIC)) == _ROLLBACK_MAGIC


def _contains(path: Path, text: bytes) -> bool:
    """Return whether a file contains a text, read in chunks that overlap."""
    end = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if text in end + chunk:
                return True
            end = chunk[-len(text) :]
    return False


def check_free_space(path: Path) -> None:
    """Raise if the disk of a journal is nearly full.

    Raises
    ------
    JournalError
        The message says how much is left.
    """
    with journal_errors(path):
        free = shutil.disk_usage(path.parent).free

    if free < _MIN_FREE_BYTES:
        raise JournalError(
            f"the disk is nearly full ({free:,} bytes free), too little for the journal "
            f"{path}: free some space, then repeat the run to resume it"
        )
