"""Match a table's rows with a journal, and recall their outcomes from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import numpy as np

from flxframe.journal.database import read_done_rows, read_known_rows
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
    """Match a table's rows with a journal's, by the content sent, otherwise by the result.

    Parameters
    ----------
    connection : sqlite3.Connection
        The journal.
    base_url : str
        Where the rows were sent.
    plan : Plan
        How the rows become requests.
    positions : ndarray of int
        The rows that can be sent, in the table's order.
    digests : bytes
        The `digest` of each of them, 16 bytes each.
    """
    known = read_known_rows(connection, base_url)
    match = match_rows(digests, known)

    new = np.flatnonzero(match.codes == NEW)
    if not len(new):
        return match

    used = match.attempts[match.codes != NEW]
    unused = np.setdiff1d(known.attempts, used, assume_unique=True)
    done = read_done_rows(connection, unused)
    if not len(done.codes):  # as in every first run, whose requests need not be built twice
        return match

    result_digests = bytearray()
    for _, request in plan.requests(positions[new]):
        if isinstance(request, RunWorkflowRequest):
            result_digests += outcome_digest(request, request.objects)

    by_result = match_rows(result_digests, done)
    sources = np.flatnonzero(by_result.codes != NEW)
    targets = new[sources]
    match.codes[targets] = by_result.codes[sources]
    match.attempts[targets] = by_result.attempts[sources]
    match.tries[targets] = by_result.tries[sources]
    return match


def recall(
    plan: Plan, results: ResultBuilder, positions: Array, recorded: Iterator[Outcome]
) -> None:
    """Add the recorded outcomes of rows to a result, in the order of `positions`."""
    for start in range(0, len(positions), _CHUNK):
        chunk = positions[start : start + _CHUNK].tolist()
        outcomes = dict(zip(chunk, recorded, strict=False))

        # Most rows are unchanged, and building their requests would take most of the time.
        changed = []
        for position, outcome in outcomes.items():
            if outcome.objects is not None:
                changed.append(position)

        requests = {}
        for position, request in plan.requests(changed):
            if isinstance(request, RunWorkflowRequest):
                requests[position] = request

        for position, outcome in outcomes.items():
            results.add(position, outcome, requests.get(position))
