"""Convert answers, and failures to get one, to attempts.

=========================  ============  ===========
answer                     status        verdict
=========================  ============  ===========
200 with objects           ``ok``        final
200 without, or cut short  ``unknown``   unsure
201 to 299                 ``unknown``   unsure
303                        ``unknown``   unsure
3xx                        ``rejected``  final
401, 403                   ``rejected``  refused
408, 409, 499              ``unknown``   unsure
429                        ``not_sent``  throttled
4xx                        ``rejected``  final
503 with ``Retry-After``   ``not_sent``  unavailable
5xx, and any other         ``unknown``   unsure
none: the request left     ``unknown``   unsure
none: it did not leave     ``not_sent``  unreached
none: a false certificate  ``not_sent``  untrusted
=========================  ============  ===========

Whether a request left is not concluded from the kind of the error: the connection notes it.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from http.client import responses
from typing import TypeAlias

from flxframe.models import Outcome
from flxframe.request.json_text import decode
from flxframe.run.answers import Answer
from flxframe.run.connections import Exchange
from flxframe.run.failures import describe_obstacle, is_untrusted
from flxframe.run.messages import find_message, read_excerpt, shorten
from flxframe.run.retries import Verdict, parse_retry_after

MIGHT_HAVE_RUN = "The workflow might have run: check before you send the row again"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that was sent: its outcome, and whether its row can be sent again."""

    outcome: Outcome
    verdict: Verdict = "final"
    retry_after: float | None = None


def read_answer(answer: Answer) -> Attempt:
    """Convert an answer to an attempt."""
    for statuses, read in _READERS:
        if answer.status in statuses:
            return read(answer)
    return _read_server_error(answer)


def _read_ok(answer: Answer) -> Attempt:
    if answer.problem is not None:
        return _unsure(200, f"200, but {answer.problem}. {MIGHT_HAVE_RUN}")

    problem = "the answer is not JSON"
    try:
        content = decode(answer.body)
    except ValueError:
        content = None
    else:
        problem = "the answer has no objects"

    if isinstance(content, dict):
        objects = content.get("objects")
        if isinstance(objects, dict):
            return Attempt(Outcome("ok", 200, None, objects))

    excerpt = read_excerpt(answer) or "nothing"
    error = f"200, but {problem}: {excerpt}"
    return _unsure(200, f"{error}. The workflow probably ran")


def _read_undocumented(answer: Answer) -> Attempt:
    status = answer.status
    reason = "undocumented status, so it is not known whether the workflow ran"
    return _unsure(status, f"{status}: {reason}")


def _read_see_other(answer: Answer) -> Attempt:
    # After a POST it usually means that the work is done, and that its result is elsewhere.
    location = shorten(answer.headers.get("Location", "nowhere"))
    return _unsure(303, f"303: the result is said to be at {location}. {MIGHT_HAVE_RUN}")


def _read_redirect(answer: Answer) -> Attempt:
    location = answer.headers.get("Location", "nowhere")
    reason = (
        f"the server redirects to {shorten(location)}, "
        "but the token is not sent there; check the base URL"
    )
    return _rejected(answer.status, reason)


def _read_refused_token(answer: Answer) -> Attempt:
    reason = _reason(answer)
    advice = "The server refused the token: check the token and its type"
    return _refused(answer.status, f"{reason}. {advice}")


def _read_forbidden(answer: Answer) -> Attempt:
    reason = _reason(answer)
    advice = "The server refused the token or this row: check the token and its type"
    return _refused(403, f"{reason}. {advice}")


def _read_throttled(answer: Answer) -> Attempt:
    message = find_message(answer)
    error = f"429: the token's rate limit was exceeded. {message}"
    outcome = Outcome("not_sent", 429, error.strip())
    return Attempt(outcome, "throttled", _retry_after(answer))


def _read_unavailable(answer: Answer) -> Attempt:
    # Retry-After shows that the server declined the request; otherwise it might have run it.
    if answer.headers.get("Retry-After") is None:
        return _read_server_error(answer)

    message = find_message(answer) or "not available"
    outcome = Outcome("not_sent", 503, f"503: {message}")
    return Attempt(outcome, "unavailable", _retry_after(answer))


def _read_server_error(answer: Answer) -> Attempt:
    status = answer.status
    reason = _reason(answer)
    return _unsure(status, f"{status}: {reason}. {MIGHT_HAVE_RUN}")


def _read_rejection(answer: Answer) -> Attempt:
    return _rejected(answer.status, _reason(answer))


_Reader: TypeAlias = Callable[[Answer], Attempt]

_READERS: tuple[tuple[Container[int], _Reader], ...] = (
    ((200,), _read_ok),
    (range(201, 300), _read_undocumented),
    ((303,), _read_see_other),
    (range(300, 400), _read_redirect),
    ((401,), _read_refused_token),
    ((403,), _read_forbidden),
    # They might mean that the workflow still runs, or ran before.
    ((408, 409, 499), _read_server_error),
    ((429,), _read_throttled),
    ((503,), _read_unavailable),
    (range(400, 500), _read_rejection),
)
"""The first entry with the status of an answer reads it; others are errors of the server."""


def read_failure(
    error: Exception, exchange: Exchange, base_url: str, timeout: float, *, proxied: bool = False
) -> Attempt:
    """Convert the error of a request that got no answer to an attempt.

    Parameters
    ----------
    error : Exception
        The error, of any library.
    exchange : Exchange
        How far the request got.
    base_url : str
        Where the request was sent.
    timeout : float
        The seconds that it could take.
    proxied : bool
        Whether it was sent through a proxy.
    """
    if not exchange.has_left:
        outcome = Outcome("not_sent", None, describe_obstacle(error, base_url, proxied=proxied))
        return Attempt(outcome, "untrusted" if is_untrusted(error) else "unreached")

    if exchange.is_over():
        problem = f"no answer within {timeout:g} s"
    else:
        problem = "the connection broke before the answer arrived"
    return _unsure(None, f"{problem}. {MIGHT_HAVE_RUN}")


def _rejected(status: int, reason: str) -> Attempt:
    outcome = Outcome("rejected", status, f"{status}: {reason}")
    return Attempt(outcome)


def _refused(status: int, reason: str) -> Attempt:
    outcome = Outcome("rejected", status, f"{status}: {reason}")
    return Attempt(outcome, "refused")


def _unsure(status: int | None, error: str) -> Attempt:
    outcome = Outcome("unknown", status, error)
    return Attempt(outcome, "unsure")


def _retry_after(answer: Answer) -> float | None:
    return parse_retry_after(answer.headers.get("Retry-After"), date=answer.headers.get("Date"))


def _reason(answer: Answer) -> str:
    """Return the server's message, otherwise the phrase of the status, which proxies often omit."""
    message = find_message(answer)
    if message:
        return message

    status = answer.status
    return shorten(answer.reason) or responses.get(status, "no reason was given")
