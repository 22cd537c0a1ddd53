"""Simulates clients with throttles and a server with a limit, without a network or real time.

The path of a request; a row that got a 429 is sent again first, at its client's next slot::

    slot taken                 the limiter decides               widen() or narrow()
    ├── latency / 2, and jitter ──►├────────── latency / 2 ──────────►│

"""

from __future__ import annotations

import bisect
import heapq
import itertools
import math
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from flxframe.run.throttle import Throttle


class Clock:
    """A clock that only advances when it is set.

    Parameters
    ----------
    now
        Its first time, in seconds.
    """

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Limiter(Protocol):
    """A server's way to count 2 requests a second."""

    def accepts(self, at: float) -> bool:
        """Return whether an arrival is served; it is called in the order of arrivals."""


class SlidingWindow:
    """Serves an arrival at t unless 2 were served in [t - 1, t); refused arrivals do not count."""

    def __init__(self) -> None:
        self._served: deque[float] = deque(maxlen=2)

    def accepts(self, at: float) -> bool:
        """Return whether an arrival is served."""
        if len(self._served) == 2 and self._served[0] >= at - 1.0:
            return False
        self._served.append(at)
        return True


class FixedWindow:
    """Serves 2 arrivals in each second of the server's clock."""

    def __init__(self) -> None:
        self._second = -1
        self._served = 0

    def accepts(self, at: float) -> bool:
        """Return whether an arrival is served."""
        if int(at) != self._second:
            self._second, self._served = int(at), 0
        self._served += 1
        return self._served <= 2


class TokenBucket:
    """Serves an arrival if it has a token; it gets 2 tokens a second, up to its capacity."""

    def __init__(self, capacity: float) -> None:
        self._capacity = self._tokens = capacity
        self._at = 0.0

    def accepts(self, at: float) -> bool:
        """Return whether an arrival is served."""
        self._tokens = min(self._capacity, self._tokens + 2.0 * (at - self._at))
        self._at = at
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True


@dataclass(frozen=True)
class Arrival:
    """One request at the server.

    Attributes
    ----------
    at
        The time of its arrival, in seconds.
    client
        The position of the client.
    row
        The row of that client.
    accepted
        Whether it was served; if not, it was answered 429.
    """

    at: float
    client: int
    row: int
    accepted: bool


@dataclass(frozen=True)
class Client:
    """One process that works through its rows.

    Attributes
    ----------
    rows
        The number of its rows.
    start
        The time of its start, in seconds.
    latency
        The seconds from a request's slot to its answer, without the jitter.
    jitter
        The standard deviation of the arrival, in seconds.
    lateness
        The mean lateness of its timer, in seconds.
    max_in_flight
        The maximum number of requests without an answer.
    stop
        The time after which it sends nothing, even if rows remain, in seconds.
    """

    rows: int
    start: float = 0.0
    latency: float = 0.05
    jitter: float = 0.0
    lateness: float = 0.0
    max_in_flight: int = 16
    stop: float = math.inf


class Simulation:
    """The clock, its future events, the limiter, and the arrivals.

    Parameters
    ----------
    limiter
        The server's limit.
    retry_after
        The Retry-After of a 429, in seconds; None for none.
    seed
        The seed of the jitter and the lateness.
    """

    def __init__(self, limiter: Limiter, retry_after: float | None, seed: int) -> None:
        self.limiter = limiter
        self.retry_after = retry_after
        self.dice = random.Random(seed)
        self.clock = Clock()
        self.arrivals: list[Arrival] = []
        self._order = itertools.count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []

    def plan(self, at: float, event: Callable[[], None]) -> None:
        """Add an event at a time."""
        heapq.heappush(self._events, (at, next(self._order), event))

    def run(self, until: float) -> None:
        """Run the events in order, up to a time."""
        while self._events and self._events[0][0] <= until:
            self.clock.now, _, event = heapq.heappop(self._events)
            event()


class Sender:
    """The loop of one client.

    Parameters
    ----------
    simulation
        The simulation that it is part of.
    number
        The position of the client.
    client
        The client's properties.
    throttle
        The client's throttle.
    """

    def __init__(
        self, simulation: Simulation, number: int, client: Client, throttle: Throttle
    ) -> None:
        self._simulation = simulation
        self._number = number
        self._client = client
        self._throttle = throttle
        self._new_rows = iter(range(client.rows))
        self._retries: list[int] = []
        self._in_flight = 0
        self._asleep = False

    def wake(self) -> None:
        """Continue after a sleep."""
        self._asleep = False
        self._send_next()

    def _send_next(self) -> None:
        client = self._client
        now = self._simulation.clock.now
        if self._asleep or self._in_flight == client.max_in_flight or now >= client.stop:
            return

        row = self._retries.pop(0) if self._retries else next(self._new_rows, None)
        if row is None:
            return

        wait = self._throttle.wait()
        if wait == 0.0:
            self._send(row)
            wait = self._throttle.spacing
        else:
            self._retries.insert(0, row)

        self._asleep = True
        lateness = 0.0
        if client.lateness:
            lateness = self._simulation.dice.expovariate(1 / client.lateness)
        self._simulation.plan(now + wait + lateness, self.wake)

    def _send(self, row: int) -> None:
        client = self._client
        now = self._simulation.clock.now
        self._in_flight += 1

        # The delay is long enough that even an early arrival comes after its slot.
        delay = max(client.latency / 2, 5 * client.jitter)
        delay += self._simulation.dice.gauss(0.0, client.jitter)
        self._simulation.plan(now + max(0.0, delay), lambda: self._arrive(row))

    def _arrive(self, row: int) -> None:
        now = self._simulation.clock.now
        accepted = self._simulation.limiter.accepts(now)
        self._simulation.arrivals.append(Arrival(now, self._number, row, accepted))
        self._simulation.plan(now + self._client.latency / 2, lambda: self._answer(row, accepted))

    def _answer(self, row: int, accepted: bool) -> None:
        self._in_flight -= 1
        if accepted:
            self._throttle.narrow()
        else:
            self._throttle.widen(self._simulation.retry_after)
            bisect.insort(self._retries, row)
        self._send_next()


def simulate(
    clients: Sequence[Client],
    limiter: Limiter,
    *,
    retry_after: float | None = None,
    seed: int = 0,
    until: float = math.inf,
    throttle: Callable[[Clock], Throttle] = lambda clock: Throttle(2.0, clock=clock),
) -> list[Arrival]:
    """Run the clients until all rows are served, and return the arrivals in order.

    Parameters
    ----------
    clients
        The senders.
    limiter
        The server's limit.
    retry_after
        The Retry-After of a 429, in seconds; None for none.
    seed
        The seed of the jitter and the lateness.
    until
        The end of the simulation, in seconds.
    throttle
        Returns a client's throttle for a clock.
    """
    simulation = Simulation(limiter, retry_after, seed)
    for number, client in enumerate(clients):
        sender = Sender(simulation, number, client, throttle(simulation.clock))
        simulation.plan(client.start, sender.wake)
    simulation.run(until)
    return simulation.arrivals
