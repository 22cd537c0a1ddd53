"""Carry a journal of format 1 over to the current format."""

from __future__ import annotations

import bisect
import contextlib
import hashlib
import os
import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flxframe.exceptions import JournalError
from flxframe.journal import runs
from flxframe.journal.checksums import sending_checksum
from flxframe.journal.errors import damaged
from flxframe.journal.opening import connect, new_file
from flxframe.journal.schema import SENDING_FIELDS
from flxframe.models import RunWorkflowRequest
from flxframe.request.base_url import place_of
from flxframe.request.identity import DIGEST_SIZE, Scope, content_digest, exact_digest
from flxframe.request.json_text import decode, encode

_UNKNOWN_TAG = -1

_INSERT = (
    f"INSERT INTO sendings ({', '.join(SENDING_FIELDS)}, checksum) "  # noqa: S608
    f"VALUES ({', '.join('?' * len(SENDING_FIELDS))}, ?)"
)
_ATTEMPTS = (
    "SELECT id, base_url, digest, nth, position, request, sent_at, answered_at, status, "
    "http_status, error, answer, seconds FROM attempts ORDER BY id"
)


def convert(
    old: sqlite3.Connection, path: Path, token_names: Sequence[str] = ()
) -> sqlite3.Connection:
    """Replace a journal of format 1 by one of the current format, and open that.

    The caller has locked the side file. The new file gets the name when it is complete.

    Parameters
    ----------
    old : sqlite3.Connection
        The journal of format 1, which is closed.
    path : path
        Its file.
    token_names : list of str, optional
        The names of the run's tokens. Format 1 has only digests of them.

    Raises
    ------
    JournalError
        If the journal is damaged, or has rows of tokens with other names.
    """
    with contextlib.closing(old):
        (finding,) = old.execute("PRAGMA integrity_check(1)").fetchone()
        if finding != "ok":
            raise damaged(path, str(finding).splitlines()[-1])
        # Everything that is in the write-ahead log must be in the one file that is replaced.
        old.execute("PRAGMA journal_mode = DELETE")
        old.execute("BEGIN IMMEDIATE")

        with new_file(path) as new:
            copy(old, new, path, token_names)

    return connect(path, write=True)


def copy(
    old: sqlite3.Connection,
    new: sqlite3.Connection,
    path: Path,
    token_names: Sequence[str] | None,
) -> None:
    """Copy a journal of format 1 into the empty tables of the current format.

    Without names (None), rows of several tokens are copied too: they can be listed, but no table
    has them.
    """
    numbers = _copy_runs(old, new)
    for values in _sendings(old, path, numbers, token_names):
        new.execute(_INSERT, (*values, sending_checksum(*values)))


def request_of(text: str) -> RunWorkflowRequest:
    """Return the request that a journal contains as JSON."""
    body = decode(text)
    params = {param["key"]: param["value"] for param in body.get("params", [])}
    return RunWorkflowRequest(
        objects=body["objects"],
        id=body.get("id"),
        eventHandle=body.get("eventHandle"),
        draft=body.get("draft"),
        params=params,
    )


def _copy_runs(old: sqlite3.Connection, new: sqlite3.Connection) -> list[tuple[int, int]]:
    """Copy the runs, and return the first attempt of each and its new number."""
    records = old.execute(
        "SELECT started_at, rows, seconds, first_attempt FROM runs ORDER BY rowid"
    )
    starts = records.fetchall()
    first_attempt = starts[0][3] if starts else None
    oldest = old.execute("SELECT min(id), min(sent_at) FROM attempts").fetchone()
    if oldest[0] is not None and (first_attempt is None or oldest[0] < first_attempt):
        starts.insert(0, (oldest[1], 0, 0.0, oldest[0]))

    numbers = []
    for index, (started_at, rows, seconds, first) in enumerate(starts):
        end = starts[index + 1][3] if index + 1 < len(starts) else 2**62
        ended_at, sent, lost = old.execute(
            "SELECT max(coalesce(answered_at, sent_at)), count(DISTINCT digest || nth), "
            "count(*) - count(status) FROM attempts WHERE id >= ? AND id < ?",
            (first, end),
        ).fetchone()

        is_complete = not lost and sent >= rows
        end_fields = {"ended_at": ended_at or started_at, "complete": 1} if is_complete else {}
        run = runs.insert(new, started_at, rows, seconds, **end_fields)
        numbers.append((first, run.number))
    return numbers


def _sendings(
    old: sqlite3.Connection,
    path: Path,
    numbers: list[tuple[int, int]],
    token_names: Sequence[str] | None,
) -> Any:
    """Yield the fields of each attempt as a sending."""
    starts = [first for first, _ in numbers]
    entities: dict[tuple[Any, ...], tuple[bytes, int]] = {}
    equals: Counter[bytes] = Counter()

    for number, place, old_digest, nth, position, text, *answer in old.execute(_ATTEMPTS):
        sent_at, answered_at, status, http_status, error, objects, seconds = answer
        request = request_of(text)
        cell = _token_cell(request, old_digest, path, token_names)
        scope = Scope(place_of(place))
        entity = (scope.place, old_digest, nth)
        if entity not in entities:
            key = scope.key(request, cell)
            entities[entity] = (key, equals[key])
            equals[key] += 1

        key, new_nth = entities[entity]
        run = numbers[bisect.bisect_right(starts, number) - 1][1]
        left_objects = request.objects if objects is None else decode(objects)
        left = scope.left(content_digest(request, left_objects), cell)
        yield (
            *(os.urandom(10), run, key, new_nth, scope.place, _UNKNOWN_TAG),
            *(int(bool(request.draft)), position, None, text, left, sent_at),
            *(answered_at, status, http_status, error, objects, 1, seconds),
        )


def _token_cell(
    request: RunWorkflowRequest, old_digest: bytes, path: Path, token_names: Sequence[str] | None
) -> str | None:
    """Return the cell of a row in the token column, whose digest format 1 has."""
    if exact_digest(request) == old_digest:
        return None
    if token_names is None:
        return old_digest.hex()

    content = encode(request.body(), sort_keys=True)
    for name in token_names:
        named = f"{content}\0{name!r}".encode()
        if hashlib.sha256(named).digest()[:DIGEST_SIZE] == old_digest:
            return name

    raise JournalError(
        f"the journal {path} was written by an earlier flxframe in a run with several tokens, and "
        "has rows of tokens that this call does not name: repeat that run with its token= and "
        "token_column=; if two of its names had one token, use a new journal, and run the result "
        "of that run as the table"
    )
