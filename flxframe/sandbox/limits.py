"""The limits by which the sandbox counts requests. Pure: the caller passes the time.

The requests that each limit allows at 2 a second (``|`` served, ``x`` refused)::

    seconds   0         1         2         3
    sliding   ||   x    ||   x    ||                at most 2 in any second
    fixed            |||  x         |||  x          at most 2 from one whole second to the next
    bucket    ||   |x   |    |    |    |            at most 2 saved up, a new one every half second

Refused requests are not counted.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Literal, Protocol, TypeAlias

Limit: TypeAlias = Literal["sliding", "fixed", "bucket"]


class Limiter(Protocol):
    """The limit of one token."""

    def take(self, now: float) -> float:
        """Count a request that arrives now and return 0.0, or return the seconds to wait."""


class SlidingWindow:
    """Serve at most `rate` requests in any second; two that are exactly a second apart both fit.

    Parameters
    ----------
    rate : float
        Requests per second. If it is not a whole number, the window is shorter or longer than a
        second, so that it contains whole requests: 0.5 means one in two seconds.
    """

    def __init__(self, rate: float) -> None:
        count, self._period = _window(rate)
        self._served: deque[float] = deque(maxlen=count)

    def take(self, now: float) -> float:
        """Count a request that arrives now and return 0.0, or return the seconds to wait."""
        if len(self._served) == self._served.maxlen:
            wait = self._served[0] + self._period - now
            if wait > 0:
                return wait

        self._served.append(now)
        return 0.0


class FixedWindow:
    """Serve at most `rate` requests from one whole second of the clock to the next.

    Parameters
    ----------
    rate : float
        Requests per second; as for `SlidingWindow` if it is not a whole number.
    """

    def __init__(self, rate: float) -> None:
        self._count, self._period = _window(rate)
        self._window = -1
        self._served = 0

    def take(self, now: float) -> float:
        """Count a request that arrives now and return 0.0, or return the seconds to wait."""
        # Add a millionth, since rounding could put a window's start into the previous window.
        window = math.floor(now / self._period + 1e-6)
        if window != self._window:
            self._window, self._served = window, 0

        if self._served == self._count:
            return (window + 1) * self._period - now

        self._served += 1
        return 0.0


class TokenBucket:
    """Serve `rate` requests a second, and after a pause up to a second's worth of them at once.

    Parameters
    ----------
    rate : float
        Requests per second, and the number that can be saved up (at least 1).
    """

    def __init__(self, rate: float) -> None:
        _window(rate)
        self._spacing = 1 / rate
        # One less than the capacity, since the last token is taken without waiting for a refill.
        self._ahead = (max(rate, 1.0) - 1) * self._spacing
        self._full_at = -math.inf

    def take(self, now: float) -> float:
        """Count a request that arrives now and return 0.0, or return the seconds to wait."""
        wait = self._full_at - self._ahead - now
        if wait > 0:
            return wait

        self._full_at = max(self._full_at, now) + self._spacing
        return 0.0


def make_limiter(limit: Limit, rate: float) -> Limiter:
    """Return a new limiter of that kind.

    Raises
    ------
    ValueError
        If there is no such kind, or if the rate is not a positive number.
    """
    kinds: dict[str, type[SlidingWindow | FixedWindow | TokenBucket]] = {
        "sliding": SlidingWindow,
        "fixed": FixedWindow,
        "bucket": TokenBucket,
    }
    if limit not in kinds:
        names = ", ".join(kinds)
        raise ValueError(f"limit must be one of {names}, or None for no limit, not {limit!r}")

    return kinds[limit](rate)


def _window(rate: float) -> tuple[int, float]:
    """Return the number of requests in a window, and the window's length in seconds."""
    if not 0 < rate < math.inf:
        raise ValueError(f"rate must be a number of requests a second above 0, not {rate!r}")

    count = max(1, int(rate))
    return count, count / rate
