"""A single sender on its token, in simulations with their own clock."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist, mean, median

import pytest

from tests.run.measures import between, refusal_rate, usage
from tests.run.simulation import (
    Arrival,
    Client,
    FixedWindow,
    Limiter,
    SlidingWindow,
    TokenBucket,
    simulate,
)

LIMITERS: dict[str, Callable[[], Limiter]] = {
    "sliding window": SlidingWindow,
    "fixed window": FixedWindow,
    "token bucket of 2": lambda: TokenBucket(2.0),
    "token bucket of 1": lambda: TokenBucket(1.0),
}


def send_2000_rows(jitter: float, *, seeds: int) -> list[list[Arrival]]:
    """Return the arrivals of `seeds` runs before a sliding window."""
    runs = []
    for seed in range(seeds):
        client = Client(2000, jitter=jitter)
        runs.append(simulate([client], SlidingWindow(), seed=seed))
    return runs


class TestOneSender:
    """A run that is alone on its token wastes almost nothing."""

    def test_5_ms_of_jitter_on_a_strict_sliding_window(self) -> None:
        """2,000 rows use 0.975 of the limit, with 0.6 % of 429s."""
        runs = send_2000_rows(0.005, seeds=10)

        assert mean(map(usage, runs)) >= 0.975
        assert mean(map(refusal_rate, runs)) <= 0.006
        assert mean(refusal_rate(run[100:]) for run in runs) <= 0.005
        assert min(map(usage, runs)) >= 0.97

    @pytest.mark.parametrize("jitter", [0.0, 0.0001, 0.0003])
    @pytest.mark.parametrize("limiter", LIMITERS.values(), ids=LIMITERS)
    def test_forty_rows_without_jitter(self, limiter: Callable[[], Limiter], jitter: float) -> None:
        """40 rows take at most 1.02 of the shortest possible time, and get no 429.

        The timer is as late as a real one.
        """
        client = Client(40, start=0.3, jitter=jitter, lateness=0.0005)
        for seed in range(5):
            run = simulate([client], limiter(), seed=seed)
            assert refusal_rate(run) == 0.0
            assert run[-1].at - run[0].at <= 1.02 * 39 * 0.5

    @pytest.mark.parametrize("latency", [0.05, 3.0])
    @pytest.mark.parametrize("retry_after", [None, 1.0], ids=["bare 429", "Retry-After 1"])
    @pytest.mark.parametrize(
        ("limiter", "jitter", "rate", "refusals"),
        [
            ("sliding window", 0.0, 0.989, 0.0),
            ("sliding window", 0.001, 0.989, 0.0),
            ("sliding window", 0.005, 0.965, 0.006),
            ("sliding window", 0.010, 0.94, 0.008),
            ("sliding window", 0.020, 0.885, 0.025),
            ("fixed window", 0.0, 0.989, 0.0),
            ("fixed window", 0.005, 0.985, 0.001),
            ("fixed window", 0.020, 0.955, 0.006),
            ("token bucket of 2", 0.0, 0.989, 0.0),
            ("token bucket of 2", 0.005, 0.989, 0.0),
            ("token bucket of 2", 0.020, 0.989, 0.0),
            # Jitter costs twice as much, since any two requests must be 0.5 s apart.
            ("token bucket of 1", 0.0, 0.989, 0.0),
            ("token bucket of 1", 0.005, 0.94, 0.009),
        ],
    )
    def test_every_limiter(
        self,
        limiter: str,
        jitter: float,
        rate: float,
        refusals: float,
        retry_after: float | None,
        latency: float,
    ) -> None:
        """Most of the limit is used, however the server counts, and however late a 429 arrives."""
        client = Client(2000, start=0.3, latency=latency, jitter=jitter)
        runs = []
        for seed in range(2):
            run = simulate([client], LIMITERS[limiter](), retry_after=retry_after, seed=seed)
            runs.append(run)

        assert mean(map(usage, runs)) >= rate
        assert mean(map(refusal_rate, runs)) <= refusals

    def test_20_ms_of_jitter_comes_within_2_percent_of_the_best_spacing(self) -> None:
        """The best fixed spacing can be calculated.

        With spacing (1 + m)/2 s a request is refused if it arrives m s too early for the one two
        before it. That difference has a deviation of sqrt(2) x 20 ms, so any fixed m uses
        (1 - Q(m / 28 ms)) / (1 + m) of the limit: at best 0.929, with m = 0.066.
        """
        early = NormalDist(0.0, math.sqrt(2) * 0.020)
        best = max(early.cdf(m / 1000) / (1 + m / 1000) for m in range(200))
        assert best == pytest.approx(0.929, abs=0.001)

        runs = send_2000_rows(0.020, seeds=5)
        assert mean(map(usage, runs)) >= 0.98 * best

    @pytest.mark.parametrize("latency", [0.05, 3.0])
    def test_a_burst_of_429s_has_no_lasting_effect(self, latency: float) -> None:
        """A limiter that refuses everything for two seconds costs little more than two seconds."""

        class Hiccup(SlidingWindow):
            """A sliding window that refuses everything for two seconds."""

            def accepts(self, at: float) -> bool:
                return not 100.0 <= at < 102.0 and super().accepts(at)

        run = simulate([Client(800, latency=latency)], Hiccup())
        assert refusal_rate(run) <= 0.01
        assert usage(between(run, 100.0, 200.0)) >= 0.9
        assert usage(between(run, 200.0, 400.0)) >= 0.96

    @pytest.mark.parametrize("limiter", ["sliding window", "fixed window", "token bucket of 2"])
    def test_short_runs_take_hardly_more_than_the_ideal(self, limiter: str) -> None:
        """30 rows have no time to settle, but do well from the start.

        The jitter is 5 ms, and a 429 costs a second.
        """
        ratios = []
        for seed in range(60):
            client = Client(30, start=seed * 0.137, jitter=0.005)
            arrivals = simulate([client], LIMITERS[limiter](), retry_after=1.0, seed=seed)
            ratios.append((arrivals[-1].at - arrivals[0].at) / (29 * 0.5))

        assert median(ratios) < 1.02
        assert mean(ratios) < 1.035

    def test_same_seed_same_run(self) -> None:
        """A simulation can be repeated."""
        first = simulate([Client(200, jitter=0.02)], SlidingWindow(), seed=7)
        second = simulate([Client(200, jitter=0.02)], SlidingWindow(), seed=7)
        assert first == second
