"""Find rows in a journal by their digests; it costs by the table, not by the journal."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from flxframe.journal.host import RunRecord, State, state_of
from flxframe.journal.known import IN_FLIGHT, SILENT, Array, KnownRows
from flxframe.journal.matching import DIGEST_BYTES
from flxframe.models import STATUSES
from flxframe.request.fingerprints import ID_SIZE

_CHUNK = 500
"""Digests that one query looks up; an older SQLite accepts at most 999 variables."""

_CODES = {status: code for code, status in enumerate(STATUSES)}
_OK, _UNKNOWN = _CODES["ok"], _CODES["unknown"]

_COLUMNS = "id, uid, run, key, nth, left, token_tag, draft, sent_at, status, attempts"


def find_rows(
    connection: sqlite3.Connection, path: Path, keys: bytes, lefts: bytes, uids: bytes
) -> KnownRows:
    """Return the rows that have one of the keys, digests or ids, with all of their sendings.

    Parameters
    ----------
    connection : sqlite3.Connection
        The journal.
    path : Path
        Its file.
    keys, lefts : bytes
        Digests, 16 bytes each.
    uids : bytes
        Ids of sendings, 10 bytes each.
    """
    states = run_states(connection, path)
    records = _Records()
    known_keys = set()

    for row in _select(connection, "key", _split(keys, DIGEST_BYTES)):
        known_keys.add(row[3])
        records.add(row)

    # A row that is found by another digest has more sendings under its key.
    more = set()
    for column, digests, size in (("left", lefts, DIGEST_BYTES), ("uid", uids, ID_SIZE)):
        for row in _select(connection, column, _split(digests, size)):
            if row[3] not in known_keys:
                more.add(row[3])
    for row in _select(connection, "key", sorted(more)):
        records.add(row)

    return records.reduced(states, set(_split(uids, ID_SIZE)))


def run_states(connection: sqlite3.Connection, path: Path) -> dict[int, State]:
    """Return the state of each run."""
    rows = connection.execute("SELECT id, host, boot, seen_at, ended_at, complete FROM runs")
    return {row[0]: state_of(RunRecord(*row), path) for row in rows}


def _split(digests: bytes, size: int) -> list[bytes]:
    unique = {digests[start : start + size] for start in range(0, len(digests), size)}
    return sorted(unique)


def _select(
    connection: sqlite3.Connection, column: str, digests: list[bytes]
) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(digests), _CHUNK):
        chunk = digests[start : start + _CHUNK]
        marks = ", ".join("?" * len(chunk))
        query = f"SELECT {_COLUMNS} FROM sendings WHERE {column} IN ({marks})"  # noqa: S608
        yield from connection.execute(query, chunk)


class _Records:
    """Sendings as columns of numbers and bytes, which take little memory."""

    def __init__(self) -> None:
        self.ids = array("q")
        self.runs = array("q")
        self.nth = array("i")
        self.token_tags = array("q")
        self.drafts = array("b")
        self.sent_at = array("d")
        self.codes = array("b")
        self.tries = array("i")
        self.uids, self.keys, self.lefts = bytearray(), bytearray(), bytearray()

    def add(self, row: tuple[Any, ...]) -> None:
        number, uid, run, key, nth, left, token_tag, draft, sent_at, status, attempts = row
        self.ids.append(number)
        self.uids += uid
        self.runs.append(run)
        self.keys += key
        self.nth.append(nth)
        self.lefts += left
        self.token_tags.append(token_tag)
        self.drafts.append(draft)
        self.sent_at.append(sent_at)
        self.codes.append(-1 if status is None else _CODES[status])
        self.tries.append(attempts)

    def reduced(self, states: dict[int, State], uids: set[bytes]) -> KnownRows:
        """Return each row once, with its last sending or the one that was ok."""
        ids = np.asarray(self.ids)
        nth = np.asarray(self.nth)
        codes = np.asarray(self.codes)
        keys = np.frombuffer(bytes(self.keys), dtype=f"S{DIGEST_BYTES}")
        order = np.lexsort((ids, codes == _OK, nth, keys))

        is_last = np.ones(len(order), dtype=bool)
        is_last[:-1] = keys[order[1:]] != keys[order[:-1]]
        is_last[:-1] |= nth[order[1:]] != nth[order[:-1]]
        ends = np.flatnonzero(is_last)
        rows = order[ends]

        all_tries = np.cumsum(np.asarray(self.tries, dtype="int64")[order])
        tries = np.diff(all_tries[ends], prepend=0)
        runs = np.asarray(self.runs)[rows]
        run_states = [states.get(run, "interrupted") for run in runs.tolist()]
        return KnownRows(
            keys=keys[rows],
            lefts=np.frombuffer(bytes(self.lefts), dtype=f"S{DIGEST_BYTES}")[rows],
            nth=nth[rows],
            codes=_codes(codes[rows], run_states),
            sendings=ids[rows],
            uids=np.frombuffer(bytes(self.uids), dtype=f"S{ID_SIZE}")[rows],
            tries=tries.astype("int32"),
            run_ended=np.array([state == "complete" for state in run_states], dtype=bool),
            token_tags=np.asarray(self.token_tags)[rows],
            drafts=np.asarray(self.drafts)[rows].astype(bool),
            sent_at=np.asarray(self.sent_at)[rows],
            runs=runs,
            of_ids=self._of_ids(order, ends, uids),
        )

    def _of_ids(self, order: Array, ends: Array, uids: set[bytes]) -> dict[bytes, int]:
        """Return the row of each id, of whichever of its sendings."""
        if not uids:
            return {}

        rows = np.searchsorted(ends, np.arange(len(order)))
        of_ids = {}
        for record, row in zip(order.tolist(), rows.tolist(), strict=True):
            uid = bytes(self.uids[record * ID_SIZE : (record + 1) * ID_SIZE])
            if uid in uids:
                of_ids[uid] = row
        return of_ids


def _codes(codes: Array, states: list[State]) -> Array:
    """Return the codes of sendings; those without an answer depend on the state of their run."""
    result = codes.astype("int8")
    for index in np.flatnonzero(codes < 0).tolist():
        state = states[index]
        result[index] = _UNKNOWN
        if state == "live":
            result[index] = IN_FLIGHT
        elif state == "silent":
            result[index] = SILENT
    return result
