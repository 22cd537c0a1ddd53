"""Match a table's rows with a journal, and take their outcomes from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import numpy as np

from flxframe.journal.database import done_rows, known
from flxframe.journal.matching import NEW, Array, Match, match_rows
from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.request.identity import outcome_digest
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder

_CHUNK = 1024
"""Rows that are recalled at a time."""


def match_table(
    connection: sqlite3.Connection,
    base_url: str,
    plan: Plan,
    positions: Array,
    digests: bytes | bytearray,
) -> Match:
    """Find what a journal knows of a table's rows, by what was sent for them, or else by what their results show."""
    there = known(connection, base_url)
    match = match_rows(digests, there)
    new = np.flatnonzero(match.codes == NEW)
    if not len(new):
        return match
    others = np.setdiff1d(there.attempts, match.attempts[match.codes != NEW], assume_unique=True)
    done = done_rows(connection, others)
    if not len(done.codes):  # as in each first run, whose rows need not be built once more
        return match
    shown = bytearray()
    for _, request in plan.requests(positions[new]):
        if isinstance(request, RunWorkflowRequest):
            shown += outcome_digest(request, request.objects)
    by_result = match_rows(shown, done)
    found = by_result.codes != NEW
    match.codes[new[found]] = by_result.codes[found]
    match.attempts[new[found]] = by_result.attempts[found]
    match.tries[new[found]] = by_result.tries[found]
    return match


def recall(
    plan: Plan, results: ResultBuilder, positions: Array, recorded: Iterator[Outcome]
) -> None:
    """Take the outcomes of rows from a journal, in the order of `positions`."""
    for start in range(0, len(positions), _CHUNK):
        some = dict(zip(positions[start : start + _CHUNK].tolist(), recorded, strict=False))
        # Most workflows leave most rows as they are, and to build their requests anew would take most of the time.
        changed = plan.requests(
            [position for position, outcome in some.items() if outcome.objects is not None]
        )
        sent = {
            position: request
            for position, request in changed
            if isinstance(request, RunWorkflowRequest)
        }
        for position, outcome in some.items():
            results.add(position, outcome, sent.get(position))
