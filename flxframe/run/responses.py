"""The attempt that an answer, or a failure to get one, amounts to.

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

import re
import ssl
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from http.client import responses
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ClosedPoolError, NewConnectionError

from flxframe.models import JSON, Outcome
from flxframe.request.json_text import decode
from flxframe.run.retries import Verdict, parse_retry_after
from flxframe.text import cut

MIGHT_HAVE_RUN = "The workflow might have run: check before you send the row again"

_MESSAGE_KEYS = (
    "message",
    "error",
    "errors",
    "detail",
    "details",
    "title",
    "description",
    "reason",
    "msg",
)
_DETAIL_KEYS = ("errors", "details")

_NEVER_SENT = (NewConnectionError, ClosedPoolError)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request: its outcome, and the verdict on sending the row again."""

    outcome: Outcome
    verdict: Verdict = "final"
    retry_after: float | None = None


def read_answer(response: requests.Response) -> Attempt:
    """Return the attempt that an answer amounts to."""
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

    if isinstance(answer, dict) and isinstance(answer.get("objects"), dict):
        return Attempt(Outcome("ok", 200, None, answer["objects"]))

    excerpt = _shorten(_text(response)) or "nothing"
    return _unsure(200, f"200, but {problem}: {excerpt}. The workflow probably ran")


def _read_undocumented(response: requests.Response) -> Attempt:
    status = response.status_code
    text = "an undocumented answer, so it is not known whether the workflow ran"
    return _unsure(status, f"{status}: {text}")


def _read_redirect(response: requests.Response) -> Attempt:
    target = _shorten(response.headers.get("Location", "nowhere"))
    text = f"the server redirects to {target}, and the token is not sent there; check the base URL"
    return _rejected(response.status_code, text)


def _read_refused_token(response: requests.Response) -> Attempt:
    text = f"{_reason(response)}. The server refused the token: check it and its type"
    return _rejected(response.status_code, text)


def _read_throttled(response: requests.Response) -> Attempt:
    text = f"429: more requests than the token may send. {_message(response)}".strip()
    wait = parse_retry_after(response.headers.get("Retry-After"))
    return Attempt(Outcome("not_sent", 429, text), "throttled", wait)


def _read_unavailable(response: requests.Response) -> Attempt:
    # Only a server that chose not to run the workflow sends Retry-After; a broken one may have.
    if "Retry-After" not in response.headers:
        return _read_server_error(response)

    text = f"503: {_message(response) or 'not available'}"
    wait = parse_retry_after(response.headers["Retry-After"])
    return Attempt(Outcome("not_sent", 503, text), "unavailable", wait)


def _read_server_error(response: requests.Response) -> Attempt:
    status = response.status_code
    return _unsure(status, f"{status}: {_reason(response)}. {MIGHT_HAVE_RUN}")


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
"""The first that has an answer's status reads it; all other statuses are rejections."""


def read_failure(error: Exception, base_url: str, timeout: tuple[float, float]) -> Attempt:
    """Return the attempt of a request that got no answer.

    Parameters
    ----------
    error : Exception
        The exception of `requests`, urllib3 or the operating system.
    base_url : str
        Where the request was sent.
    timeout : tuple of float
        The seconds to wait for a connection, and for an answer.
    """
    problem = _connection_problem(error, urlsplit(base_url).netloc, timeout[0])
    if problem is not None:
        return Attempt(Outcome("not_sent", None, problem), "unreached")

    if isinstance(error, requests.Timeout):
        problem = f"no answer within {timeout[1]:g} s"
    elif isinstance(error, requests.exceptions.ChunkedEncodingError):
        problem = "the answer was cut short"
    else:
        problem = "the connection broke before the answer arrived"
    return _unsure(None, f"{problem}. {MIGHT_HAVE_RUN}")


def _connection_problem(error: Exception, host: str, timeout: float) -> str | None:
    """Return why no connection was established; None if the request might have arrived."""
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return (
            f"the certificate of {host} can't be trusted, so nothing was sent; "
            "check the base URL and the proxy"
        )

    if isinstance(error, requests.ConnectTimeout):
        return f"{host} did not accept a connection within {timeout:g} s; check the network"

    never_sent = any(isinstance(cause, _NEVER_SENT) for cause in causes)
    if never_sent or isinstance(error, requests.exceptions.ProxyError):
        detail = _system_message(causes)
        return f"{host} can't be reached{detail}; check the network and the base URL"

    return None


def _system_message(causes: Iterable[BaseException]) -> str:
    """Return the operating system's message in parentheses, if there is one."""
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            return f" ({cause.strerror})"
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all errors behind it.

    `requests` and urllib3 keep them as arguments and reasons as well as causes.
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
        pending += [getattr(cause, "reason", None), cause.__cause__, cause.__context__]


def _rejected(status: int, text: str) -> Attempt:
    return Attempt(Outcome("rejected", status, f"{status}: {text}"))


def _unsure(status: int | None, text: str) -> Attempt:
    return Attempt(Outcome("unknown", status, text), "unsure")


def _reason(response: requests.Response) -> str:
    """Return the server's message, otherwise the words of its status, which proxies often omit."""
    message = _message(response)
    if message:
        return message
    return response.reason or responses.get(response.status_code, "no reason was given")


def _message(response: requests.Response) -> str:
    """Return the server's message: that of a JSON answer of any shape, otherwise its text."""
    try:
        message = _find_message(decode(response.content))
    except ValueError:
        message = _text(response)
    return _shorten(message)


def _find_message(answer: JSON) -> str:
    if isinstance(answer, dict):
        return _find_message_of_object(answer)
    if isinstance(answer, list):
        return "; ".join(_find_messages(answer))
    if answer is None or isinstance(answer, bool):
        return ""
    return str(answer)


def _find_message_of_object(answer: dict[str, JSON]) -> str:
    messages = _find_messages(answer.get(key) for key in _MESSAGE_KEYS)
    if messages:
        # "Validation failed" is useless without the list of what failed.
        details = _find_messages(answer.get(key) for key in _DETAIL_KEYS)
        return ": ".join(dict.fromkeys([messages[0], *details[:1]]))

    texts = {key: _find_message(item) for key, item in answer.items()}
    return "; ".join(f"{key}: {text}" for key, text in texts.items() if text)


def _find_messages(answers: Iterable[JSON]) -> list[str]:
    """Return the messages of several answers, without the empty ones."""
    return list(filter(None, map(_find_message, answers)))


def _text(response: requests.Response) -> str:
    """Return the text of an answer, without the tags of HTML."""
    text = response.text
    if "<" in text and "html" in response.headers.get("Content-Type", text[:200]).lower():
        text = re.sub(r"(?is)<(script|style)\b.*?</\1>|<[^>]*>", " ", text)
    return text


def _shorten(text: str) -> str:
    return cut(" ".join(text.split()))
