"""Carry a journal of format 1 over to the format of today."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import uuid
from pathlib import Path
from typing import Any

from flxframe.exceptions import JournalError
from flxframe.journal.database import connect, create, damaged
from flxframe.journal.sendings import insert_values
from flxframe.models import RunWorkflowRequest
from flxframe.request.base_url import place_of
from flxframe.request.identity import DIGEST_SIZE, Scope, content_digest
from flxframe.request.json_text import decode, encode

_NO_TAG = -1
_DONE = ("ok", "unknown", "rejected")


def upgrade(path: Path) -> None:
    """Replace a journal of format 1 with one of today's format.

    A kill in the middle leaves the old one. The tokens of its rows are not known.

    Raises
    ------
    JournalError
        If it was written by a run with several tokens, whose rows cannot be identified.
    """
    temporary = path.with_name(f"{path.name}-{uuid.uuid4().hex}-new")
    old = connect(path)
    try:
        for (message,) in old.execute("PRAGMA integrity_check(1)"):
            if message != "ok":
                raise damaged(path, str(message).splitlines()[-1])
        create(temporary)
        _copy(old, temporary, path)
        old.execute("PRAGMA journal_mode = DELETE").fetchone()
        old.close()
        temporary.replace(path)
    finally:
        old.close()
        temporary.unlink(missing_ok=True)


def _copy(old: sqlite3.Connection, target: Path, path: Path) -> None:
    new = connect(target)
    try:
        new.execute("PRAGMA synchronous = FULL")
        new.execute("BEGIN IMMEDIATE")
        for run in _runs(old):
            new.execute(
                "INSERT INTO runs (id, started_at, rows, seconds, host, boot, seen_at, ended_at, "
                "complete) VALUES (?, ?, ?, ?, '', '', ?, ?, ?)",
                run,
            )
        records = old.execute(
            "SELECT base_url, digest, nth, position, request, sent_at, answered_at, status, "
            "http_status, error, answer, seconds, "
            "(SELECT count(*) FROM runs WHERE first_attempt <= attempts.id) FROM attempts "
            "ORDER BY id"
        )
        for record in records:
            insert_values(new, _sending(record, path))
        new.execute("COMMIT")
    finally:
        new.close()


def _runs(old: sqlite3.Connection) -> list[tuple[Any, ...]]:
    """Return the runs: one is complete if it sent all of its rows, and each has an answer."""
    starts = old.execute(
        "SELECT started_at, rows, seconds, first_attempt FROM runs ORDER BY rowid"
    ).fetchall()

    runs: list[tuple[Any, ...]] = [(0, 0.0, 0, 0.0, 0.0, 0.0, 0)]
    for number, (started_at, rows, seconds, first) in enumerate(starts, 1):
        last = starts[number][3] - 1 if number < len(starts) else None
        done = old.execute(
            "SELECT count(DISTINCT digest || ':' || nth), max(sent_at) FROM attempts WHERE id >= ? "
            "AND (? IS NULL OR id <= ?) AND status IN ('ok', 'unknown', 'rejected')",
            (first, last, last),
        ).fetchone()
        seen_at = done[1] or started_at
        runs.append((number, started_at, rows, seconds, seen_at, seen_at, int(done[0] >= rows)))
    return runs


def _sending(record: tuple[Any, ...], path: Path) -> dict[str, Any]:
    base_url, digest, nth, position, text, sent_at, *answered, run = record
    answered_at, status, http_status, error, answer, seconds = answered
    body = decode(text)
    request = _request(body)
    if hashlib.sha256(encode(body, sort_keys=True).encode()).digest()[:DIGEST_SIZE] != digest:
        raise JournalError(
            f"the journal {path} was written by an earlier flxframe, and a run with several tokens "
            "or a damaged file: its rows can't be identified. Use a new journal, and hand in the "
            "result of that run as the table"
        )

    place = place_of(base_url)
    scope = Scope(place)
    objects = request.objects if answer is None else decode(answer)
    return {
        "uid": os.urandom(10),
        "run": run,
        "key": scope.key(request),
        "nth": nth,
        "left": scope.digest(content_digest(request, objects)),
        "place": place,
        "token_tag": _NO_TAG,
        "draft": int(bool(request.draft)),
        "position": position,
        "request": text,
        "sent_at": sent_at,
        "answered_at": answered_at,
        "status": status,
        "http_status": http_status,
        "error": error,
        "answer": answer,
        "attempts": 1,
        "seconds": seconds,
    }


def _request(body: dict[str, Any]) -> RunWorkflowRequest:
    params = {param["key"]: param["value"] for param in body.get("params", [])}
    fields = {name: body[name] for name in ("id", "eventHandle", "draft") if name in body}
    return RunWorkflowRequest(objects=body["objects"], params=params, **fields)
