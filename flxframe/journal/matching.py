"""Match rows of a table with equal rows of a journal. Pure: no network, no clock, no disk.

Equal rows are counted, not merged: each matches one row of the journal, in the order of their
numbers. If some were deleted, the rows of the journal that have progressed furthest come first. So
after rows were inserted, deleted or sorted, only the new ones are sent::

    journal, equal rows     table, equal rows           table, if two were deleted
    nth 0  rejected         row 3  <- nth 0, rejected   row 3  <- nth 2, ok
    nth 1  unknown          row 8  <- nth 1, unknown
    nth 2  ok               row 9  <- nth 2, ok
                            row 12    new: nth 3
"""

from __future__ import annotations

import numpy as np

from flxframe.journal.known import IN_FLIGHT, SILENT, Array
from flxframe.models import STATUSES

DIGEST_BYTES = 16

NEW = -1
"""The match of a row that is not in the journal."""

_PROGRESS = ("ok", "unknown", "rejected", "not_sent", "invalid")
_LAST_RANK = len(_PROGRESS)


def progress_ranks(codes: Array) -> Array:
    """Return a rank for each code: 0 for rows that have progressed furthest."""
    ranks = np.full(len(codes), _LAST_RANK, dtype="int8")
    for code, status in enumerate(STATUSES):
        ranks[codes == code] = _PROGRESS.index(status)
    ranks[(codes == IN_FLIGHT) | (codes == SILENT)] = _PROGRESS.index("unknown")
    return ranks


def match_digests(rows: Array, known: Array, ranks: Array, nth: Array) -> Array:
    """Match each row with one known row of the same digest.

    The order is that of their numbers; if there are fewer rows, those of the lowest rank come
    first.

    Parameters
    ----------
    rows : ndarray of digests
        The rows of the table, in order.
    known : ndarray of digests
        The known rows.
    ranks : ndarray of int
        The rank of each known row.
    nth : ndarray of int
        Its number among equal ones.

    Returns
    -------
    ndarray of int
        For each row, the index of its known row, or `NEW`.
    """
    matches = np.full(len(rows), NEW, dtype="int64")
    if not len(rows) or not len(known):
        return matches

    order = np.argsort(rows, kind="stable")
    sorted_rows = rows[order]
    available = np.searchsorted(sorted_rows, known, side="right")
    available -= np.searchsorted(sorted_rows, known)

    known_order = np.lexsort((nth, known))
    sorted_known = known[known_order]
    needed = np.searchsorted(sorted_known, known, side="right")
    needed -= np.searchsorted(sorted_known, known)
    known_order = np.lexsort((nth, np.where(needed > available, ranks, 0), known))

    among_equals = np.arange(len(rows)) - np.searchsorted(sorted_rows, sorted_rows)
    starts = np.searchsorted(sorted_known, sorted_rows)
    equals = np.searchsorted(sorted_known, sorted_rows, side="right") - starts

    matched = np.flatnonzero(among_equals < equals)
    sources = starts[matched] + among_equals[matched]
    matches[order[matched]] = known_order[sources]
    return matches


def number_new_rows(rows: Array, known: Array, nth: Array) -> Array:
    """Return the number of each new row among its equals, after all the known ones.

    Parameters
    ----------
    rows : ndarray of digests
        The new rows, in the table's order.
    known : ndarray of digests
        All known rows, matched or not.
    nth : ndarray of int
        The number of each known row among its equals; the numbers can have gaps.
    """
    order = np.argsort(rows, kind="stable")
    sorted_rows = rows[order]
    numbers = np.arange(len(rows)) - np.searchsorted(sorted_rows, sorted_rows)

    if len(known) and len(rows):
        known_order = np.lexsort((nth, known))
        sorted_known = known[known_order]
        ends = np.searchsorted(sorted_known, sorted_rows, side="right")
        is_known = ends > np.searchsorted(sorted_known, sorted_rows)
        highest = nth[known_order[np.maximum(ends - 1, 0)]]
        numbers += np.where(is_known, highest + 1, 0)

    result = np.empty(len(rows), dtype="int32")
    result[order] = numbers
    return result


def digest_array(digests: bytes | bytearray) -> Array:
    """Return concatenated digests as an array."""
    return np.frombuffer(digests, dtype=f"S{DIGEST_BYTES}")
