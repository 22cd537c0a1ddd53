"""The pace of one token: says how long to wait, and lets others sleep. Pure, given a clock.

Evenly sent requests don't arrive evenly, and other processes may use the same token. A 429 is the only news of either,
so the spacing is what the 429s make of it::

    spacing = 1/rate x (1 + excess)

    excess   1 %   1.8 % at first   4 %                                             about 100 %
             ├──── jitter ───────────┼──── somebody else uses the token ─────────────────┤
    a 429    + 0.8 % + 0.15 x excess   the same; but doubled, up to two senders' spacing, when 429s come in a row
    no 429   - 0.004 % each            the same; but after 60 calm slots it falls, ever faster: has the other one left?

What that comes to against a limiter that allows 2 in any second and doesn't count what it refuses:

- One sender settles where about 1 request in 200 is refused, which for 5 ms of jitter is close to the best there is.
- Two senders both settle just above 2/rate, where neither can be refused; twice a minute each tries to be faster.
- Whoever finds the token in full use is refused until a request happens to fall into a gap. The steady sender sees
  nothing of that, so the gaps that it leaves anyway (2 % of the time) are the only way in: expect 20 to 50 refusals in
  a row, rarely over 100, before the two begin to share. It is no failure of the row that meets them.
- Three use the limit well too, but a third of their requests and more are refused.
- Slow answers bring several 429s of one cause. They are no special case: they widen to two senders' spacing at most.
- Where any two requests must be 1/rate apart (a token bucket of 1) two senders share badly: one may wait for minutes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from ratelimit import RateLimitDecorator, RateLimitException

from flxframe.options.checks import check_rate

# All but the last two are in units of 1/rate, a "slot".

# The floor of the excess: swallows a timer's lateness, and leaves the gap by which a second process gets in. More would
# cost speed, less would starve the newcomer.
_MARGIN = 0.01


# The excess at the start. A short run has no time to settle, and a single 429 with a Retry-After of a second costs it
# three slots. 30 rows before a sliding window, at 5 ms of jitter, take 1.03 of the ideal time with this, 1.09 with 1 %.
_START = 0.018


# A 429 widens by this, an answer narrows by that. They balance where 1 answer in 200 is a 429: with 1 to 10 ms of
# jitter that is near the best trade between slots lost to 429s and slots lost to spacing, whether or not a 429 also
# brings a Retry-After of a second.
_STEP = 0.008


_DRIP = _STEP / 200


# A 429 also widens by this part of the excess: enough that two who share meet once in half a minute only.
_GROWTH = 0.15


# 429s less than this apart are no accident: somebody else is sending, and the excess doubles.
_SOON = 3.0


# Doubling ends where two senders fit, just above 2 slots. "Just" matters: it is less than twice the spacing of a steady
# sender, by 3/4 of the gap that he leaves. So a refused sender walks through his phase without stepping over the gap,
# and once in it, stays ahead of him, so that he is the one who is refused next, and yields.
_TWO_SENDERS = 1 + _MARGIN / 2


# Above this excess it may be somebody else, and 0.95 of the rate is missed. (20 ms of jitter want 6 %, and mostly keep
# it, since their 429s come too often for a calm.)
_JITTER = 0.04


# After so many slots (30 s at 2/s) without a 429 perhaps the other has left: the excess falls by this part of itself
# for each slot, times the slots since. Gently at first, so that one who is still there is met softly; another 30 s
# later it is gone.
_CALM = 60.0


_FALL = 0.0015


# Seconds. What float rounding leaves of a wait could be too short for a clock to show: a caller would ask for ever.
_SHORTEST_WAIT = 1e-6


# Seconds. A longer Retry-After is asked about again after five minutes: one more refusal costs less than a run that a
# mistaken header parks for days.
_LONGEST_HOLD = 300.0


class Throttle:
    """Hand out the slots of one token: evenly spaced, never a burst, never closer than 1/rate.

    For one thread: the run's loop. It never sleeps::

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
        Tells the time in seconds, and never goes backwards.

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
        self._slot = 1 / rate if rate is not None else 0.0
        self._excess = _START
        self._calm = 0.0
        self._held_until = -math.inf
        self._limit = RateLimitDecorator(calls=1, period=self.spacing, clock=clock)
        # It counts its first period from its making: a first call late in that period and a second at its end would be
        # a burst. A period that ended long ago makes the first call begin one of its own.
        self._limit.last_reset = -math.inf
        self._take_slot: Callable[[], None] = self._limit(lambda: None)

    @property
    def spacing(self) -> float:
        """Tell how far apart slots are at present, in seconds; 0.0 without a limit."""
        return self._slot * (1 + self._excess)

    def wait(self) -> float:
        """Take the next slot and return 0.0, or return the seconds until it is free.

        A slot that is taken late moves those after it: what was missed is never caught up. Ask again after the wait, as
        an answer may have widened the spacing meanwhile.
        """
        held = self._held_until - self._clock()
        if held > 0:
            return max(held, _SHORTEST_WAIT)
        self._limit.period = self.spacing
        try:
            self._take_slot()
        except RateLimitException as taken:
            return max(float(taken.period_remaining), _SHORTEST_WAIT)
        return 0.0

    def widen(self, retry_after: float | None = None) -> None:
        """Widen the spacing after a 429, and hold the token back if it says so.

        Parameters
        ----------
        retry_after
            How long the server asks to wait, in seconds.
        """
        if retry_after is not None:
            self.hold(retry_after)
        if self._calm < _SOON:
            self._excess = min(2 * self._excess, _TWO_SENDERS)
        else:
            self._excess += _STEP + _GROWTH * self._excess
        self._calm = 0.0

    def narrow(self) -> None:
        """Narrow the spacing a little after an answer that was no 429, never below 1/rate."""
        # In slots, not answers: whoever is slow must not also be slow to notice that the token is free.
        slots = 1 + self._excess
        self._calm += slots
        if self._excess > _JITTER and self._calm > _CALM:
            self._excess *= math.exp(-_FALL * slots * (self._calm - _CALM))
        self._excess = max(self._excess - _DRIP, _MARGIN)

    def hold(self, seconds: float) -> None:
        """Hand out no slot for so many seconds, or for what is left of a longer hold.

        A number below 0 or NaN holds nothing; more than five minutes count as five minutes.
        """
        if seconds > 0:
            self._held_until = max(self._held_until, self._clock() + min(seconds, _LONGEST_HOLD))
