"""Match the rows of a table with the rows of a journal. Pure: no network, no clock, no disk.

Rows match by content. Equal rows are counted, not merged: of three equal rows in the table, the
first matches the equal row of the journal that has progressed furthest, and so on. So after rows
were inserted, deleted or sorted, only the new ones are sent::

    journal, equal rows     table, equal rows
    nth 0  not_sent         row 3  <- nth 2, ok
    nth 1  unknown          row 8  <- nth 1, unknown
    nth 2  ok               row 9  <- nth 0, not_sent
                            row 12    new: nth 3
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from flxframe.models import STATUSES

Array: TypeAlias = np.ndarray[Any, Any]

NEW = -1
"""The code of a row that is not in the journal; the others are positions in `STATUSES`."""

_DIGEST_BYTES = 16
_OK = STATUSES.index("ok")

_PROGRESS = ("ok", "unknown", "rejected", "not_sent", "invalid")
_RANK = np.array([_PROGRESS.index(status) for status in STATUSES])
"""For each code, the position of its status in `_PROGRESS`."""


@dataclass(frozen=True, slots=True)
class KnownRows:
    """The rows of a journal, each once, sorted by digest and then by how far they have progressed.

    Parameters
    ----------
    digests : ndarray of 16 bytes
        The digest that identifies each row.
    nth : ndarray of int
        Its number among equal rows.
    codes : ndarray of int
        Its status, as a position in `STATUSES`.
    attempts : ndarray of int
        The id of the attempt that had this status.
    tries : ndarray of int
        The number of requests that were sent for it.
    """

    digests: Array
    nth: Array
    codes: Array
    attempts: Array
    tries: Array


@dataclass(frozen=True, slots=True)
class Match:
    """The state of each row of a table in a journal, in the table's order, as in `KnownRows`."""

    nth: Array
    codes: Array
    attempts: Array
    tries: Array


def reduce_attempts(digests: Array, nth: Array, codes: Array, attempts: Array) -> KnownRows:
    """Reduce a journal's attempts to its rows: the last attempt of each, or the one that was ok.

    Parameters
    ----------
    digests, nth, codes, attempts : ndarray
        One entry per attempt, in the order in which they were sent.
    """
    order = np.lexsort((attempts, codes == _OK, nth, digests))

    is_last = np.ones(len(order), dtype=bool)
    is_last[:-1] = digests[order[1:]] != digests[order[:-1]]
    is_last[:-1] |= nth[order[1:]] != nth[order[:-1]]

    ends = np.flatnonzero(is_last)
    tries = np.diff(ends, prepend=-1)
    rows = order[ends]

    order = np.lexsort((nth[rows], _RANK[codes[rows]], digests[rows]))
    rows = rows[order]
    return KnownRows(
        digests=digests[rows],
        nth=nth[rows],
        codes=codes[rows],
        attempts=attempts[rows],
        tries=tries[order].astype("int32"),
    )


def match_rows(digests: bytes | bytearray, known: KnownRows) -> Match:
    """Match each row of a table with a row of the journal, or mark it as new.

    Parameters
    ----------
    digests : bytes
        The digests of the rows, 16 bytes each, in the table's order.
    known : KnownRows
        The journal's rows.
    """
    row_digests = digest_array(digests)
    order = np.argsort(row_digests, kind="stable")
    ordered = row_digests[order]

    among_equals = np.arange(len(ordered)) - np.searchsorted(ordered, ordered)
    sources = np.searchsorted(known.digests, ordered)
    known_equals = np.searchsorted(known.digests, ordered, side="right") - sources
    del ordered  # free the memory of a large table early

    # A new row is numbered after all its equals, whose numbers can have gaps.
    nth = among_equals - known_equals
    is_first = np.ones(len(known.digests), dtype=bool)
    is_first[1:] = known.digests[1:] != known.digests[:-1]
    starts = np.flatnonzero(is_first)
    if len(starts):
        highest = np.maximum.reduceat(known.nth, starts)
        highest = highest[np.searchsorted(starts, sources, side="right") - 1]
        nth += np.where(known_equals > 0, highest + 1, 0)
        del highest

    matched = np.flatnonzero(among_equals < known_equals)
    targets = order[matched]
    sources = sources[matched] + among_equals[matched]

    rows = len(row_digests)
    match = Match(
        nth=np.empty(rows, dtype=known.nth.dtype),
        codes=np.full(rows, NEW, dtype="int8"),
        attempts=np.zeros(rows, dtype="int64"),
        tries=np.zeros(rows, dtype="int32"),
    )
    match.nth[order] = nth
    match.nth[targets] = known.nth[sources]
    match.codes[targets] = known.codes[sources]
    match.attempts[targets] = known.attempts[sources]
    match.tries[targets] = known.tries[sources]
    return match


def digest_array(digests: bytes | bytearray) -> Array:
    """Return concatenated digests as an array."""
    return np.frombuffer(digests, dtype=f"S{_DIGEST_BYTES}")
