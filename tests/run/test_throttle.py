"""The slots of one token, with a simulated clock."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flxframe.exceptions import FlxframeError, SettingError
from flxframe.run.throttle import Throttle
from tests.run.simulation import Clock


def slots(throttle: Throttle, clock: Clock, count: int) -> list[float]:
    """Take `count` slots after exactly the required waits, and return their times."""
    times: list[float] = []
    while len(times) < count:
        wait = throttle.wait()
        if wait == 0.0:
            times.append(clock.now)
        clock.now += wait
    return times


class TestSlots:
    """Slots are evenly spaced, and never a burst."""

    def test_first_slot_is_free_at_once(self) -> None:
        """The first request does not wait."""
        assert Throttle(2.0, clock=Clock()).wait() == 0.0

    def test_slots_are_evenly_spaced(self) -> None:
        """Before the first answer, slots are one spacing apart."""
        clock = Clock(1000.0)
        throttle = Throttle(2.0, clock=clock)
        times = slots(throttle, clock, 50)
        gaps = [end - start for start, end in itertools.pairwise(times)]

        assert gaps == pytest.approx([throttle.spacing] * 49, abs=1e-5)

    def test_starting_spacing_is_less_than_2_percent_above_the_limit(self) -> None:
        """The margin at the start costs almost nothing."""
        assert 0.5 <= Throttle(2.0, clock=Clock()).spacing < 0.51

    @pytest.mark.parametrize("idle", [0.4, 0.499, 0.6, 100.0])
    def test_late_first_call_does_not_start_a_burst(self, idle: float) -> None:
        """The first slot starts the first period, even long after the creation."""
        clock = Clock()
        throttle = Throttle(2.0, clock=clock)
        clock.now = idle
        first, second, third = slots(throttle, clock, 3)

        assert first == idle
        assert min(second - first, third - second) >= 0.5

    def test_late_wakeups_are_not_caught_up(self) -> None:
        """After a slot that was taken late, the next one is a whole spacing later."""
        clock = Clock()
        throttle = Throttle(2.0, clock=clock)
        assert throttle.wait() == 0.0
        clock.now = 3.7

        assert throttle.wait() == 0.0
        assert throttle.wait() == pytest.approx(throttle.spacing)

    def test_asking_again_has_no_effect(self) -> None:
        """A call that has to wait does not take or delay a slot."""
        clock = Clock()
        throttle = Throttle(2.0, clock=clock)
        throttle.wait()
        clock.now = 0.2
        waits = [throttle.wait() for _ in range(5)]

        assert waits == pytest.approx([throttle.spacing - 0.2] * 5)

    def test_widening_delays_the_next_slot(self) -> None:
        """A 429 lengthens the current wait, not just the one after it."""
        throttle = Throttle(2.0, clock=Clock())
        throttle.wait()
        wait = throttle.wait()
        throttle.widen()

        assert throttle.wait() > wait

    def test_no_limit_never_waits(self) -> None:
        """With rate=None every slot is free."""
        throttle = Throttle(None, clock=Clock())
        assert [throttle.wait() for _ in range(100)] == [0.0] * 100
        assert throttle.spacing == 0.0

    @pytest.mark.parametrize("rate", [0, 0.0, -1, math.inf, -math.inf, math.nan])
    def test_invalid_rate_is_refused(self, rate: float) -> None:
        """A rate that is not a finite number above 0 raises a SettingError, a ValueError."""
        with pytest.raises(SettingError, match=r"rate=.* must be") as caught:
            Throttle(rate, clock=Clock())
        assert isinstance(caught.value, FlxframeError)
        assert isinstance(caught.value, ValueError)

    @given(
        rate=st.floats(0.01, 1000),
        now=st.floats(0, 1e9),
        steps=st.lists(
            st.tuples(
                st.sampled_from(["wait", "wait out", "widen", "narrow", "hold"]),
                st.floats(0, 10),
                st.one_of(st.none(), st.floats(-10, 1000), st.just(math.inf), st.just(math.nan)),
            ),
            max_size=60,
        ),
    )
    @settings(deadline=None)
    def test_two_slots_are_never_closer_than_the_limit(
        self, rate: float, now: float, steps: list[tuple[str, float, float | None]]
    ) -> None:
        """Slots are at least 1/rate apart, whatever the answers and the times of the calls."""
        clock = Clock(now)
        throttle = Throttle(rate, clock=clock)
        times: list[float] = []

        def ask() -> float:
            wait = throttle.wait()

            assert wait >= 0.0
            if wait == 0.0:
                times.append(clock.now)
            return wait

        for action, pause, seconds in steps:
            clock.now += pause / rate
            match action:
                case "wait":
                    ask()
                case "wait out":
                    clock.now += ask()
                    ask()
                case "widen":
                    throttle.widen(seconds)
                case "narrow":
                    throttle.narrow()
                case "hold":
                    throttle.hold(0.0 if seconds is None else seconds)
            assert throttle.spacing >= 1 / rate

        for start, end in itertools.pairwise(times):
            assert end - start >= 1 / rate

    @given(now=st.floats(0, 1e9), held=st.floats(0, 100))
    def test_the_waits_for_a_slot_end(self, now: float, held: float) -> None:
        """Rounding never makes a wait too short to move the clock, so a few calls are enough."""
        clock = Clock(now)
        throttle = Throttle(2.0, clock=clock)
        throttle.wait()
        throttle.hold(held)
        for _ in range(10):
            wait = throttle.wait()
            if wait == 0.0:
                break
            clock.now += wait

        assert wait == 0.0


class TestHold:
    """A Retry-After pauses the whole token."""

    def test_retry_after_pauses_the_token(self) -> None:
        """After a 429 with Retry-After, no slot is free before its end."""
        clock = Clock()
        throttle = Throttle(2.0, clock=clock)
        throttle.wait()
        throttle.widen(7.0)
        assert throttle.wait() == pytest.approx(7.0)
        clock.now = 7.0

        assert throttle.wait() == 0.0

    def test_no_burst_after_a_hold(self) -> None:
        """The slots missed during a hold are not caught up."""
        clock = Clock()
        throttle = Throttle(2.0, clock=clock)
        throttle.hold(30.0)
        first, second, third = slots(throttle, clock, 3)

        assert first == pytest.approx(30.0)
        assert min(second - first, third - second) >= 0.5

    def test_shorter_hold_does_not_end_a_longer_one(self) -> None:
        """The longest of several holds counts."""
        throttle = Throttle(2.0, clock=Clock())
        throttle.hold(10.0)
        throttle.hold(1.0)
        assert throttle.wait() == pytest.approx(10.0)

    def test_hold_applies_without_a_limit(self) -> None:
        """The server's Retry-After applies even with rate=None."""
        throttle = Throttle(None, clock=Clock())
        throttle.hold(2.0)
        assert throttle.wait() == pytest.approx(2.0)

    @pytest.mark.parametrize("seconds", [0.0, -5.0, -math.inf, math.nan])
    def test_invalid_hold_has_no_effect(self, seconds: float) -> None:
        """Zero, negative numbers and NaN are not valid waits."""
        throttle = Throttle(2.0, clock=Clock())
        throttle.widen(seconds)
        assert throttle.wait() == 0.0

    @pytest.mark.parametrize("seconds", [301.0, 1e12, math.inf])
    def test_absurd_hold_is_five_minutes(self, seconds: float) -> None:
        """A mistaken header does not stop a run for days."""
        throttle = Throttle(2.0, clock=Clock())
        throttle.widen(seconds)
        assert throttle.wait() == pytest.approx(300.0)

    def test_hold_alone_does_not_change_the_spacing(self) -> None:
        """The Retry-After of a 503 does not affect the pace."""
        throttle = Throttle(2.0, clock=Clock())
        spacing = throttle.spacing
        throttle.hold(5.0)
        assert throttle.spacing == spacing


