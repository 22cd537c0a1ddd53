"""The queries that read the sendings of a journal."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from flxframe.journal.arrays import COLUMNS, NO_ANSWER, SIZES, is_among, join, split, to_arrays
from flxframe.journal.checksums import sending_checksum
from flxframe.journal.errors import damaged, journal_errors
from flxframe.journal.hosts import DEAD, ENDED, LIVE, SILENT_RUN, run_states
from flxframe.journal.known import DTYPES, IN_FLIGHT, SILENT, Array, KnownRows, reduce_sendings
from flxframe.journal.schema import SENDING_FIELDS
from flxframe.models import STATUSES, Outcome
from flxframe.request.json_text import decode

_MAX_VARIABLES = 512
"""Values in one query; an older SQLite accepts at most 999 variables."""

_SCAN_CHUNK = 20_000
"""Sendings read by one query: a longer one would keep other processes from writing."""

_SCAN_SHARE = 8
"""A table with more than an eighth of the journal's rows is found by reading the whole journal."""

_UNKNOWN = STATUSES.index("unknown")
_CODE_OF_STATE = {
    ENDED: _UNKNOWN,
    DEAD: _UNKNOWN,
    LIVE: IN_FLIGHT,
    SILENT_RUN: SILENT,
}

_LOST = (
    "sent, but the journal has no answer: the run ended before the answer came, or is still "
    "waiting for it. If it has ended, the workflow might have run: check, then send the row again "
    "with retry_unknown=True, or leave it"
)


_MIGHT_HAVE_RUN = [NO_ANSWER, STATUSES.index("ok"), STATUSES.index("unknown")]


def last_sending(connection: sqlite3.Connection) -> int:
    """Return the number of the last sending; 0 if there is none."""
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM sendings").fetchone()
    return int(last)


