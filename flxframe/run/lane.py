"""The rows of one token, and why it stopped."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from flxframe.exceptions import RequestError
from flxframe.models import RunWorkflowRequest
from flxframe.run.client import FlxpointClient
from flxframe.run.throttle import Throttle


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run stopped before its end: a word, and a sentence for a person."""

    reason: str
    text: str


@dataclass
class Lane:
    """The rows of one token: its client, its pace, and what is still to be sent."""

    client: FlxpointClient
    throttle: Throttle
    rows: Iterator[tuple[int, RunWorkflowRequest | RequestError]]
    again: list[tuple[int, int, RunWorkflowRequest]] = field(default_factory=list)
    pending: int = 0
    due: float = 0.0
    in_flight: int = 0
    troubled: int = 0
    answered: bool = False
    accepted_at: float | None = None
    stop: Stop | None = None
    ahead: tuple[int, int, RunWorkflowRequest] | None = None
    done: bool = False

    def next(self) -> tuple[int, int, RunWorkflowRequest] | None:
        """Return the next row to send, without taking it: its position, the requests that left so far, its request."""
        if self.again:
            return self.again[0]
        while self.ahead is None and not self.done:
            position, request = next(self.rows, (-1, None))
            if isinstance(request, RunWorkflowRequest):
                self.ahead = (position, 0, request)
            else:
                self.done = request is None
        return self.ahead

    def take(self) -> tuple[int, int, RunWorkflowRequest]:
        """Take the row that `next` returned."""
        row = self.next()
        if row is None:
            raise IndexError("no row is left")
        if self.again:
            return heapq.heappop(self.again)
        self.ahead = None
        return row
