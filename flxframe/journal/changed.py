"""Find the columns that were changed since a row was sent, for the question about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flxframe.journal.decisions import Decisions
from flxframe.journal.lookup import Lookup, Recorded
from flxframe.models import JSON, RunWorkflowRequest
from flxframe.request import nested, paths
from flxframe.request.canonical import canonical_text
from flxframe.request.json_text import decode

_MAX_ROWS = 1000
"""Rows that are compared for the question; more of them say nothing new."""


def changed_cells(
    decisions: Decisions, lookup: Lookup, journal: Recorded | None, indices: list[int]
) -> Iterator[Mapping[str, Any]]:
    """Yield the places of each row's content that differ from what it was left with.

    Parameters
    ----------
    decisions : Decisions
        What happens to the rows.
    lookup : Lookup
        How they were recognised.
    journal : Journal or JournalWriter, optional
        The journal; without it, nothing is known.
    indices : list of int
        The rows.
    """
    if journal is None:
        return

    indices = sorted(indices)[:_MAX_ROWS]
    positions = decisions.rows.positions[indices]
    names = {paths.format(path): str(name) for name, path in lookup.plan.paths.items()}
    requests = lookup.plan.requests(positions)

    for index, (_, request) in zip(indices, requests, strict=True):
        fingerprint = decisions.doubts[index].fingerprint
        known = None if fingerprint is None else decisions.known_of_id.get(fingerprint.id)
        if known is None or not isinstance(request, RunWorkflowRequest):
            continue

        sent, answered = journal.contents(int(decisions.known.sendings[known]))
        if sent is None:
            continue
        before = decode(sent)
        if answered is not None:
            before["objects"] = decode(answered)
        places = _differences(before, request.body())
        yield {names.get(place, place): True for place in places}


def _differences(before: dict[str, JSON], after: dict[str, JSON]) -> set[str]:
    """Return the paths at which two bodies differ in their canonical form."""
    forms = []
    for body in (before, after):
        leaves = {}
        for path, value in nested.flatten(body, ()).items():
            form = canonical_text(value)
            if form != "null":
                leaves[paths.format(path)] = form
        forms.append(leaves)

    first, second = forms
    return {
        place for place in first.keys() | second.keys() if first.get(place) != second.get(place)
    }
