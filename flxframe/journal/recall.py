"""Recall outcomes: from a journal, or from the table's own ``run.*`` columns."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator

import numpy as np

from flxframe.journal.decisions import Action, Decisions
from flxframe.journal.known import Array
from flxframe.models import Outcome, RunWorkflowRequest, Status
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder
from flxframe.result.kept import KeptOutcomes

_CHUNK = 1024
"""Rows that are recalled at a time."""


def recall_from_table(decisions: Decisions, kept: KeptOutcomes, results: ResultBuilder) -> None:
    """Add the outcomes that the table has to a result."""
    positions = decisions.rows.positions
    for index in np.flatnonzero(decisions.actions == Action.KEEP).tolist():
        source = int(decisions.sources[index])
        status = _kept_status(decisions, index, source)
        source_position = int(positions[source])
        results.add(
            int(positions[index]),
            kept.outcome(source_position, status),
            changes=kept.changes(source_position),
        )


def _kept_status(decisions: Decisions, index: int, source: int) -> Status:
    if index in decisions.settled:
        return decisions.settled[index]

    mark = decisions.written[source]
    if mark.status is not None:
        return mark.status
    return "unknown" if mark.fingerprint is None else mark.fingerprint.status


def recall_from_journal(
    decisions: Decisions,
    plan: Plan,
    results: ResultBuilder,
    outcomes: Callable[[Array], Iterator[Outcome]],
    recalled: Array | None = None,
) -> None:
    """Add the outcomes that a journal has to a result.

    Parameters
    ----------
    decisions : Decisions
        What happens to each row.
    plan : Plan
        How the rows become requests.
    results : ResultBuilder
        The result.
    outcomes : callable
        Returns the recorded outcomes of sendings, in their order.
    recalled : ndarray of bool, optional
        For each row, whether its outcome counts as recalled; by default all of them do.
    """
    indices = np.flatnonzero(decisions.actions == Action.RECALL)
    sendings = decisions.known.sendings[decisions.continues[indices]]
    tries = decisions.known.tries[decisions.continues[indices]].tolist()
    positions = decisions.rows.positions[indices]
    marks = np.ones(len(indices), dtype=bool) if recalled is None else recalled[indices]
    rows = zip(positions.tolist(), tries, marks.tolist(), outcomes(sendings), strict=True)

    while chunk := list(itertools.islice(rows, _CHUNK)):
        found = {}
        for position, count, mark, outcome in chunk:
            found[position] = dataclasses.replace(outcome, attempts=count, recalled=mark)
        _add(plan, results, found)


def _add(plan: Plan, results: ResultBuilder, outcomes: dict[int, Outcome]) -> None:
    # Most rows are unchanged, and building their requests would take most of the time.
    changed = [position for position, item in outcomes.items() if item.objects is not None]
    requests = {}
    for position, request in plan.requests(changed):
        if isinstance(request, RunWorkflowRequest):
            requests[position] = request

    for position, outcome in outcomes.items():
        results.add(position, outcome, requests.get(position))
