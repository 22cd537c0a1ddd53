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

from flxframe.outcomes import STATUSES

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
    digests, nth, codes, attempts = digests[order], nth[order], codes[order], attempts[order]
    last = np.ones(len(order), dtype=bool)
    last[:-1] = (digests[1:] != digests[:-1]) | (nth[1:] != nth[:-1])
    ends = np.flatnonzero(last)
    tries = np.diff(ends, prepend=-1)
    digests, nth, codes, attempts = digests[ends], nth[ends], codes[ends], attempts[ends]
    order = np.lexsort((nth, _RANK[codes], digests))
    return Known(digests[order], nth[order], codes[order], attempts[order], tries[order])


def match_rows(digests: bytes | bytearray, known: Known) -> Match:
    """Find for each row of a table what a journal knows of it.

    Parameters
    ----------
    digests : bytes
        The digests of the rows, 16 bytes each, in the table's order.
    known : Known
        The journal's rows.
    """
    wanted = np.frombuffer(digests, dtype=f"S{_BYTES}")
    order = np.argsort(wanted, kind="stable")
    ordered = wanted[order]
    among_equals = np.arange(len(ordered)) - np.searchsorted(ordered, ordered)
    first, end = np.searchsorted(known.digests, ordered), np.searchsorted(known.digests, ordered, side="right")
    found = first + among_equals < end
    place = np.where(found, first + among_equals, 0)
    # A row that is new comes after all its equals, whose numbers may have gaps.
    starts = np.flatnonzero(np.append(True, known.digests[1:] != known.digests[:-1])[: len(known.digests)])
    highest = np.full(len(ordered), -1)
    if len(starts):
        group = np.searchsorted(starts, first, side="right") - 1
        highest = np.where(end > first, np.maximum.reduceat(known.nth, starts)[group], -1)
    later = highest + 1 + among_equals - (end - first)
    match = Match(*(np.empty(len(wanted), dtype="int64") for _ in range(4)))
    for target, source, otherwise in (
        (match.nth, known.nth, later),
        (match.codes, known.codes, NEW),
        (match.attempts, known.attempts, 0),
        (match.tries, known.tries, 0),
    ):
        target[order] = np.where(found, source[place], otherwise) if len(source) else otherwise
    return match


def no_rows() -> Known:
    """Return what an empty journal knows."""
    none = np.zeros(0, dtype="int64")
    return Known(np.zeros(0, dtype=f"S{_BYTES}"), none, none, none, none)


def digest_array(digests: bytes | bytearray) -> Array:
    """Return digests that stand one after the other as an array."""
    return np.frombuffer(digests, dtype=f"S{_BYTES}")
