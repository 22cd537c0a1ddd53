"""The journal's file: its tables, its format, its lock, and its troubles in words."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from flxframe.exceptions import JournalError, SettingError
from flxframe.journal.errors import not_a_journal
from flxframe.journal.matching import Array, Known, Match, digest_array, known_rows
from flxframe.models import STATUSES, Outcome
from flxframe.request.json_text import decode

_APPLICATION = 0x666C7866


_FORMAT = 1


SCHEMA = f"""
BEGIN;
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    base_url TEXT NOT NULL,
    digest BLOB NOT NULL,      -- of the request's canonical JSON
    nth INTEGER NOT NULL,      -- which one among equal rows
    position INTEGER NOT NULL, -- of the row in the table, at that time
    request TEXT NOT NULL,
    sent_at REAL NOT NULL,     -- seconds since the epoch
    answered_at REAL,
    status TEXT,
    http_status INTEGER,
    error TEXT,
    answer TEXT,               -- the answered objects, where they differ from what was sent
    outcome_digest BLOB,       -- of the row as its result shows it
    seconds REAL
);
CREATE TABLE runs (
    started_at REAL NOT NULL,
    rows INTEGER NOT NULL,     -- that were to be sent
    seconds REAL NOT NULL,     -- that it was going to take
    first_attempt INTEGER NOT NULL
);
CREATE TABLE written (path TEXT PRIMARY KEY, digest BLOB NOT NULL);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_FORMAT};
COMMIT;
"""


_AT_ONCE = 512
"""Rows that are asked for at a time; older SQLite takes no more than 999."""


_UNKNOWN = STATUSES.index("unknown")


_CODES = {status: code for code, status in enumerate(STATUSES)}


_LOST = (
    "sent, and the journal has no answer: the run ended before it came, or goes on and awaits it. If it has ended, the "
    "workflow may have run: check, and then send it again with retry_unknown=True, or leave it"
)


def known(connection: sqlite3.Connection, base_url: str) -> Known:
    """Read what the journal knows of the rows sent to a base URL."""
    digests, nth, codes, ids = bytearray(), array("i"), array("b"), array("q")
    for digest, number, status, attempt in connection.execute(
        "SELECT digest, nth, status, id FROM attempts WHERE base_url = ?", (base_url,)
    ):
        digests += digest
        nth.append(number)
        codes.append(_CODES.get(status, _UNKNOWN))
        ids.append(attempt)
    return known_rows(digest_array(digests), np.asarray(nth), np.asarray(codes), np.asarray(ids))


def done_rows(connection: sqlite3.Connection, attempts: Array) -> Known:
    """Read of these attempts those that ran or may have, known by what their results show."""
    digests, codes, ids = bytearray(), array("b"), array("q")
    for attempt in attempts:
        row = connection.execute(
            "SELECT outcome_digest, coalesce(status, 'unknown') AS told FROM attempts "
            "WHERE id = ? AND told IN ('ok', 'unknown') AND outcome_digest IS NOT NULL",
            (int(attempt),),
        ).fetchone()
        if row is not None:
            digests += row[0]
            codes.append(_CODES[row[1]])
            ids.append(int(attempt))
    # Equal results are told apart by their attempts: each may stand for one row.
    return known_rows(digest_array(digests), np.asarray(ids), np.asarray(codes), np.asarray(ids))


def outcomes(connection: sqlite3.Connection, match: Match, places: Array) -> Iterator[Outcome]:
    """Read the outcomes of matched rows, one after the other; an ``ok`` without objects changed nothing."""
    for start in range(0, len(places), _AT_ONCE):
        some = places[start : start + _AT_ONCE]
        attempts = match.attempts[some].tolist()
        marks = ", ".join("?" * len(attempts))
        told = connection.execute(
            f"SELECT id, status, http_status, error, answer, seconds FROM attempts WHERE id IN ({marks})",  # noqa: S608
            attempts,
        )
        rows = {attempt: rest for attempt, *rest in told}
        for attempt, tries in zip(attempts, match.tries[some].tolist(), strict=True):
            status, http_status, error, answer, seconds = rows[attempt]
            if status is None:
                yield Outcome("unknown", error=_LOST, attempts=tries)
            else:
                objects = decode(answer) if answer is not None else None
                yield Outcome(status, http_status, error, objects, tries, seconds)


def journal_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of a journal's file.

    Raises
    ------
    SettingError
        If it names no file.
    JournalError
        If it names a folder.
    """
    if not isinstance(path, (str, os.PathLike)) or not str(os.fspath(path)).strip():
        raise SettingError(f"journal={path!r} names no file: give its path, such as 'backfill.db'")
    if Path(path).is_dir():
        raise JournalError(
            f"the journal {path} is a folder: name a file in it, such as {Path(path) / 'backfill.db'}"
        )
    return Path(path)


def base_urls(connection: sqlite3.Connection) -> list[str]:
    """Read where the requests went."""
    return [
        url
        for (url,) in connection.execute("SELECT DISTINCT base_url FROM attempts ORDER BY base_url")
    ]


def check_format(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a database that is no journal, or one of a newer flxframe."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != _APPLICATION:
        raise not_a_journal(path)
    if version > _FORMAT:
        raise JournalError(
            f"the journal {path} is of a newer flxframe (format {version}): update flxframe to use it"
        )


def output_key(output: Path) -> str:
    """Return what identifies a result file."""
    return str(output.resolve())


def file_digest(path: Path) -> bytes:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
