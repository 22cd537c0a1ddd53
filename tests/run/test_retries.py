"""The requests that can be sent again, and the waits before that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.run.retries import MAX_WAIT, UNREACHED_TRIES, parse_retry_after, retry_wait

NOW = 1_795_435_200.0  # Mon, 23 Nov 2026 12:00:00 GMT


@pytest.mark.parametrize("verdict", ["final", "unsure"])
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
        ("99999999999", None),
        ("soon", None),
        ("", None),
        ("Mon, 23 Nov 2026 12:00:05 GMT", 5.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2099 12:00:00 GMT", None),
        ("Mon, 99 Nov 2026 12:00:00 GMT", None),
    ],
)
def test_a_retry_after_is_seconds_or_a_date_or_ignored(
    header: str | None, seconds: float | None
) -> None:
    """Invalid and absurd values are ignored."""
    assert parse_retry_after(header, now=NOW) == seconds


@given(st.text())
def test_no_retry_after_stops_a_run_for_hours(header: str) -> None:
    """This is true of any text that the server sends."""
    seconds = parse_retry_after(header, now=NOW)
    assert seconds is None or 0 <= seconds <= MAX_WAIT
