"""When a run stops, and the warning that explains how to resume it."""

import numpy as np
import pytest

from flxframe.models import Outcome
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder
from flxframe.run.client import FlxpointClient
from flxframe.run.lane import Lane, Stop
from flxframe.run.responses import Attempt
from flxframe.run.stopping import (
    Limits,
    describe_interrupt,
    find_stop,
    gravest_stop,
    how_to_resume,
)
from flxframe.run.throttle import Throttle
from flxframe.run.tokens import Tokens
from tests.conftest import TOKEN, orders

OK = Attempt(Outcome("ok", 200, None, {}))
REJECTED = Attempt(Outcome("rejected", 400, "400: sku is blank"))
REFUSED_TOKEN = Attempt(Outcome("rejected", 401, "401: bad token"))
UNREACHED = Attempt(Outcome("not_sent", None, "the host can't be reached"), "unreached")
THROTTLED = Attempt(Outcome("not_sent", 429, "429: too many"), "throttled")
UNSURE = Attempt(Outcome("unknown", 500, "500: oops"), "unsure")

ONE_TOKEN = Tokens([TOKEN], ["the token"], np.zeros(4, dtype="int32"))
TWO_TOKENS = Tokens([TOKEN, "secret-us"], ["'EU'", "'US'"], np.zeros(4, dtype="int32"), "Store")


def lane_after(failures: int = 0, *, has_answer: bool = False) -> Lane:
    """Return a lane without rows, after a number of consecutive failures."""
    with FlxpointClient(token=TOKEN, base_url="http://127.0.0.1:1") as client:
        lane = Lane(client, Throttle(None), iter([]))
    lane.consecutive_failures = failures
    lane.has_answer = has_answer
    return lane


@pytest.mark.parametrize("attempt", [OK, REJECTED, UNSURE, THROTTLED])
def test_a_token_continues_after_an_ordinary_answer(attempt: Attempt) -> None:
    """One failure is not a reason to stop."""
    assert find_stop(lane_after(1), 3, attempt, Limits(), patient=True) is None


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_stops_at_once(status: int) -> None:
    """The message names the row and contains the server's error."""
    attempt = Attempt(Outcome("rejected", status, f"{status}: bad token"))
    stop = find_stop(lane_after(), 3, attempt, Limits(), patient=True)
    assert stop == Stop("token", f"the token was refused at row 3: {status}: bad token")


def test_a_token_that_gets_only_429s_stops() -> None:
    """After the seconds of the limit."""
    stop = find_stop(lane_after(), 3, THROTTLED, Limits(patience=60.0), patient=False)
    assert stop == Stop("trouble", "the server answered only with 429 for 60 s")


def test_a_host_that_is_never_reached_stops_at_the_first_row() -> None:
    """But after an answer, one lost connection does not."""
    stop = find_stop(lane_after(1), 3, UNREACHED, Limits(), patient=True)
    assert stop == Stop("trouble", "the host can't be reached")
    lane = lane_after(1, has_answer=True)
    assert find_stop(lane, 3, UNREACHED, Limits(), patient=True) is None


def test_consecutive_failures_stop_at_their_limit() -> None:
    """Not one before it, and never without a limit."""
    limits = Limits(stop_after_failures=3)
    assert find_stop(lane_after(2), 3, UNSURE, limits, patient=True) is None
    stop = find_stop(lane_after(3), 3, UNSURE, limits, patient=True)
    assert stop == Stop("trouble", "3 rows in a row failed, the last with: 500: oops")
    unlimited = Limits(stop_after_failures=None)
    assert find_stop(lane_after(1000), 3, UNSURE, unlimited, patient=True) is None


def test_the_users_interrupt_is_reported_before_a_refused_token() -> None:
    """And both before any other reason; otherwise the first counts."""
    trouble, token, interrupted = Stop("trouble", "a"), Stop("token", "b"), Stop("interrupted", "c")
    assert gravest_stop({0: trouble, 1: token, 2: interrupted}) == interrupted
    assert gravest_stop({0: trouble, 1: token}) == token
    assert gravest_stop({0: trouble, 1: Stop("journal", "d")}) == trouble


@pytest.mark.parametrize(
    ("in_flight", "message"),
    [
        (0, "Interrupted."),
        (1, "Interrupted: waiting for 1 answer (interrupt again to stop waiting)."),
        (1200, "Interrupted: waiting for 1,200 answers (interrupt again to stop waiting)."),
    ],
)
def test_an_interrupt_is_acknowledged(in_flight: int, message: str) -> None:
    """With the number of answers that are awaited."""
    assert describe_interrupt(in_flight) == message


def outcomes(*statuses: str) -> ResultBuilder:
    """Return the outcomes of a table whose rows have these statuses."""
    results = ResultBuilder(Plan(orders(len(statuses))))
    for position, status in enumerate(statuses):
        results.add(position, Outcome(status))
    return results


@pytest.mark.parametrize(
    ("statuses", "advice"),
    [
        (("ok", "not_sent"), "1 row was not sent; to send just it, "),
        (("ok", "not_sent", "not_sent"), "2 rows were not sent; to send just those, "),
        (("rejected", "not_sent"), "1 row was not sent; to send just it, "),
    ],
)
def test_the_warning_says_how_to_send_the_pending_rows(
    statuses: tuple[str, ...], advice: str
) -> None:
    """From the result, or with the journal if there is one."""
    stops = {0: Stop("interrupted", "interrupted")}
    results = outcomes(*statuses)
    start = f"the run stopped early: interrupted. {advice}"
    assert how_to_resume(stops, ONE_TOKEN, results, None) == (
        f'{start}run result[result["run.status"] == "not_sent"].'
    )
    assert how_to_resume(stops, ONE_TOKEN, results, "orders.db") == (
        f"{start}run the same again with the journal orders.db."
    )


def test_the_warning_includes_what_a_bad_token_had_rejected() -> None:
    """Those rows must be sent again with a better token."""
    stops = {0: Stop("token", "the token was refused at row 1")}
    warning = how_to_resume(stops, ONE_TOKEN, outcomes("ok", "rejected", "not_sent"), None)
    assert "2 rows were not sent or rejected; to send just those, " in warning
    assert '.isin(["not_sent", "rejected"])' in warning


def test_the_warning_asks_to_check_unknown_rows() -> None:
    """Also if no row is left to send."""
    stops = {0: Stop("interrupted", "interrupted")}
    results = outcomes("ok", "unknown", "unknown")
    assert how_to_resume(stops, ONE_TOKEN, results, None) == (
        "the run stopped early: interrupted. No row is left to send. Check 2 unknown rows first."
    )


def test_the_warning_names_the_tokens_that_stopped() -> None:
    """Unless all of them stopped for the same reason. It never contains a token."""
    refused, interrupted = Stop("token", "refused"), Stop("interrupted", "interrupted")
    results = outcomes("ok")
    assert "early: 'US': refused. " in how_to_resume({1: refused}, TWO_TOKENS, results, None)
    both = how_to_resume({0: interrupted, 1: refused}, TWO_TOKENS, results, None)
    assert "early: 'EU': interrupted; 'US': refused. " in both
    same = how_to_resume({0: interrupted, 1: interrupted}, TWO_TOKENS, results, None)
    assert "early: interrupted. " in same
    assert "secret" not in both
