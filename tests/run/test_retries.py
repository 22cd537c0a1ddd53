"""The requests that can be sent again, and the waits before that."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.run.retries import (
    MAX_WAIT,
    UNREACHED_TRIES,
    describe_wait,
    parse_retry_after,
    retry_wait,
)

NOW = 1_795_435_200.0  # Mon, 23 Nov 2026 12:00:00 GMT


@pytest.mark.parametrize("verdict", ["final", "refused", "unsure"])
def test_a_request_that_might_have_run_is_not_sent_again(verdict: str) -> None:
    """There is no idempotency key, and a workflow can send e-mail."""
    assert retry_wait(verdict, 1, retry_after=1.0, jitter=0.5) is None


def test_retry_unknown_sends_it_again() -> None:
    """The number of tries is limited."""
    waits = []
    for tries in range(1, UNREACHED_TRIES + 1):
        wait = retry_wait("unsure", tries, retry_after=None, jitter=0, retry_unknown=True)
        waits.append(wait)

    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, None]


def test_a_request_that_never_left_is_sent_again_after_growing_waits() -> None:
    """Jitter keeps runs from retrying at the same time; a Retry-After replaces the wait."""
    assert retry_wait("unreached", 2, retry_after=None, jitter=0) == 1.0
    assert retry_wait("unreached", 2, retry_after=None, jitter=1) == 1.5
    assert retry_wait("unavailable", 2, retry_after=7.0, jitter=1) == 7.0
    assert retry_wait("unreached", UNREACHED_TRIES, retry_after=None, jitter=0) is None


@given(st.integers(1, 1000))
def test_a_429_never_fails_its_row(tries: int) -> None:
    """The row is sent again at the throttle's slower pace, however often that happens."""
    assert retry_wait("throttled", tries, retry_after=None, jitter=0.5) == 0
    assert retry_wait("throttled", tries, retry_after=2.0, jitter=0.5) == 2.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("3", 3.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("99999999999", 99999999999.0),
        ("soon", None),
        ("", None),
        ("Mon, 23 Nov 2026 12:00:05 GMT", 5.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2026 12:00:05 -0000", 5.0),
        ("Mon, 23 Nov 2026 13:00:00 GMT", 3600.0),
        ("Mon, 99 Nov 2026 12:00:00 GMT", None),
    ],
)
def test_a_retry_after_is_seconds_or_a_date_or_ignored(
    header: str | None, seconds: float | None
) -> None:
    """Invalid values are ignored."""
    assert parse_retry_after(header, now=NOW) == seconds


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Mon, 23 Nov 2026 11:00:00 GMT", 3605.0),
        ("Mon, 23 Nov 2026 13:00:00 GMT", 0.0),
        ("yesterday", 5.0),
        (None, 5.0),
    ],
)
def test_a_date_is_read_by_the_servers_clock(date: str | None, seconds: float) -> None:
    """Its clock might differ from this one's, which is used only without its date."""
    header = "Mon, 23 Nov 2026 12:00:05 GMT"
    assert parse_retry_after(header, date=date, now=NOW) == seconds


@given(st.text(), st.sampled_from(["throttled", "unavailable", "unsure"]))
def test_no_retry_after_holds_up_a_run_for_hours(header: str, verdict: str) -> None:
    """This is true of any text that the server sends."""
    seconds = parse_retry_after(header, now=NOW)
    wait = retry_wait(verdict, 1, retry_after=seconds, jitter=1, retry_unknown=True)
    assert wait is None or 0 <= wait <= MAX_WAIT


@pytest.mark.parametrize("verdict", ["throttled", "unavailable"])
def test_a_row_is_not_sent_again_after_more_than_five_minutes(verdict: str) -> None:
    """The token stops instead."""
    assert retry_wait(verdict, 1, retry_after=MAX_WAIT, jitter=0) == MAX_WAIT
    assert retry_wait(verdict, 1, retry_after=MAX_WAIT + 1, jitter=0) is None


def test_a_wait_ends_at_a_local_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The zone is shown, and a wait that no calendar has is not a date."""
    monkeypatch.setenv("TZ", "EST5EDT")
    time.tzset()
    try:
        assert describe_wait(3600, now=NOW) == "until 2026-11-23 08:00:00 EST"
    finally:
        monkeypatch.undo()
        time.tzset()
    assert describe_wait(99999999999.0) == "for more than a year"
