"""The limits of requests, with a clock of the test."""

from __future__ import annotations

from typing import Any

import pytest

from flxframe.sandbox import FixedWindow, SlidingWindow, TokenBucket

KINDS = [SlidingWindow, FixedWindow, TokenBucket]


def test_a_sliding_window_serves_2_in_any_second() -> None:
    """A request exactly a second later is served."""
    window = SlidingWindow(2)
    waits = [window.take(now) for now in (0.0, 0.5, 0.75, 1.0, 1.25, 1.5)]
    assert waits == [0, 0, 0.25, 0, 0.25, 0]


def test_a_fixed_window_serves_2_from_one_whole_second_to_the_next() -> None:
    """So it serves 4 at once at the edge of a second."""
    window = FixedWindow(2)
    waits = [window.take(now) for now in (7.75, 7.75, 7.75, 8.0, 8.0, 8.25)]
    assert waits == [0, 0, 0.25, 0, 0, 0.75]


def test_a_bucket_serves_2_at_once_after_a_pause() -> None:
    """Then it serves one every half second."""
    bucket = TokenBucket(2)
    waits = [bucket.take(now) for now in (5.0, 5.0, 5.0, 5.5, 5.75, 9.0, 9.0, 9.0)]
    assert waits == [0, 0, 0.5, 0, 0.25, 0, 0, 0.5]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [0.3, 1, 2, 2.5, 200])
def test_a_client_that_waits_as_long_as_the_limit_says_gets_the_rate(
    kind: Any, rate: float
) -> None:
    """This is true however often it is refused."""
    limiter, now, count = kind(rate), 1000.0, 0
    while now < 1100.0:
        wait = limiter.take(now)
        count += not wait
        now += wait

    assert count == pytest.approx(100 * rate, abs=rate + 1)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
@pytest.mark.parametrize("kind", KINDS)
def test_an_invalid_rate_is_refused(kind: Any, rate: float) -> None:
    with pytest.raises(ValueError, match="rate must be"):
        kind(rate)
