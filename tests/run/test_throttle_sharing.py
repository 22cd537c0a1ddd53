"""Several senders that share a token, in simulations with their own clock."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import mean

import pytest

from tests.run.measures import (
    between,
    max_refusals_of_one_row,
    refusal_rate,
    smaller_share,
    usage,
)
from tests.run.simulation import (
    Arrival,
    Client,
    FixedWindow,
    Limiter,
    SlidingWindow,
    TokenBucket,
    simulate,
)

FOREVER = 10**9
RETRY_AFTER = pytest.mark.parametrize("retry_after", [None, 1.0], ids=["bare 429", "Retry-After 1"])


@dataclass(frozen=True)
class Conditions:
    """The conditions of two senders: their latency and jitter, and the server's Retry-After."""

    latency: float
    jitter: float
    retry_after: float | None


CONDITIONS = [
    Conditions(*values)
    for values in itertools.product((0.05, 1.0), (0.0, 0.001, 0.005), (None, 1.0))
]


@pytest.fixture(params=CONDITIONS, ids=str)
def conditions(request: pytest.FixtureRequest) -> Conditions:
    """Fast and slow answers, with and without jitter and a Retry-After."""
    return request.param


def share(
    second_start: float, conditions: Conditions, *, seed: int, first_stops: bool
) -> tuple[list[Arrival], list[Arrival]]:
    """Share a token for 300 s, then leave it to one sender for 120 s.

    Returns
    -------
    list of Arrival
        The arrivals of both while they share.
    list of Arrival
        The arrivals of the last 60 s.
    """
    end = second_start + 300.0
    first_stop, second_stop = (end, math.inf) if first_stops else (math.inf, end)
    pace = {"latency": conditions.latency, "jitter": conditions.jitter}
    clients = [
        Client(FOREVER, start=0.0, stop=first_stop, **pace),
        Client(FOREVER, start=second_start, stop=second_stop, **pace),
    ]

    arrivals = simulate(
        clients,
        SlidingWindow(),
        retry_after=conditions.retry_after,
        seed=seed,
        until=end + 120.0,
    )
    shared = between(arrivals, second_start, end)
    return shared, between(arrivals, end + 60.0, end + 120.0)


def share_often(second_starts: tuple[float, ...], conditions: Conditions) -> list[list[Arrival]]:
    """Return the shared arrivals of one simulation for each start of the second sender."""
    runs = []
    for seed, start in enumerate(second_starts):
        run, _ = share(start, conditions, seed=seed, first_stops=seed % 2 == 0)
        runs.append(run)
    return runs


class TestSeveralSenders:
    """Processes with the same token share it without any communication."""

    def test_two_senders_that_start_together(self, conditions: Conditions) -> None:
        """Senders that start within a second use 0.85 of the limit, with less than 10 % of 429s."""
        runs = share_often((0.0, 0.21, 0.45, 0.7, 0.95), conditions)
        assert min(map(usage, runs)) >= 0.85
        assert mean(map(refusal_rate, runs)) < 0.10
        assert min(map(smaller_share, runs)) >= 0.25

        first_minutes = [between(run, run[0].at, run[0].at + 60.0) for run in runs]
        assert mean(map(usage, first_minutes)) >= 0.80

    def test_a_sender_that_starts_late(self, conditions: Conditions) -> None:
        """A second sender on a token in full use gets slots, and then the two share it.

        The limit is always used. The first sender cannot detect refused requests, so each request
        of the second one only succeeds in a gap that the first one leaves, 2 to 4 times in 100,
        at any pace.
        """
        runs = share_often((20.1, 60.3, 120.9, 250.17), conditions)
        assert min(map(usage, runs)) >= 0.85
        assert mean(map(refusal_rate, runs)) < 0.13
        for run in runs:
            assert any(arrival.accepted and arrival.client == 1 for arrival in run)

        settled = [between(run, run[0].at + 200.0, math.inf) for run in runs]
        assert mean(map(refusal_rate, settled)) < 0.10

    def test_settled_senders_are_rarely_refused(self, conditions: Conditions) -> None:
        """Once they share the token, few requests get a 429, and no row gets many."""
        run, _ = share(0.21, conditions, seed=1, first_stops=True)
        settled = between(run, 100.0, math.inf)
        assert refusal_rate(settled) < 0.05
        assert max_refusals_of_one_row(settled) <= 3

    @pytest.mark.parametrize(
        "first_stops", [True, False], ids=["the first stops", "the second stops"]
    )
    def test_the_remaining_sender_speeds_up(
        self, first_stops: bool, conditions: Conditions
    ) -> None:
        """A minute after the other has stopped, 0.95 of the limit is used again."""
        for seed, start in enumerate((0.21, 3.3, 60.3)):
            _, alone = share(start, conditions, seed=seed, first_stops=first_stops)
            assert usage(alone) >= 0.95

    @RETRY_AFTER
    def test_every_row_is_served_in_the_end(self, retry_after: float | None) -> None:
        """No row is lost to sharing, whenever the senders start."""
        clients = [Client(150, start=start, jitter=0.005) for start in (0.0, 0.3, 30.0)]
        run = simulate(clients, SlidingWindow(), retry_after=retry_after)
        served = sorted((arrival.client, arrival.row) for arrival in run if arrival.accepted)
        assert served == list(itertools.product(range(3), range(150)))

    @pytest.mark.parametrize(
        "limiter", [FixedWindow, lambda: TokenBucket(2.0)], ids=["fixed window", "token bucket"]
    )
    @RETRY_AFTER
    def test_other_limiters_are_shared_too(
        self, retry_after: float | None, limiter: Callable[[], Limiter]
    ) -> None:
        """A fixed window and a bucket of 2 make sharing easier."""
        for second_start in (0.21, 3.3, 60.3):
            clients = [
                Client(FOREVER, start=0.0, jitter=0.001),
                Client(FOREVER, start=second_start, jitter=0.001),
            ]
            end = second_start + 300.0
            arrivals = simulate(clients, limiter(), retry_after=retry_after, until=end)

            shared = between(arrivals, second_start, math.inf)
            assert usage(shared) >= 0.9
            assert refusal_rate(shared) < 0.15
            assert smaller_share(shared) >= 0.25

    @RETRY_AFTER
    @pytest.mark.parametrize("jitter", [0.0, 0.001, 0.005])
    def test_three_senders_use_the_limit_but_are_often_refused(
        self, jitter: float, retry_after: float | None
    ) -> None:
        """They use the limit well, and each gets its share, but a third of requests is refused."""
        clients = [Client(FOREVER, start=start, jitter=jitter) for start in (0.0, 0.4, 0.7)]
        run = simulate(clients, SlidingWindow(), retry_after=retry_after, until=300.0)
        assert usage(run) >= 0.8
        assert refusal_rate(run) < 0.45

        served = [arrival.client for arrival in run if arrival.accepted]
        for client in range(3):
            assert served.count(client) / len(served) >= 0.15
