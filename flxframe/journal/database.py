"""The journal's file: its tables, its format, and the queries that read it."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from flxframe.exceptions import JournalError
from flxframe.journal.errors import not_a_journal
from flxframe.journal.matching import Array, KnownRows, Match, digest_array, reduce_attempts
from flxframe.models import STATUSES, Outcome
from flxframe.options.checks import check_file
from flxframe.request.json_text import decode

_APPLICATION_ID = 0x666C7866
_FORMAT = 1

SCHEMA = f"""
BEGIN;
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    base_url TEXT NOT NULL,
    digest BLOB NOT NULL,      -- of the request's canonical JSON
    nth INTEGER NOT NULL,      -- its number among equal rows
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
    rows INTEGER NOT NULL,     -- to send
    seconds REAL NOT NULL,     -- estimated at the start
    first_attempt INTEGER NOT NULL
);
CREATE TABLE written (path TEXT PRIMARY KEY, digest BLOB NOT NULL);
PRAGMA application_id = {_APPLICATION_ID};
PRAGMA user_version = {_FORMAT};
COMMIT;
"""

_MAX_VARIABLES = 512
"""Attempts read by one query; an older SQLite accepts at most 999 variables."""

_CODES = {status: code for code, status in enumerate(STATUSES)}
_UNKNOWN = _CODES["unknown"]
_NOT_SENT = _CODES["not_sent"]

_LOST = (
    "sent, but the journal has no answer: the run ended before the answer came, or is still "
    "waiting for it. If it has ended, the workflow might have run: check, then send the row again "
    "with retry_unknown=True, or leave it"
)


def read_known_rows(connection: sqlite3.Connection, base_url: str) -> KnownRows:
    """Read the rows that were sent to a base URL, each with its last status."""
    digests, nth, codes, ids = bytearray(), array("i"), array("b"), array("q")
    attempts = connection.execute(
        "SELECT digest, nth, status, id FROM attempts WHERE base_url = ?",
        (base_url,),
    )

    for digest, number, status, attempt in attempts:
        digests += digest
        nth.append(number)
        codes.append(_CODES.get(status, _UNKNOWN))
        ids.append(attempt)

    return reduce_attempts(
        digest_array(digests), np.asarray(nth), np.asarray(codes), np.asarray(ids)
    )


def read_done_rows(connection: sqlite3.Connection, attempts: Array) -> KnownRows:
    """Read the attempts that ran or might have run, identified by their results."""
    digests, codes, ids = bytearray(), array("b"), array("q")

    for attempt in attempts:
        row = connection.execute(
            "SELECT outcome_digest, coalesce(status, 'unknown') AS last_status "
            "FROM attempts "
            "WHERE id = ? AND last_status IN ('ok', 'unknown') "
            "AND outcome_digest IS NOT NULL",
            (int(attempt),),
        ).fetchone()

        if row is not None:
            digests += row[0]
            codes.append(_CODES[row[1]])
            ids.append(int(attempt))

    # The attempt's id distinguishes equal results: each of them matches one row.
    return reduce_attempts(
        digest_array(digests), np.asarray(ids), np.asarray(codes), np.asarray(ids)
    )


def outcomes(connection: sqlite3.Connection, match: Match, indices: Array) -> Iterator[Outcome]:
    """Yield the outcomes of matched rows in order; an ``ok`` without objects changed nothing.

    Parameters
    ----------
    connection : sqlite3.Connection
        The journal.
    match : Match
        The state of the table's rows in the journal.
    indices : ndarray of int
        The rows to read, as positions in `match`; all of them must be in the journal.
    """
    for start in range(0, len(indices), _MAX_VARIABLES):
        chunk = indices[start : start + _MAX_VARIABLES]
        attempts = match.attempts[chunk].tolist()
        marks = ", ".join("?" * len(attempts))
        records = connection.execute(
            "SELECT id, status, http_status, error, answer, seconds "  # noqa: S608
            f"FROM attempts WHERE id IN ({marks})",
            attempts,
        )
        answers = {attempt: fields for attempt, *fields in records}

        for attempt, tries in zip(attempts, match.tries[chunk].tolist(), strict=True):
            status, http_status, error, answer, seconds = answers[attempt]
            if status is None:
                yield Outcome("unknown", error=_LOST, attempts=tries)
                continue

            objects = decode(answer) if answer is not None else None
            yield Outcome(status, http_status, error, objects, tries, seconds)


def count_settled(connection: sqlite3.Connection, first_attempt: int) -> int:
    """Count the rows that were sent since an attempt, except those that were not delivered."""
    settled = 0
    for base_url in base_urls(connection):
        rows = read_known_rows(connection, base_url)
        codes = rows.codes[rows.attempts >= first_attempt]
        settled += int(np.count_nonzero(codes != _NOT_SENT))
    return settled


def journal_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of a journal's file.

    Raises
    ------
    SettingError
        If it is not a file path.
    JournalError
        If it is a folder.
    """
    check_file("journal", path)
    path = Path(path)
    if path.is_dir():
        raise JournalError(
            f"the journal {path} is a folder: choose a file in it, such as {path / 'backfill.db'}"
        )
    return path


def check_place(connection: sqlite3.Connection, path: Path, base_url: str) -> None:
    """Raise if a journal belongs to another base URL.

    Raises
    ------
    JournalError
        The message has both URLs.
    """
    urls = base_urls(connection)
    if urls and base_url not in urls:
        raise JournalError(
            f"the journal {path} belongs to {', '.join(urls)}, but this run sends to {base_url}: "
            "use another journal, or correct the base URL"
        )


def base_urls(connection: sqlite3.Connection) -> list[str]:
    """Read the base URLs that requests were sent to."""
    rows = connection.execute("SELECT DISTINCT base_url FROM attempts ORDER BY base_url")
    return [url for (url,) in rows]


def check_format(connection: sqlite3.Connection, path: Path) -> None:
    """Raise if a database is not a journal, or was written by a newer flxframe."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()

    if application_id != _APPLICATION_ID:
        raise not_a_journal(path)

    if version > _FORMAT:
        raise JournalError(
            f"the journal {path} was written by a newer flxframe (format {version}): "
            "update flxframe to use it"
        )


def output_key(output: Path) -> str:
    """Return the text that identifies a result file in the journal."""
    return str(output.resolve())


def file_digest(path: Path) -> bytes:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