def find_rows(
    connection: sqlite3.Connection, path: Path, keys: bytes, lefts: bytes, uids: bytes
) -> KnownRows:
    """Find the rows that have one of these keys, or a sending with one of these digests or ids.

    Parameters
    ----------
    connection : sqlite3.Connection
        The journal.
    path : path
        Its file.
    keys, lefts : bytes
        Digests of 16 bytes each, one after the other.
    uids : bytes
        Ids of 10 bytes each.
    """
    sought = {"key": keys, "left": lefts, "uid": uids}
    count = max(len(keys) // 16, len(lefts) // 16, len(uids) // 10)
    if _SCAN_SHARE * count > last_sending(connection):
        sendings, is_direct = _scan(connection, sought)
    else:
        sendings, is_direct = _look_up(connection, sought)
    sendings, is_direct = _with_corrections(connection, sendings, is_direct)

    rows = _with_states(connection, path, sendings)
    order = np.lexsort((rows.nth, rows.keys))
    sorted_keys, nth = rows.keys[order], rows.nth[order]
    starts = np.ones(len(order), dtype=bool)
    starts[1:] = (sorted_keys[1:] != sorted_keys[:-1]) | (nth[1:] != nth[:-1])

    first = np.flatnonzero(starts)
    reduced = reduce_sendings(rows)
    if not len(first):
        return reduced
    return select(reduced, np.logical_or.reduceat(is_direct[order], first))


def entities(connection: sqlite3.Connection, known: KnownRows, uids: bytes) -> Array:
    """Return the index in `known` of the row that each id's last sending belongs to, or -1."""
    sought = split(uids, 10)
    rows: dict[bytes, tuple[bytes, int]] = {}
    records = _by_values(connection, "uid", list(set(sought)))
    for record in sorted(records, key=lambda record: int(record[0])):
        rows[record[3]] = (record[1], record[4])

    keys = np.array([rows[uid][0] for uid in sought if uid in rows], dtype="S16")
    starts = np.searchsorted(known.keys, keys)
    ends = np.searchsorted(known.keys, keys, side="right")

    indices = np.full(len(sought), -1, dtype="int64")
    spans = zip(starts.tolist(), ends.tolist(), strict=True)
    for position, uid in enumerate(sought):
        if uid in rows:
            start, end = next(spans)
            index = start + int(np.searchsorted(known.nth[start:end], rows[uid][1]))
            if index < end and known.nth[index] == rows[uid][1]:
                indices[position] = index
    return indices


def all_rows(connection: sqlite3.Connection, path: Path, place: str | None = None) -> KnownRows:
    """Read all rows of a journal, or those of a place."""
    condition, values = ("place = ?", [place]) if place is not None else ("?", [1])
    chunks = []
    for records in _chunks(connection, condition, values):
        chunks.append(to_arrays(records))
    return reduce_sendings(_with_states(connection, path, join(chunks)))


def select(rows: KnownRows, mask: Array) -> KnownRows:
    """Return some of the rows, by a mask or by their indices."""
    names = KnownRows.__slots__
    return KnownRows(**{name: getattr(rows, name)[mask] for name in names})


def outcomes(connection: sqlite3.Connection, path: Path, sendings: Array) -> Iterator[Outcome]:
    """Yield the outcomes of sendings in order; an ``ok`` without objects changed nothing."""
    columns = ", ".join(SENDING_FIELDS)
    for start in range(0, len(sendings), _MAX_VARIABLES):
        ids = sendings[start : start + _MAX_VARIABLES].tolist()
        records = {}
        with journal_errors(path):
            for number, expected, *values in connection.execute(
                f"SELECT id, checksum, {columns} FROM sendings WHERE id IN ({_marks(ids)})",  # noqa: S608
                ids,
            ):
                if sending_checksum(*values) != expected:
                    raise damaged(path, f"record {number} was changed")
                record = dict(zip(SENDING_FIELDS, values, strict=True))
                records[number] = _outcome(record)
            found = [records[number] for number in ids]
        yield from found


def contents(connection: sqlite3.Connection, sending: int) -> tuple[str | None, str | None]:
    """Return the request of a sending and its answered objects as JSON; None once forgotten."""
    row = connection.execute(
        "SELECT request, answer FROM sendings WHERE id = ?", (sending,)
    ).fetchone()
    return (None, None) if row is None else (row[0], row[1])


def _outcome(record: dict[str, Any]) -> Outcome:
    status, error, objects = record["status"], record["error"], None
    if status is None:
        status, error = "unknown", _LOST
    elif status not in STATUSES:
        raise ValueError("not a status")

    if record["answer"] is not None:
        objects = decode(record["answer"])
    elif status == "ok" and record["request"] is None:
        error = "its answer is no longer kept"
    return Outcome(
        status=status,
        http_status=record["http_status"],
        error=error,
        objects=objects,
        attempts=record["attempts"],
        seconds=record["seconds"],
        sent_at=record["sent_at"],
    )


def _scan(
    connection: sqlite3.Connection, sought: dict[str, bytes]
) -> tuple[dict[str, Array], Array]:
    wanted: dict[str, Array] = {}
    for name, values in sought.items():
        wanted[name] = np.unique(np.frombuffer(values, dtype=DTYPES[f"{name}s"]))

    chunks, direct = [], []
    for records in _chunks(connection, "?", [1]):
        chunk = to_arrays(records)
        is_direct = np.zeros(len(records), dtype=bool)
        for name, digests in wanted.items():
            is_direct |= is_among(chunk[f"{name}s"], digests)
        direct.append(is_direct)
        chunks.append(chunk)

    joined = join(chunks)
    is_direct = np.concatenate([*direct, np.zeros(0, dtype=bool)])
    entities = np.unique(joined["keys"][is_direct])
    kept = is_among(joined["keys"], entities)
    if kept.all():  # as in a resumed run, whose rows need not be copied
        return joined, is_direct
    return {name: joined[name][kept] for name in joined}, is_direct[kept]


def _look_up(
    connection: sqlite3.Connection, sought: dict[str, bytes]
) -> tuple[dict[str, Array], Array]:
    records: dict[int, Sequence[Any]] = {}
    for name, values in sought.items():
        for record in _by_values(connection, name, split(values, SIZES[f"{name}s"])):
            records[record[0]] = record

    direct = len(records)
    keys = {bytes(record[1]) for record in records.values()}
    for record in _by_values(connection, "key", list(keys - set(split(sought["key"], 16)))):
        records.setdefault(record[0], record)

    is_direct = np.arange(len(records)) < direct
    return join([to_arrays(list(records.values()))]), is_direct


def _with_corrections(
    connection: sqlite3.Connection, sendings: dict[str, Array], is_direct: Array
) -> tuple[dict[str, Array], Array]:
    """Add the later sendings of rows that were corrected: they have the id of the earlier one."""
    is_left = ~np.isin(sendings["codes"], _MIGHT_HAVE_RUN)
    ids = split(np.unique(sendings["uids"][is_left]).tobytes(), SIZES["uids"])
    found = to_arrays(list(_by_values(connection, "uid", ids)))
    is_new = ~np.isin(found["sendings"], sendings["sendings"])
    if not is_new.any():
        return sendings, is_direct

    later = {name: found[name][is_new] for name in found}
    return join([sendings, later]), np.concatenate([is_direct, is_new[is_new]])


def _by_values(
    connection: sqlite3.Connection, column: str, values: list[bytes]
) -> Iterable[Sequence[Any]]:
    for start in range(0, len(values), _MAX_VARIABLES):
        chunk = values[start : start + _MAX_VARIABLES]
        yield from connection.execute(
            f"SELECT {COLUMNS} FROM sendings WHERE {column} IN ({_marks(chunk)})",  # noqa: S608
            chunk,
        ).fetchall()


def _chunks(
    connection: sqlite3.Connection, condition: str, values: list[Any]
) -> Iterator[list[Sequence[Any]]]:
    last = 0
    while records := connection.execute(
        f"SELECT {COLUMNS} FROM sendings WHERE {condition} AND id > ? ORDER BY id LIMIT ?",  # noqa: S608
        [*values, last, _SCAN_CHUNK],
    ).fetchall():
        last = records[-1][0]
        yield records


def _with_states(
    connection: sqlite3.Connection, path: Path, sendings: dict[str, Array]
) -> KnownRows:
    """Add what the runs of the sendings tell: whether they have ended, and are live."""
    codes, runs = sendings["codes"], sendings["runs"]
    waiting = np.flatnonzero(codes == NO_ANSWER)

    states = run_states(connection, path, np.unique(runs[waiting]).tolist(), time.time())
    of_waiting = [_CODE_OF_STATE[states[run]] for run in runs[waiting].tolist()]
    codes[waiting] = np.array(of_waiting, dtype="int8")

    complete = connection.execute("SELECT id FROM runs WHERE complete = 1").fetchall()
    numbers = np.array([number for (number,) in complete], dtype="int64")
    return KnownRows(**sendings, run_ended=np.isin(runs, numbers))


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
