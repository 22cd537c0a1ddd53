"""What a run remembers: which rows were sent before, and what to record of the others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from flxframe.exceptions import JournalError
from flxframe.journal.changed import changed_cells
from flxframe.journal.decisions import Action, Decisions
from flxframe.journal.doubts import find_question
from flxframe.journal.known import Array
from flxframe.journal.lookup import JournalRows, Lookup
from flxframe.journal.marked_rows import status_of
from flxframe.journal.recall import recall_from_journal, recall_from_table
from flxframe.journal.record import RunRecord, runs_of
from flxframe.journal.stamps import stamp
from flxframe.journal.writer import JournalWriter
from flxframe.models import RunWorkflowRequest
from flxframe.request.fingerprints import ID_SIZE
from flxframe.request.marks import DONE
from flxframe.request.rows import SendableRows
from flxframe.result.build import ResultBuilder
from flxframe.result.kept import KeptOutcomes


class RunMemory:
    """The rows of a run, and what the table and the journal know of them.

    Parameters
    ----------
    lookup : Lookup
        How the rows are recognised.
    rows : SendableRows
        The rows that can be sent.
    journal : Journal or JournalWriter, optional
        The journal; only the latter records anything.

    Attributes
    ----------
    question : AlreadySentError or None
        The question to raise where rows might have been sent before.
    """

    def __init__(self, lookup: Lookup, rows: SendableRows, journal: JournalRows | None) -> None:
        self._lookup = lookup
        self._journal = journal
        self._writer = journal if isinstance(journal, JournalWriter) else None
        self._kept = KeptOutcomes(lookup.plan.table)
        self.decisions = lookup.decide(rows, journal)
        changes = partial(changed_cells, self.decisions, lookup, journal)
        hosts = journal.hosts if journal is not None else lambda _: []
        self.question = find_question(self.decisions, lookup, changes, hosts)

        self._ids = _ids(self.decisions)
        self.record = RunRecord(lookup, self.decisions, self._ids, self._writer)
        self._to_send = self._rows_to_send()

    def recall(self, results: ResultBuilder, recalled: Array | None = None) -> None:
        """Add the outcomes of rows that are not sent to a result."""
        recall_from_table(self.decisions, self._kept, results)
        if self._journal is not None:
            plan, outcomes = self._lookup.plan, self._journal.outcomes
            recall_from_journal(self.decisions, plan, results, outcomes, recalled)

    def rows_of_token(self) -> list[Array]:
        """Return the positions of the rows to send by token; rows rejected before go last."""
        positions = self._to_send
        limit = self._lookup.options.limit
        if limit is not None:
            positions = positions[:limit]

        tokens = self._lookup.tokens
        numbers = tokens.of_row[positions]
        return [positions[numbers == number] for number in range(len(tokens.names))]

    @property
    def recalled(self) -> int:
        """The number of rows that are recalled."""
        return int(np.isin(self.decisions.actions, (Action.RECALL, Action.KEEP)).sum())

    @property
    def is_limited(self) -> bool:
        """Whether the limit leaves rows for the next call."""
        limit = self._lookup.options.limit
        return limit is not None and len(self._to_send) > limit

    def start(self, rows: int, seconds: float) -> None:
        """Record the start of the run, and the statuses that the user has settled."""
        if self._writer is None:
            return

        later = len(self._to_send) - rows
        self._writer.start(rows, seconds, recalled=self.recalled, later=later)
        for index, status in self.decisions.settled.items():
            mark = self.decisions.marks.get(index)
            if mark is not None and mark.fingerprint is not None:
                self._writer.settle(mark.fingerprint.id, status)

    @property
    def journal_path(self) -> Path | None:
        """The journal's file."""
        return self._lookup.location.path

    def rows_elsewhere(self) -> Iterator[tuple[int, RunWorkflowRequest]]:
        """Yield the rows that another run has in flight, and wait for them."""
        decisions = self.decisions
        indices = np.flatnonzero(decisions.actions == Action.WAIT)
        positions = decisions.rows.positions[indices]
        sendings = decisions.known.sendings[decisions.continues[indices]]
        if self._writer is not None:
            pairs = zip(positions.tolist(), sendings.tolist(), strict=True)
            self._writer.wait_for(list(pairs))

        for position, request in self._lookup.plan.requests(positions):
            if isinstance(request, RunWorkflowRequest):
                yield position, request

    def fingerprints(self, result: pd.DataFrame, *, ended: bool) -> list[str]:
        """Return the fingerprint of each row of the result."""
        return stamp(
            result,
            self._lookup,
            self.decisions,
            kept=self._kept.fingerprint,
            has_begun=self.record.has_begun,
            ids=self._ids,
            ended=ended,
        )

    def end(self, *, complete: bool) -> None:
        """Record the end of the run; if it is complete, interrupted runs before it are too."""
        if self._writer is not None:
            finished_runs = runs_of(self.decisions) if complete else []
            with suppress(JournalError):  # the outcomes are in the result
                self._writer.end(complete=complete, finished_runs=finished_runs)

    def _rows_to_send(self) -> Array:
        decisions = self.decisions
        indices = np.flatnonzero(decisions.actions == Action.SEND)
        is_late = decisions.is_late[indices]
        ordered = np.concatenate([indices[~is_late], indices[is_late]])
        positions: Array = decisions.rows.positions[ordered]
        return positions


def _ids(decisions: Decisions) -> bytes:
    """Return the ids of the sendings, for each row.

    A row that did not run before keeps the id of its fingerprint: so a copy of that fingerprint is
    known to be the same row, without any journal.
    """
    ids = bytearray(os.urandom(ID_SIZE * len(decisions.rows.positions)))
    for index, mark in decisions.marks.items():
        if mark.fingerprint is not None and status_of(mark) not in (None, *DONE):
            ids[index * ID_SIZE : (index + 1) * ID_SIZE] = mark.fingerprint.id
    return bytes(ids)
