"""Simulates clients with throttles before a server with a limit, on a clock of its own: no network, no real time.

One row goes round like this; a row that met a 429 goes first again, at its client's next slot::

    slot taken ── latency / 2, and jitter ──► the limiter decides ── latency / 2 ──► widen() or narrow()

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
    """A clock that stands still until somebody sets it.

    Parameters
    ----------
    now
        What it shows at first, in seconds.
    """

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Limiter(Protocol):
    """A server's way to count 2 requests a second."""

    def accepts(self, at: float) -> bool:
        """Say whether the request that arrives at this second is served; arrivals come in order."""


class SlidingWindow:
    """Serves an arrival at t unless 2 were served in [t - 1, t); what it refuses doesn't count."""

    def __init__(self) -> None:
        self._served: deque[float] = deque(maxlen=2)

    def accepts(self, at: float) -> bool:
        """Say whether the request that arrives at this second is served."""
        if len(self._served) == 2 and self._served[0] >= at - 1.0:
            return False
        self._served.append(at)
        return True


class FixedWindow:
    """Serves 2 in each second of the server's own clock."""

    def __init__(self) -> None:
        self._second = -1
        self._served = 0

    def accepts(self, at: float) -> bool:
        """Say whether the request that arrives at this second is served."""
        if int(at) != self._second:
            self._second, self._served = int(at), 0
        self._served += 1
        return self._served <= 2


class TokenBucket:
    """Serves an arrival that finds a whole token; 2 tokens a second drip in, up to the capacity."""

    def __init__(self, capacity: float) -> None:
        self._capacity = self._tokens = capacity
        self._at = 0.0

    def accepts(self, at: float) -> bool:
        """Say whether the request that arrives at this second is served."""
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
        When it arrived, in seconds.
    client
        Whose it was, by position.
    row
        Which row of that client.
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
        How many rows it has.
    start
        When it begins, in seconds.
    latency
        What a request takes from its slot to its answer, in seconds, give or take the jitter.
    jitter
        Standard deviation of the arrival, in seconds.
    lateness
        Mean by which it wakes too late, in seconds.
    max_in_flight
        How many requests may be under way at once.
    stop
        When it sends no more, in seconds, whether or not all rows are served.
    """

    rows: int
    start: float = 0.0
    latency: float = 0.05
    jitter: float = 0.0
    lateness: float = 0.0
    max_in_flight: int = 16
    stop: float = math.inf


class Simulation:
    """The clock, what happens next on it, the limiter, and what arrived there.

    Parameters
    ----------
    limiter
        Who decides.
    retry_after
        What a 429 carries, in seconds; None for nothing.
    seed
        Of the jitter and the lateness.
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
        """Let something happen at that second."""
        heapq.heappush(self._events, (at, next(self._order), event))

    def run(self, until: float) -> None:
        """Let everything happen, in order, up to that second."""
        while self._events and self._events[0][0] <= until:
            self.clock.now, _, event = heapq.heappop(self._events)
            event()


class Sender:
    """The loop of one client.

    Parameters
    ----------
    simulation
        Where it runs.
    number
        Its position among the clients.
    client
        What it is like.
    throttle
        Its pace.
    """

    def __init__(
        self, simulation: Simulation, number: int, client: Client, throttle: Throttle
    ) -> None:
        self._simulation = simulation
        self._number = number
        self._client = client
        self._throttle = throttle
        self._fresh = iter(range(client.rows))
        self._again: list[int] = []
        self._in_flight = 0
        self._asleep = False

    def wake(self) -> None:
        """Go on after a sleep."""
        self._asleep = False
        self._go()

    def _go(self) -> None:
        client, now = self._client, self._simulation.clock.now
        if self._asleep or self._in_flight == client.max_in_flight or now >= client.stop:
            return
        row = self._again.pop(0) if self._again else next(self._fresh, None)
        if row is None:
            return
        wait = self._throttle.wait()
        if wait == 0.0:
            self._send(row)
            wait = self._throttle.spacing
        else:
            self._again.insert(0, row)
        self._asleep = True
        late = self._simulation.dice.expovariate(1 / client.lateness) if client.lateness else 0.0
        self._simulation.plan(now + wait + late, self.wake)

    def _send(self, row: int) -> None:
        client, left = self._client, self._simulation.clock.now
        self._in_flight += 1
        # Far enough off that even an early arrival comes after its slot.
        road = max(client.latency / 2, 5 * client.jitter)
        arrival = max(left, left + road + self._simulation.dice.gauss(0.0, client.jitter))
        self._simulation.plan(arrival, lambda: self._arrive(row))

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
            bisect.insort(self._again, row)
        self._go()


def simulate(
    clients: Sequence[Client],
    limiter: Limiter,
    *,
    retry_after: float | None = None,
    seed: int = 0,
    until: float = math.inf,
    throttle: Callable[[Clock], Throttle] = lambda clock: Throttle(2.0, clock=clock),
) -> list[Arrival]:
    """Run the clients against one limiter until all rows are served, and return the arrivals in order.

    Parameters
    ----------
    clients
        Who sends.
    limiter
        Who decides.
    retry_after
        What a 429 carries, in seconds; None for nothing.
    seed
        Of the jitter and the lateness.
    until
        When to stop looking, in seconds.
    throttle
        Makes each client's throttle.
    """
    simulation = Simulation(limiter, retry_after, seed)
    for number, client in enumerate(clients):
        sender = Sender(simulation, number, client, throttle(simulation.clock))
        simulation.plan(client.start, sender.wake)
    simulation.run(until)
    return simulation.arrivals
