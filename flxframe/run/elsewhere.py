"""The rows of a run that another run of the same journal has sent or has in flight."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from typing import Protocol, TypeAlias

from flxframe.models import Outcome, RunWorkflowRequest

Row: TypeAlias = tuple[int, RunWorkflowRequest]
Answer: TypeAlias = tuple[int, Outcome]

_INTERVAL = 0.5
"""Seconds between two questions."""

_STILL_IN_FLIGHT = Outcome(
    "unknown",
    error="another run that uses the same journal has this row in flight, and this run stopped "
    "before the answer arrived: repeat the run to get it from the journal",
)


class Record(Protocol):
    """The record of a run on disk: each request before it leaves, and its outcome."""

    def begin(self, entries: list[Row], answers: list[Answer]) -> dict[int, Outcome | None]:
        """Record that these rows are about to be sent, and return those that must not be.

        Another run has sent them: their outcome there, or None while it waits for the answer. The
        answers of other rows are recorded at the same time; if that fails, with the next ones.
        """

    def poll(self, positions: list[int]) -> dict[int, Outcome]:
        """Return the outcomes of rows that another run had in flight, as far as there are any."""

    def finish(self, entries: list[Answer]) -> None:
        """Record the outcomes of these rows."""

    def may_have_run(self, position: int) -> bool:
        """Return whether an earlier run might have run this row's workflow."""


class Elsewhere:
    """The rows that are waited for, and when to ask for them.

    Parameters
    ----------
    record : Record, optional
        The record on disk; None if the run has no journal.
    add : callable
        Called with the position, outcome and request of each row.
    clock : callable
        Returns the time in seconds.
    """

    def __init__(
        self,
        record: Record | None,
        add: Callable[[int, Outcome, RunWorkflowRequest], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._record = record
        self._waiting: dict[int, RunWorkflowRequest] = {}
        self._add = add
        self._clock = clock
        self._asked_at = -math.inf

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def take_over(
        self, position: int, request: RunWorkflowRequest, outcome: Outcome | None
    ) -> None:
        """Add the outcome of a row that another run has sent; without an outcome, wait for it."""
        if outcome is None:
            self._waiting[position] = request
        else:
            self._add(position, dataclasses.replace(outcome, recalled=True), request)

    def collect(self) -> None:
        """Add the outcomes that have arrived, if it is time to ask for them."""
        now = self._clock()
        if self._record is None or not self._waiting or now - self._asked_at < _INTERVAL:
            return

        self._asked_at = now
        for position, outcome in self._record.poll(list(self._waiting)).items():
            self.take_over(position, self._waiting.pop(position), outcome)

    def give_up(self) -> None:
        """Add all rows that are still waited for, as unknown."""
        for position, request in self._waiting.items():
            self._add(position, _STILL_IN_FLIGHT, request)
        self._waiting.clear()
