"""The reasons to stop a token."""

import pytest

from flxframe.models import Outcome
from flxframe.options import RunOptions
from flxframe.run.client import FlxpointClient
from flxframe.run.lane import Lane, Stop
from flxframe.run.responses import Attempt
from flxframe.run.retries import MAX_WAIT
from flxframe.run.stop_rules import PATIENCE, find_stop
from flxframe.run.throttle import Throttle
from tests.conftest import TOKEN

OK = Attempt(Outcome("ok", 200, None, {}))
REJECTED = Attempt(Outcome("rejected", 400, "400: sku is blank"))
REFUSED = Attempt(Outcome("rejected", 401, "401: bad token"), "refused")
FORBIDDEN = Attempt(Outcome("rejected", 403, "403: no"), "refused")
UNREACHED = Attempt(Outcome("not_sent", None, "the host can't be reached"), "unreached")
THROTTLED = Attempt(Outcome("not_sent", 429, "429: too many"), "throttled")
UNSURE = Attempt(Outcome("unknown", 500, "500: oops"), "unsure")


def rejected(number: int) -> Attempt:
    """Return a rejection of a row with a number."""
    return Attempt(Outcome("rejected", 404, f"404: there is no order {number:05}"))


def stops_of(
    *attempts: Attempt, has_answer: bool = True, patient: bool = True, **options: object
) -> list[Stop | None]:
    """Return the reasons to stop after each of these answers, in the order of the rows."""
    with FlxpointClient(token=TOKEN, base_url="http://127.0.0.1:1") as client:
        lane = Lane(client, Throttle(None), iter([]))

    lane.has_answer = has_answer
    settings = RunOptions(**options)
    stops = []
    for position, attempt in enumerate(attempts):
        lane.streaks.start(position)
        stops.append(find_stop(lane, position, attempt, settings, patient=patient))
    return stops


@pytest.mark.parametrize("attempt", [OK, REJECTED, UNSURE, THROTTLED, UNREACHED])
def test_a_token_continues_after_an_ordinary_answer(attempt: Attempt) -> None:
    """One failure is not a reason to stop."""
    assert stops_of(attempt) == [None]


def test_a_refused_token_stops_at_once() -> None:
    """The message names the row and contains the server's error, even after an ok row."""
    stop = Stop("token", "the token was refused at row 1: 401: bad token", is_rejection=True)
    assert stops_of(OK, REFUSED) == [None, stop]


def test_a_forbidden_row_stops_a_token_without_ok_rows() -> None:
    """Its token might be of the wrong type."""
    stop = Stop("token", "the token was refused at row 1: 403: no", is_rejection=True)
    assert stops_of(REJECTED, FORBIDDEN) == [None, stop]


def test_a_forbidden_row_is_a_rejection_after_an_ok_row() -> None:
    """A firewall might dislike one body; three in a row are not due to their bodies."""
    attempts = [OK, FORBIDDEN, FORBIDDEN, OK, FORBIDDEN, FORBIDDEN, FORBIDDEN]
    *earlier, last = stops_of(*attempts, stop_after_failures=None)
    assert earlier == [None] * 6
    text = "3 consecutive rows were refused, the last one with: 403: no"
    assert last == Stop("token", text, is_rejection=True)


def test_a_token_that_gets_only_429s_stops() -> None:
    """It stops after a number of seconds."""
    text = f"the server sent only 429s for {PATIENCE:g} s"
    assert stops_of(THROTTLED, patient=False) == [Stop("failures", text)]


@pytest.mark.parametrize("attempt", [THROTTLED, UNSURE])
def test_a_long_retry_after_stops_a_token(attempt: Attempt) -> None:
    """The reason says until when; up to five minutes are waited for."""
    short = Attempt(attempt.outcome, attempt.verdict, MAX_WAIT)
    assert stops_of(short) == [None]

    long = Attempt(attempt.outcome, attempt.verdict, 3600.0)
    stop = stops_of(long)[0]
    assert stop.reason == "failures"
    assert stop.text.startswith("the server asks to send nothing until 20")


def test_a_host_that_is_never_reached_stops_at_the_first_row() -> None:
    """After an answer, a single lost connection does not stop it."""
    text = "the host can't be reached"
    assert stops_of(UNREACHED, has_answer=False) == [Stop("failures", text)]


def test_consecutive_failures_stop_at_their_limit() -> None:
    """Ok and rejected rows interrupt them, and without a limit they never stop."""
    text = "3 consecutive rows failed, the last one with: 500: oops"
    attempts = [UNSURE, UNSURE, OK, UNSURE, UNSURE, REJECTED, UNSURE, THROTTLED, UNSURE]
    stops = stops_of(*attempts, stop_after_failures=3)
    assert stops == [None] * 8 + [Stop("failures", text)]
    assert stops_of(*[UNSURE] * 99, stop_after_failures=None) == [None] * 99


def test_rows_that_are_rejected_alike_stop_at_the_limit() -> None:
    """They are alike although each message has an id of its own."""
    stops = stops_of(*map(rejected, range(20)))
    text = (
        "20 consecutive rows were rejected alike, the last one with: 404: there is no order 00019"
    )
    assert stops == [None] * 19 + [Stop("failures", text, is_rejection=True)]


def test_rows_that_are_rejected_for_different_reasons_do_not_stop() -> None:
    """Such rows are wrong, not the run."""
    attempts = [REJECTED if number % 2 else rejected(number) for number in range(60)]
    assert stops_of(*attempts) == [None] * 60


def test_rejected_rows_never_stop_after_an_ok_row() -> None:
    """The token and the URL work, so the rows are wrong."""
    assert stops_of(OK, *map(rejected, range(60))) == [None] * 61
