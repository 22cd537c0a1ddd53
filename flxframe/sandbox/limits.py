"""The ways in which the sandbox counts requests. Pure: the caller brings the time.

What each allows at 2 a second (``|`` served, ``x`` refused)::

    seconds   0         1         2         3
    sliding   ||   x    ||   x    ||                at most 2 in any second
    fixed            |||  x         |||  x          at most 2 from one whole second to the next
    bucket    ||   |x   |    |    |    |            2 saved up at most, a new one every half second

None counts what it refuses.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Literal, Protocol, TypeAlias

Limit: TypeAlias = Literal["sliding", "fixed", "bucket"]


class Limiter(Protocol):
    """The limit of one token."""

    def take(self, now: float) -> float:
        """Serve the request that arrives now and return 0.0, or return the seconds until one would be served."""


class SlidingWindow:
    """Serve at most `rate` requests in any second; one that comes exactly a second after another is in the next.

    Parameters
    ----------
    rate : float
        Requests a second. Where it is no whole number the window is shorter or longer than a second, so that it holds
        whole requests: 0.5 means one in two seconds.
    """

    def __init__(self, rate: float) -> None:
        count, self._period = _window(rate)
        self._served: deque[float] = deque(maxlen=count)

    def take(self, now: float) -> float:
        """Serve the request that arrives now and return 0.0, or return the seconds until one would be served."""
        if len(self._served) == self._served.maxlen and now < self._served[0] + self._period:
            return self._served[0] + self._period - now
        self._served.append(now)
        return 0.0


class FixedWindow:
    """Serve at most `rate` requests from one whole second of the clock to the next.

    Parameters
    ----------
    rate : float
        Requests a second; as for `SlidingWindow` where it is no whole number.
    """

    def __init__(self, rate: float) -> None:
        self._count, self._period = _window(rate)
        self._window = -1
        self._served = 0

    def take(self, now: float) -> float:
        """Serve the request that arrives now and return 0.0, or return the seconds until one would be served."""
        # A millionth early, as rounding may else put the first moment of a window into the one before.
        window = math.floor(now / self._period + 1e-6)
        if window != self._window:
            self._window, self._served = window, 0
        if self._served == self._count:
            return (window + 1) * self._period - now
        self._served += 1
        return 0.0


class TokenBucket:
    """Serve `rate` requests a second, and after a rest up to a second's worth of them at once.

    Parameters
    ----------
    rate : float
        Requests a second, and how many are saved up at most (never less than 1).
    """

    def __init__(self, rate: float) -> None:
        _window(rate)
        self._spacing = 1 / rate
        # One less than it holds, as the last one taken may wait for nobody.
        self._ahead = (max(rate, 1.0) - 1) * self._spacing
        self._full_at = -math.inf

    def take(self, now: float) -> float:
        """Serve the request that arrives now and return 0.0, or return the seconds until one would be served."""
        wait = self._full_at - self._ahead - now
        if wait > 0:
            return wait
        self._full_at = max(self._full_at, now) + self._spacing
        return 0.0


def make_limiter(limit: Limit, rate: float) -> Limiter:
    """Return a new limiter of that kind."""
    kinds: dict[str, type[SlidingWindow | FixedWindow | TokenBucket]] = {
        "sliding": SlidingWindow,
        "fixed": FixedWindow,
        "bucket": TokenBucket,
    }
    if limit not in kinds:
        raise ValueError(
            f"limit must be one of {', '.join(kinds)}, or None for no limit, not {limit!r}"
        )
    return kinds[limit](rate)


def _window(rate: float) -> tuple[int, float]:
    """Return how many requests a window holds, and its length: a second, if it then holds whole requests."""
    if not 0 < rate < math.inf:
        raise ValueError(f"rate must be a number of requests a second above 0, not {rate!r}")
    count = max(1, int(rate))
    return count, count / rate
