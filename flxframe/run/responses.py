"""Convert answers, and failures to get one, to attempts.

========================  ============  ===========
answer                    status        verdict
========================  ============  ===========
200 with objects          ``ok``        final
200 without               ``unknown``   unsure
201 to 299                ``unknown``   unsure
3xx                       ``rejected``  final
429                       ``not_sent``  throttled
4xx, and any other        ``rejected``  final
503 with ``Retry-After``  ``not_sent``  unavailable
5xx                       ``unknown``   unsure
none: not connected       ``not_sent``  unreached
none: interrupted         ``unknown``   unsure
========================  ============  ===========
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from http.client import responses
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ClosedPoolError, NewConnectionError

from flxframe.models import Outcome
from flxframe.request.json_text import decode
from flxframe.run.messages import find_message, read_excerpt, shorten
from flxframe.run.retries import Verdict, parse_retry_after

MIGHT_HAVE_RUN = "The workflow might have run: check before you send the row again"

_NEVER_SENT = (NewConnectionError, ClosedPoolError)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that was sent: its outcome, and whether its row can be sent again."""

    outcome: Outcome
    verdict: Verdict = "final"
    retry_after: float | None = None


def read_answer(response: requests.Response) -> Attempt:
    """Convert an answer to an attempt."""
    for statuses, read in _READERS:
        if response.status_code in statuses:
            return read(response)
    return _read_rejection(response)


def _read_ok(response: requests.Response) -> Attempt:
    problem = "the answer is not JSON"
    try:
        answer = decode(response.content)
    except ValueError:
        answer = None
    else:
        problem = "the answer has no objects"

    if isinstance(answer, dict):
        objects = answer.get("objects")
        if isinstance(objects, dict):
            return Attempt(Outcome("ok", 200, None, objects))

    excerpt = read_excerpt(response) or "nothing"
    error = f"200, but {problem}: {excerpt}"
    return _unsure(200, f"{error}. The workflow probably ran")


def _read_undocumented(response: requests.Response) -> Attempt:
    status = response.status_code
    reason = "undocumented status, so it is not known whether the workflow ran"
    return _unsure(status, f"{status}: {reason}")


def _read_redirect(response: requests.Response) -> Attempt:
    location = response.headers.get("Location", "nowhere")
    reason = (
        f"the server redirects to {shorten(location)}, "
        "but the token is not sent there; check the base URL"
    )
    return _rejected(response.status_code, reason)


def _read_refused_token(response: requests.Response) -> Attempt:
    reason = _reason(response)
    advice = "The server refused the token: check the token and its type"
    return _rejected(response.status_code, f"{reason}. {advice}")


def _read_throttled(response: requests.Response) -> Attempt:
    message = find_message(response)
    error = f"429: the token's rate limit was exceeded. {message}"
    outcome = Outcome("not_sent", 429, error.strip())

    retry_after = response.headers.get("Retry-After")
    return Attempt(outcome, "throttled", parse_retry_after(retry_after))


def _read_unavailable(response: requests.Response) -> Attempt:
    # Retry-After shows that the server declined the request; otherwise it might have run it.
    retry_after = response.headers.get("Retry-After")
    if retry_after is None:
        return _read_server_error(response)

    message = find_message(response) or "not available"
    outcome = Outcome("not_sent", 503, f"503: {message}")
    return Attempt(outcome, "unavailable", parse_retry_after(retry_after))


def _read_server_error(response: requests.Response) -> Attempt:
    status = response.status_code
    reason = _reason(response)
    return _unsure(status, f"{status}: {reason}. {MIGHT_HAVE_RUN}")


def _read_rejection(response: requests.Response) -> Attempt:
    return _rejected(response.status_code, _reason(response))


_Reader: TypeAlias = Callable[[requests.Response], Attempt]

_READERS: tuple[tuple[Container[int], _Reader], ...] = (
    ((200,), _read_ok),
    (range(201, 300), _read_undocumented),
    (range(300, 400), _read_redirect),
    ((401, 403), _read_refused_token),
    ((429,), _read_throttled),
    ((503,), _read_unavailable),
    (range(500, 1000), _read_server_error),
)
"""The first entry with the status of an answer reads it; other statuses are rejections."""


def read_failure(error: Exception, base_url: str, timeout: tuple[float, float]) -> Attempt:
    """Convert the error of a request that got no answer to an attempt.

    Parameters
    ----------
    error : Exception
        The exception of `requests`, urllib3 or the operating system.
    base_url : str
        Where the request was sent.
    timeout : tuple of float
        The seconds to wait for a connection, and for an answer.
    """
    connect_timeout, answer_timeout = timeout
    host = urlsplit(base_url).netloc
    problem = _connection_problem(error, host, connect_timeout)
    if problem is not None:
        outcome = Outcome("not_sent", None, problem)
        return Attempt(outcome, "unreached")

    if isinstance(error, requests.Timeout):
        problem = f"no answer within {answer_timeout:g} s"
    elif isinstance(error, requests.exceptions.ChunkedEncodingError):
        problem = "the answer was cut short"
    else:
        problem = "the connection broke before the answer arrived"
    return _unsure(None, f"{problem}. {MIGHT_HAVE_RUN}")


def _connection_problem(error: Exception, host: str, timeout: float) -> str | None:
    """Return why no connection was established; None if the request might have arrived."""
    causes = list(_causes(error))
    if _contains(causes, ssl.SSLCertVerificationError):
        return (
            f"the certificate of {host} can't be trusted, so nothing was sent; "
            "check the base URL and the proxy"
        )

    if isinstance(error, requests.ConnectTimeout):
        return f"{host} did not accept a connection within {timeout:g} s; check the network"

    proxy_failed = isinstance(error, requests.exceptions.ProxyError)
    if proxy_failed or _contains(causes, _NEVER_SENT):
        detail = _system_message(causes)
        return f"{host} can't be reached{detail}; check the network and the base URL"

    return None


def _contains(
    causes: Iterable[BaseException],
    kinds: type[BaseException] | tuple[type[BaseException], ...],
) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _system_message(causes: Iterable[BaseException]) -> str:
    """Return the operating system's message in parentheses, if there is one."""
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            return f" ({cause.strerror})"
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all errors that caused it.

    `requests` and urllib3 store them as arguments and reasons as well as causes.
    """
    seen: set[int] = set()
    pending: list[Any] = [error]
    while pending:
        cause = pending.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue

        seen.add(id(cause))
        yield cause

        pending += cause.args
        pending.append(getattr(cause, "reason", None))
        pending += [cause.__cause__, cause.__context__]


def _rejected(status: int, reason: str) -> Attempt:
    outcome = Outcome("rejected", status, f"{status}: {reason}")
    return Attempt(outcome)


def _unsure(status: int | None, error: str) -> Attempt:
    outcome = Outcome("unknown", status, error)
    return Attempt(outcome, "unsure")


def _reason(response: requests.Response) -> str:
    """Return the server's message, otherwise the phrase of the status, which proxies often omit."""
    message = find_message(response)
    if message:
        return message

    status = response.status_code
    return response.reason or responses.get(status, "no reason was given")
