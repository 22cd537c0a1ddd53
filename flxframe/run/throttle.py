"""The pace of one token: it calculates waits, but never sleeps. Pure, given a clock.

Evenly sent requests don't arrive evenly, and other processes might use the same token. A 429 is the
only sign of either, so the 429s determine the spacing::

    spacing = 1/rate x (1 + excess)

    excess    1 %      1.8 % at first      4 %                        about 100 %
              ├──────────── jitter ─────────┼──── another user of the token ────┤
    a 429     + 0.8 % + 0.15 x excess        the same; but doubled, up to the spacing
                                             of two senders, when 429s follow each other
    no 429    - 0.004 % each                 the same; but after 60 slots without a 429
                                             it falls, ever faster: the other might have stopped

The result, against a limiter that allows 2 in any second and does not count what it refuses:

- One sender settles where about 1 request in 200 is refused, which is close to the optimum for 5 ms
  of jitter.
- Two senders both settle just above 2/rate, where neither can be refused; twice a minute each tries
  to be faster.
- A sender that finds the token in full use is refused until a request happens to arrive in a gap.
  The other sender cannot notice that, so the gaps that it leaves anyway (2 % of the time) are the
  only way in: expect 20 to 50 refusals in a row, rarely over 100, before the two start to share.
  The row that meets them has not failed.
- Three use the limit well too, but at least a third of their requests are refused.
- Slow answers bring several 429s with one cause. They are not a special case: they widen the
  spacing to that of two senders at most.
- If any two requests must be 1/rate apart (a token bucket of 1), two senders share badly: one might
  wait for minutes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from ratelimit import RateLimitDecorator, RateLimitException

from flxframe.options.checks import check_rate

# The constants down to _FALL are in units of 1/rate, a "slot".

_MARGIN = 0.01
"""The minimum excess: it absorbs the lateness of timers, and leaves the gap that a second process
needs. A larger one would cost speed, a smaller one would keep a second process out."""

_START = 0.018
"""The excess at the start. A short run has no time to settle, and a single 429 with a Retry-After
of one second costs three slots. With 5 ms of jitter before a sliding window, 30 rows take 1.03 of
the ideal time with this, 1.09 with 1 %."""

_STEP = 0.008
_DRIP = _STEP / 200
"""A 429 widens by the step, another answer narrows by the drip. They balance if 1 answer in 200 is
a 429: with 1 to 10 ms of jitter that is near the best trade-off between slots lost to 429s and
slots lost to spacing, with or without a Retry-After of one second."""

_GROWTH = 0.15
"""A 429 also widens by this share of the excess: enough that two senders who share a token collide
only once in half a minute."""

_COLLISION_GAP = 3.0
"""429s less than this apart are not jitter: another sender is active, and the excess doubles."""

_TWO_SENDERS = 1 + _MARGIN / 2
"""Doubling ends just above 2 slots, where two senders fit. "Just" matters: it is less than twice
the spacing of a steady sender, by 3/4 of the gap that it leaves. So a refused sender drifts through
the other's phase without skipping the gap, and once in it, stays ahead, so that the other one is
refused next, and slows down."""

_JITTER = 0.04
"""Above this excess the cause might be another sender, and less than 0.95 of the rate is used.
(20 ms of jitter need 6 %, and usually keep it, since their 429s come too often for a calm.)"""

_CALM = 60.0
_FALL = 0.0015
"""After this many slots (30 s at 2/s) without a 429 the other sender might have stopped: the excess
falls by this share of itself per slot, times the slots since. It falls gently at first, in case the
other is still active; after another 30 s the excess is back at its minimum."""

_MIN_WAIT = 1e-6
"""Seconds. A shorter wait, from a rounding error, might not move the clock, and the caller would
ask forever."""

_MAX_HOLD = 300.0
"""Seconds. A token stops if its server asks for a longer wait, so a longer hold is a mistake."""


_FIRST_PAUSE = 0.1
_MAX_PAUSE = 30.0
_RECOVERY = 0.9
"""Without a rate there is no spacing to widen, so a 429 that does not say how long to wait pauses
the token, in seconds. The pause doubles with each round of 429s, and shrinks with other answers."""


class Throttle:
    """The slots of one token: evenly spaced, never a burst, never closer than 1/rate.

    It must be used from one thread only, and never sleeps::

        while wait := throttle.wait():
            sleep(wait)
        ...  # send; then, when the answer comes:
        throttle.widen(retry_after)  # a 429
        throttle.narrow()            # any other answer

    Parameters
    ----------
    rate
        Requests a second; None for no limit.
    clock
        Returns the time in seconds, which must never decrease.

    Raises
    ------
    SettingError
        If the rate is not a finite number above 0.
    """

    def __init__(
        self, rate: float | None = 2.0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        check_rate("rate", rate)

        self._clock = clock
        self._slot = 0.0 if rate is None else 1 / rate
        self._excess = _START
        self._calm = 0.0
        self._held_until = -math.inf
        self._pause = 0.0

        self._limit = RateLimitDecorator(calls=1, period=self.spacing, clock=clock)
        # Its first period starts at its creation: a call late in that period and a second one after
        # its end would be a burst. If the period has already ended, the first call starts another.
        self._limit.last_reset = -math.inf
        self._take_slot: Callable[[], None] = self._limit(lambda: None)

    @property
    def spacing(self) -> float:
        """The current distance between slots, in seconds; 0.0 without a limit."""
        return self._slot * (1 + self._excess)

    def wait(self) -> float:
        """Take the next slot and return 0.0, or return the seconds until it is free.

        A slot that is taken late delays all later ones: missed slots are never caught up. Call it
        again after the wait, since an answer might have widened the spacing in the meantime.
        """
        hold = self._held_until - self._clock()
        if hold > 0:
            return max(hold, _MIN_WAIT)

        self._limit.period = self.spacing
        try:
            self._take_slot()
        except RateLimitException as refusal:
            return max(float(refusal.period_remaining), _MIN_WAIT)
        return 0.0

    def widen(self, retry_after: float | None = None) -> None:
        """Widen the spacing after a 429, and pause the token if the server asks for it.

        Parameters
        ----------
        retry_after
            The wait that the server asks for, in seconds.
        """
        if retry_after is not None:
            self.hold(retry_after)
        if not self._slot and not (retry_after or 0.0) > 0:
            self._hold_longer()

        if self._calm < _COLLISION_GAP:
            self._excess = min(2 * self._excess, _TWO_SENDERS)
        else:
            self._excess += _STEP + _GROWTH * self._excess
        self._calm = 0.0

    def narrow(self) -> None:
        """Narrow the spacing slightly after an answer other than a 429, never below 1/rate."""
        # Count slots, not answers; otherwise a slow sender would also speed up late.
        slots = 1 + self._excess
        self._calm += slots
        self._pause *= _RECOVERY

        if self._excess > _JITTER and self._calm > _CALM:
            self._excess *= math.exp(-_FALL * slots * (self._calm - _CALM))
        self._excess = max(self._excess - _DRIP, _MARGIN)

    def _hold_longer(self) -> None:
        # Answers that come during a pause belong to requests from before it.
        if self._clock() >= self._held_until:
            self._pause = min(max(2 * self._pause, _FIRST_PAUSE), _MAX_PAUSE)
            self.hold(self._pause)

    def hold(self, seconds: float) -> None:
        """Grant no slots for a number of seconds, or until the end of a longer hold.

        Zero, negative numbers and NaN have no effect; a longer hold than five minutes is shortened.
        """
        if seconds > 0:
            end = self._clock() + min(seconds, _MAX_HOLD)
            self._held_until = max(self._held_until, end)
