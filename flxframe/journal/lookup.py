"""Look a table up: in its own marks and in the journal. Then each row is decided about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from flxframe.journal.decide import decide
from flxframe.journal.decisions import Decisions, Question
from flxframe.journal.known import Array, KnownRows, no_known_rows
from flxframe.journal.location import Location, choose_journal
from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.options import RunOptions
from flxframe.request.base_url import place_of
from flxframe.request.fingerprints import (
    OPTIONS,
    occasion_tag,
    option_tags,
    place_tag,
    token_tag,
)
from flxframe.request.identity import DIGEST_SIZE, Scope
from flxframe.request.marks import Mark, read_marks
from flxframe.request.plan import Plan
from flxframe.request.rows import SendableRows, sendable_rows
from flxframe.request.tokens import Tokens

_BLANKS = OPTIONS.index("blanks")


class JournalRows(Protocol):
    """A journal in which rows can be looked up."""

    def find(self, keys: bytes, lefts: bytes, uids: bytes) -> KnownRows:
        """Return the rows that have one of the keys, digests or ids."""

    def entity_of(self, uids: bytes) -> Array:
        """Return for each id of a sending its row's index in the last `find`, or -1."""

    def outcomes(self, sendings: Array) -> Iterator[Outcome]:
        """Yield the recorded outcomes of sendings, in order."""

    def hosts(self, runs: Sequence[int], /) -> list[str]:
        """Return the names of the computers of runs, each once."""

    def contents(self, sending: int) -> tuple[str | None, str | None]:
        """Return the request and the answered objects of a sending as JSON; None once forgotten."""


@dataclass(frozen=True)
class Lookup:
    """How the rows of a table are recognized.

    Parameters
    ----------
    plan : Plan
        How the rows become requests.
    tokens : Tokens
        The token of each row.
    options : RunOptions
        The arguments of the run.
    scope : Scope
        Where the rows go, and on which occasion.
    location : Location
        The journal, and whether the caller named it.
    """

    plan: Plan
    tokens: Tokens
    options: RunOptions
    scope: Scope
    location: Location

    @classmethod
    def of(cls, plan: Plan, tokens: Tokens, options: RunOptions, base_url: str) -> Lookup:
        """Return how the rows of a run are recognized."""
        location = choose_journal(options.journal, base_url)
        scope = Scope(place_of(base_url), options.occasion, options.blanks)
        return cls(plan, tokens, options, scope, location)

    @cached_property
    def marks(self) -> dict[int, Mark]:
        """The marks of an earlier run, by position.

        Raises
        ------
        TableError
            If a fingerprint of the table is damaged.
        """
        return read_marks(self.plan.table)

    def sendable_rows(
        self,
        on_invalid: Callable[[int, str], None],
        on_valid: Callable[[int, RunWorkflowRequest], None] = lambda *_: None,
    ) -> SendableRows:
        """Return the rows that can be sent or recalled; see `flxframe.request.rows`."""
        done = {position for position, mark in self.marks.items() if mark.is_done}
        return sendable_rows(
            self.plan, self.tokens, self.scope, done=done, on_invalid=on_invalid, on_valid=on_valid
        )

    def decide(self, rows: SendableRows, journal: JournalRows | None) -> Decisions:
        """Decide what happens to each row.

        Parameters
        ----------
        rows : SendableRows
            The rows that can be sent.
        journal : JournalWriter or Journal, optional
            The journal.

        Raises
        ------
        TableError
            If a fingerprint of the table is damaged.
        """
        marks = self.marks
        known = no_known_rows()
        known_of_id = {}
        if journal is not None:
            ids = [mark.fingerprint.id for mark in marks.values() if mark.fingerprint is not None]
            known = journal.find(rows.keys, rows.lefts + rows.other_lefts, b"".join(ids))
            indices = journal.entity_of(b"".join(ids)).tolist()
            for uid, index in zip(ids, indices, strict=True):
                if index >= 0:
                    known_of_id[uid] = index

        question = self._question(rows, marks)
        return decide(rows, marks, known, known_of_id, question)

    def option_tags(self) -> bytes:
        """Return the tags of the arguments that decide the content of rows."""
        return run_option_tags(self.options)

    def _question(self, rows: SendableRows, marks: Mapping[int, Mark]) -> Question:
        options = self.option_tags()
        return Question(
            place=place_tag(self.scope.place),
            occasion=occasion_tag(self.scope.occasion),
            options=options,
            has_occasion=self.scope.occasion is not None,
            tokens=[token_tag(token) for token in self.tokens.tokens],
            of_row=self.tokens.of_row[rows.positions],
            named=self.location.named,
            retry_unknown=self.options.retry_unknown,
            resend=self.options.resend,
            same_account=self._same_account(),
            sensitive=self._rows_with_blanks(rows, marks, options),
        )

    def _same_account(self) -> list[bool | None]:
        answer = self.options.same_account
        count = len(self.tokens.names)
        if not isinstance(answer, Mapping):
            return [answer] * count

        answers: list[bool | None] = []
        for names in self.tokens.names:
            given = [answer[name] for name in names if name in answer]
            answers.append(given[0] if given else None)
        return answers

    def _rows_with_blanks(
        self, rows: SendableRows, marks: Mapping[int, Mark], options: bytes
    ) -> frozenset[int]:
        """Return the marked rows whose request depends on `blanks`, if that has changed."""
        changed = set()
        for position, mark in marks.items():
            fingerprint = mark.fingerprint
            if fingerprint is not None and fingerprint.options[_BLANKS] != options[_BLANKS]:
                changed.add(position)
        if not changed:
            return frozenset()

        blanks = "omit" if self.options.blanks == "null" else "null"
        positions = rows.positions.tolist()
        indices = [index for index, position in enumerate(positions) if position in changed]
        requests = self.plan.on(self.plan.table, blanks=blanks).requests(rows.positions[indices])

        sensitive = set()
        for index, (position, request) in zip(indices, requests, strict=True):
            start = index * DIGEST_SIZE
            key = rows.keys[start : start + DIGEST_SIZE]
            cell = self.tokens.cell(position)
            if isinstance(request, RunWorkflowRequest) and self.scope.key(request, cell) != key:
                sensitive.add(index)
        return frozenset(sensitive)


def run_option_tags(options: RunOptions) -> bytes:
    """Return the tags of the arguments that decide the content of rows."""
    defaults = options.defaults
    columns = options.columns or {}
    return option_tags(
        {
            "event_handle": (defaults.event_handle, defaults.workflow_id),
            "draft": defaults.draft,
            "params": sorted(defaults.params.items()),
            "columns": sorted(columns.items(), key=repr),
            "object_handle": options.object_handle,
            "blanks": options.blanks,
            "group_by": options.group_by,
        }
    )
