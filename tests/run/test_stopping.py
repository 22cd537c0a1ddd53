"""The reasons why a run stopped, and the warning that says how to resume it."""

import math
from pathlib import Path

import numpy as np
import pytest

from flxframe.exceptions import StoppedWarning
from flxframe.models import Outcome
from flxframe.request.plan import Plan
from flxframe.request.tokens import Tokens
from flxframe.result.build import ResultBuilder
from flxframe.run.lane import Stop
from flxframe.run.stopping import (
    describe_interrupt,
    gravest_stop,
    how_to_resume,
    warn,
)
from tests.conftest import TOKEN, orders

INTERRUPTED = Stop("interrupted", "interrupted")
REFUSED = Stop("token", "refused", is_rejection=True)

ONE_TOKEN = Tokens([TOKEN], [()], np.zeros(4, dtype="int32"))
TWO_TOKENS = Tokens([TOKEN, "secret-us"], [("EU",), ("US",)], np.zeros(4, dtype="int32"), "Store")


def test_the_users_interrupt_is_reported_before_a_refused_token() -> None:
    """Both are reported before any other reason; otherwise the first reason is."""
    failed = Stop("failures", "a")
    token = Stop("token", "b")
    interrupted = Stop("interrupted", "c")
    assert gravest_stop({0: failed, 1: token, 2: interrupted}) == interrupted
    assert gravest_stop({0: failed, 1: token}) == token
    assert gravest_stop({0: failed, 1: Stop("journal", "d")}) == failed


@pytest.mark.parametrize(
    ("stop", "in_flight", "seconds_left", "message"),
    [
        (INTERRUPTED, 0, math.inf, "Interrupted."),
        (
            INTERRUPTED,
            1,
            math.inf,
            "Interrupted: waiting for 1 answer (interrupt again after 2 s to stop waiting).",
        ),
        (
            Stop("interrupted", "interrupted by SIGTERM"),
            1200,
            7.9,
            "Interrupted by SIGTERM: waiting for 1,200 answers, at most 8 s.",
        ),
    ],
)
def test_an_interrupt_is_acknowledged(stop, in_flight, seconds_left, message) -> None:
    """The message has the number of pending answers, and how long the run waits for them."""
    assert describe_interrupt(stop, in_flight, seconds_left) == message


def test_a_warning_says_why_a_run_stopped() -> None:
    """It points at the line of the caller."""
    with pytest.warns(StoppedWarning, match="refused") as warned:
        warn("the token was refused", stacklevel=1)
    assert warned[0].filename == __file__


def test_a_warning_that_is_an_error_is_printed_instead(capsys: pytest.CaptureFixture[str]) -> None:
    """The suite turns warnings into errors, as `python -W error` does."""
    warn("the token was refused", stacklevel=1)
    assert capsys.readouterr().err == "StoppedWarning: the token was refused\n"


def outcomes(*statuses: str) -> ResultBuilder:
    """Return the outcomes of a table whose rows have these statuses."""
    results = ResultBuilder(Plan(orders(len(statuses))))
    for position, status in enumerate(statuses):
        results.add(position, Outcome(status))
    return results


@pytest.mark.parametrize(
    ("statuses", "advice"),
    [
        (("ok", "not_sent"), "1 row was not sent; to send it, "),
        (("ok", "not_sent", "not_sent"), "2 rows were not sent; to send them, "),
        (("rejected", "not_sent"), "1 row was not sent; to send it, "),
    ],
)
def test_the_warning_says_how_to_send_the_pending_rows(
    statuses: tuple[str, ...], advice: str
) -> None:
    """They are sent from the result, or by the same call if there is a journal."""
    results = outcomes(*statuses)
    start = f"the run stopped early: interrupted. {advice}"

    warning = how_to_resume({0: INTERRUPTED}, ONE_TOKEN, results, None)
    assert warning == f"{start}run the result as the table."

    warning = how_to_resume({0: INTERRUPTED}, ONE_TOKEN, results, Path("orders.db"))
    assert warning == f"{start}repeat the same call."


def test_the_warning_includes_rows_that_were_rejected_for_their_token() -> None:
    """These rows must be sent again once it is corrected."""
    results = outcomes("ok", "rejected", "not_sent")
    warning = how_to_resume({0: REFUSED}, ONE_TOKEN, results, None)
    assert "2 rows were not sent or rejected; to send them, " in warning


def test_the_warning_includes_rows_that_were_rejected_alike() -> None:
    """They stopped the run, so what they have in common must be corrected for all of them."""
    results = outcomes("rejected", "rejected", "not_sent")
    stop = Stop("failures", "2 consecutive rows were rejected alike", is_rejection=True)
    warning = how_to_resume({0: stop}, ONE_TOKEN, results, None)
    assert "3 rows were not sent or rejected; to send them, " in warning


def test_the_warning_asks_to_check_unknown_rows() -> None:
    """It does so even if no rows are left to send."""
    results = outcomes("ok", "unknown", "unknown")
    warning = how_to_resume({0: INTERRUPTED}, ONE_TOKEN, results, None)
    assert warning == (
        "the run stopped early: interrupted. No rows are left to send. Check 2 unknown rows first."
    )


@pytest.mark.parametrize(
    ("stops", "why"),
    [
        ({1: REFUSED}, "'US': refused"),
        ({0: INTERRUPTED, 1: REFUSED}, "'EU': interrupted; 'US': refused"),
        ({0: INTERRUPTED, 1: INTERRUPTED}, "interrupted"),
    ],
)
def test_the_warning_names_the_tokens_that_stopped(stops: dict[int, Stop], why: str) -> None:
    """It does not if all stopped for the same reason. It never contains a token."""
    warning = how_to_resume(stops, TWO_TOKENS, outcomes("ok"), None)
    assert warning.startswith(f"the run stopped early: {why}. ")
    assert "secret" not in warning
