"""The rows of one token, and the reason why it stopped."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from flxframe.exceptions import RequestError
from flxframe.models import RunWorkflowRequest
from flxframe.run.client import FlxpointClient
from flxframe.run.streaks import Streaks
from flxframe.run.throttle import Throttle

Entry: TypeAlias = tuple[int, int, RunWorkflowRequest]
"""A row to send: its position, the number of requests sent for it so far, its request."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The reason why a run stopped early.

    Parameters
    ----------
    reason : str
        A fixed word.
    text : str
        A message for the user.
    is_rejection : bool
        Whether rows were rejected for this reason, so that they must be sent again too.
    """

    reason: str
    text: str
    is_rejection: bool = False


@dataclass
class Lane:
    """The rows of one token: its client, its pace, and the rows still to send.

    Parameters
    ----------
    client : FlxpointClient
        Sends the requests.
    throttle : Throttle
        The token's pace.
    rows : iterator
        The rows in order: the position, and the request or the error that prevents it.
    pending : int
        The number of rows without an outcome.
    """

    client: FlxpointClient
    throttle: Throttle
    rows: Iterator[tuple[int, RunWorkflowRequest | RequestError]]
    pending: int = 0
    retries: list[Entry] = field(default_factory=list)
    head: Entry | None = None
    is_exhausted: bool = False
    due_at: float = 0.0
    in_flight: int = 0
    has_answer: bool = False
    has_ok: bool = False
    accepted_at: float | None = None
    streaks: Streaks = field(default_factory=Streaks)
    stop: Stop | None = None

    def peek(self) -> Entry | None:
        """Return the next row to send without removing it; None if there are no more."""
        if self.retries:
            return self.retries[0]

        while self.head is None and not self.is_exhausted:
            position, request = next(self.rows, (-1, None))
            if isinstance(request, RunWorkflowRequest):
                self.head = (position, 0, request)
            else:
                self.is_exhausted = request is None

        return self.head

    def must_wait(self, limit: int | None, max_in_flight: int) -> bool:
        """Return whether the next row waits for an answer: all that are out might fail.

        Parameters
        ----------
        limit : int, optional
            The number of failures in a row that stops the token.
        max_in_flight : int
            The number of rows that may be out when it stops, its last failure included.
        """
        if limit is None or not self.in_flight or self.retries:
            return False
        return self.streaks.doubtful >= limit + max_in_flight - 1

    def take(self) -> Entry:
        """Remove the next row to send, and return it."""
        entry = self.peek()
        if entry is None:
            raise IndexError("the lane has no more rows")

        if self.retries:
            return heapq.heappop(self.retries)
        self.head = None
        self.streaks.start(entry[0])
        return entry

    def put_back(self, entry: Entry) -> None:
        """Queue a row to be sent again, ahead of the rows that were never sent."""
        heapq.heappush(self.retries, entry)
