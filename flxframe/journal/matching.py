"""Rows of a table against rows of a journal, by content. Pure: no network, no clock, no disk.

Equal rows are counted, not merged: of three equal rows in the table, the first takes the equal row of the journal that
is furthest on, and so forth, so that inserting, deleting and sorting rows sends just what is new::

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
"""The code of a row that the journal doesn't know; the others are positions in `STATUSES`."""


_BYTES = 16


_FURTHEST_FIRST = ("ok", "unknown", "rejected", "not_sent", "invalid")


_RANK = np.array([_FURTHEST_FIRST.index(status) for status in STATUSES])


@dataclass(frozen=True, slots=True)
class Known:
    """The rows of a journal, each once, sorted by digest and then by how far they are.

    Parameters
    ----------
    digests : ndarray of 16 bytes
        What each row is known by.
    nth : ndarray of int
        Which one it is among equal rows.
    codes : ndarray of int
        Its status, as a position in `STATUSES`.
    attempts : ndarray of int
        The id of the attempt that says so.
    tries : ndarray of int
        How many requests of it have left.
    """

    digests: Array
    nth: Array
    codes: Array
    attempts: Array
    tries: Array


@dataclass(frozen=True, slots=True)
class Match:
    """What a journal knows of each row of a table, in the table's order. The fields are those of `Known`."""

    nth: Array
    codes: Array
    attempts: Array
    tries: Array


def known_rows(digests: Array, nth: Array, codes: Array, attempts: Array) -> Known:
    """Reduce a journal's attempts to its rows: the last attempt of each counts, but one that was ok for good.

    Parameters
    ----------
    digests, nth, codes, attempts : ndarray
        One entry an attempt, in the order in which they left.
    """
    order = np.lexsort((attempts, codes == STATUSES.index("ok"), nth, digests))
    last = np.ones(len(order), dtype=bool)
    last[:-1] = digests[order[1:]] != digests[order[:-1]]
    last[:-1] |= nth[order[1:]] != nth[order[:-1]]
    ends = np.flatnonzero(last)
    tries = np.diff(ends, prepend=-1)
    rows = order[ends]
    order = np.lexsort((nth[rows], _RANK[codes[rows]], digests[rows]))
    rows = rows[order]
    return Known(
        digests[rows], nth[rows], codes[rows], attempts[rows], tries[order].astype("int32")
    )


def match_rows(digests: bytes | bytearray, known: Known) -> Match:
    """Find for each row of a table what a journal knows of it.

    Parameters
    ----------
    digests : bytes
        The digests of the rows, 16 bytes each, in the table's order.
    known : Known
        The journal's rows.
    """
    wanted = digest_array(digests)
    order = np.argsort(wanted, kind="stable")
    ordered = wanted[order]
    among_equals = np.arange(len(ordered)) - np.searchsorted(ordered, ordered)
    place = np.searchsorted(known.digests, ordered)
    known_equals = np.searchsorted(known.digests, ordered, side="right") - place
    del ordered
    # A row that is new comes after all its equals, whose numbers may have gaps.
    nth = among_equals - known_equals
    starts = np.flatnonzero(
        np.append(True, known.digests[1:] != known.digests[:-1])[: len(known.digests)]
    )
    if len(starts):
        highest = np.maximum.reduceat(known.nth, starts)[
            np.searchsorted(starts, place, side="right") - 1
        ]
        nth += np.where(known_equals > 0, highest + 1, 0)
        del highest
    found = np.flatnonzero(among_equals < known_equals)
    place = place[found] + among_equals[found]
    rows = len(wanted)
    match = Match(
        np.empty(rows, dtype=known.nth.dtype),
        np.full(rows, NEW, dtype="int8"),
        np.zeros(rows, dtype="int64"),
        np.zeros(rows, dtype="int32"),
    )
    match.nth[order] = nth
    there = order[found]
    for target, source in (
        (match.nth, known.nth),
        (match.codes, known.codes),
        (match.attempts, known.attempts),
        (match.tries, known.tries),
    ):
        target[there] = source[place]
    return match


def digest_array(digests: bytes | bytearray) -> Array:
    """Return digests that stand one after the other as an array."""
    return np.frombuffer(digests, dtype=f"S{_BYTES}")