class TestAnswers:
    """A 429 widens the spacing, and other answers narrow it."""

    def test_429s_alone_never_widen_beyond_two_senders(self) -> None:
        """After 1,000 consecutive 429s the spacing can still find a gap."""
        throttle = Throttle(2.0, clock=Clock())
        for _ in range(1000):
            throttle.widen()
        assert 1.0 < throttle.spacing < 1.01

    def test_answers_narrow_to_the_margin_and_no_further(self) -> None:
        """Without 429s the spacing returns to 1 % above the limit."""
        throttle = Throttle(2.0, clock=Clock())
        for _ in range(20):
            throttle.widen()
        for _ in range(5000):
            throttle.narrow()

        assert throttle.spacing == pytest.approx(0.505)


class TestWithoutRate:
    """429s without a useful Retry-After pause a token that has no spacing to widen."""

    @pytest.mark.parametrize("retry_after", [None, 0.0, -1.0, math.nan])
    def test_the_pause_grows_with_each_round(self, retry_after: float | None) -> None:
        """The answers of one round, however many, count once."""
        clock = Clock()
        throttle = Throttle(None, clock=clock)
        pauses = []
        for _ in range(10):
            assert throttle.wait() == 0.0
            for _ in range(16):
                throttle.widen(retry_after)
            pauses.append(throttle.wait())
            clock.now += pauses[-1] + 1e-9

        assert pauses[:4] == pytest.approx([0.1, 0.2, 0.4, 0.8])
        assert pauses[-1] == pytest.approx(30.0)

    def test_the_pause_shrinks_with_other_answers(self) -> None:
        """After enough of them, it starts again."""
        clock = Clock()
        throttle = Throttle(None, clock=clock)
        for _ in range(6):
            throttle.widen()
            clock.now += throttle.wait()
        for _ in range(100):
            throttle.narrow()
        throttle.widen()
        assert throttle.wait() == pytest.approx(0.1)

    def test_a_useful_retry_after_is_obeyed_alone(self) -> None:
        """The server knows best."""
        throttle = Throttle(None, clock=Clock())
        throttle.widen(0.02)
        assert throttle.wait() == pytest.approx(0.02)
