"""The record of a run: what the scheduler reports, with what identifies each row."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence

import numpy as np

from flxframe.journal.decisions import Decisions
from flxframe.journal.known import Intent
from flxframe.journal.lookup import Lookup
from flxframe.journal.matching import NEW
from flxframe.journal.writer import JournalWriter
from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.request.fingerprints import ID_SIZE, token_tag
from flxframe.request.identity import DIGEST_SIZE, content_digest
from flxframe.request.items import align_objects


class RunRecord:
    """Records each row before it leaves, and its outcome, in the journal if there is one.

    Parameters
    ----------
    lookup : Lookup
        How the rows were recognised.
    decisions : Decisions
        What happens to them.
    ids : bytes
        The ids of the sendings, for each row that can be sent.
    journal : JournalWriter, optional
        The journal.
    """

    def __init__(
        self, lookup: Lookup, decisions: Decisions, ids: bytes, journal: JournalWriter | None
    ) -> None:
        self._lookup = lookup
        self._decisions = decisions
        self._ids = ids
        self._journal = journal
        self._tags = [int.from_bytes(token_tag(token), "big") for token in lookup.tokens.tokens]
        self._sent_at: dict[int, float] = {}
        self._requests: dict[int, RunWorkflowRequest] = {}

    def timed(self, position: int, outcome: Outcome) -> Outcome:
        """Return the outcome of a row with the time at which its last request left."""
        sent_at = self._sent_at.get(position)
        if outcome.sent_at is not None or sent_at is None:
            return outcome
        return dataclasses.replace(outcome, sent_at=sent_at)

    def may_have_run(self, position: int) -> bool:
        """Return whether a request that an earlier run sent for this row might have run."""
        return bool(self._decisions.is_unsure[self._index(position)])

    def has_begun(self, position: int) -> bool:
        """Return whether a request of a row has left, or was about to."""
        return position in self._sent_at

    def begin(
        self,
        entries: Sequence[tuple[int, RunWorkflowRequest]],
        answers: Sequence[tuple[int, Outcome]] = (),
    ) -> dict[int, Outcome | None]:
        """Record that rows are about to leave, and the outcomes of others.

        Return those that another run has sent.
        """
        answered = self._answered(answers)
        now = time.time()
        for position, request in entries:
            self._sent_at[position] = now
            self._requests[position] = request

        if self._journal is None:
            return {}
        intents = [self._intent(*entry) for entry in entries]
        return self._journal.begin(intents, now, answered)

    def finish(self, entries: Sequence[tuple[int, Outcome]]) -> None:
        """Record the outcomes of rows."""
        answered = self._answered(entries)
        if self._journal is not None:
            self._journal.finish(answered)

    def poll(self, positions: Sequence[int]) -> dict[int, Outcome]:
        """Return the outcomes that other runs have recorded by now for rows they had in flight."""
        return {} if self._journal is None else self._journal.poll(positions)

    def _index(self, position: int) -> int:
        """Return the index of a row among those that can be sent, which are in order."""
        return int(np.searchsorted(self._decisions.rows.positions, position))

    def _answered(self, answers: Sequence[tuple[int, Outcome]]) -> list[tuple[int, Outcome, bytes]]:
        """Return outcomes with the digests of what their rows are left with."""
        if self._journal is None:
            return []

        answered = []
        for position, outcome in answers:
            request = self._requests.pop(position)
            left = self._left(position, request, outcome)
            answered.append((position, outcome, left))
        return answered

    def _intent(self, position: int, request: RunWorkflowRequest) -> Intent:
        index = self._index(position)
        rows = self._decisions.rows
        digest = slice(index * DIGEST_SIZE, (index + 1) * DIGEST_SIZE)
        return Intent(
            position=position,
            request=request,
            uid=self._ids[index * ID_SIZE : (index + 1) * ID_SIZE],
            key=rows.keys[digest],
            nth=int(self._decisions.nth[index]),
            left=rows.lefts[digest],
            token_tag=self._tags[int(self._lookup.tokens.of_row[position])],
        )

    def _left(self, position: int, request: RunWorkflowRequest, outcome: Outcome) -> bytes:
        """Return the digest of what the row is left with."""
        objects = request.objects
        if outcome.objects is not None:
            objects = align_objects(objects, outcome.objects, self._lookup.plan.lists)
        content = content_digest(request, objects)
        cell = self._lookup.tokens.cell(position)
        return self._lookup.scope.left(content, cell)


def runs_of(decisions: Decisions) -> list[int]:
    """Return the interrupted runs whose rows this table continues, or has the outcomes of."""
    known = set(decisions.continues[decisions.continues != NEW].tolist())
    for mark in decisions.written.values():
        if mark.fingerprint is not None and mark.fingerprint.id in decisions.known_of_id:
            known.add(decisions.known_of_id[mark.fingerprint.id])

    indices = sorted(known)
    is_open = ~decisions.known.run_ended[indices]
    runs: list[int] = np.unique(decisions.known.runs[indices][is_open]).tolist()
    return runs
