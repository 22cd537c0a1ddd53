"""What an answer, or its failure, means for the row."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import responses
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ClosedPoolError, NewConnectionError

from flxframe.models import JSON, Outcome
from flxframe.request.json_text import decode
from flxframe.run.retries import Verdict, parse_retry_after

_LONGEST_ERROR = 300


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


_NEVER_SENT = (NewConnectionError, ClosedPoolError)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one request: its outcome, and what the retry table must know."""

    outcome: Outcome
    verdict: Verdict = "final"
    retry_after: float | None = None


def _read(response: requests.Response) -> Attempt:
    status = response.status_code
    if status == 200:
        return _read_ok(response)
    reason = response.reason or responses.get(
        status, "no reason was given"
    )  # proxies often leave it out
    message = _message(response)
    if status == 429:
        return Attempt(
            Outcome(
                "not_sent", status, f"429: more requests than the token may send. {message}".strip()
            ),
            "throttled",
            parse_retry_after(response.headers.get("Retry-After")),
        )
    if status >= 500:
        wait = parse_retry_after(response.headers.get("Retry-After"))
        if status == 503 and "Retry-After" in response.headers:
            return Attempt(
                Outcome("not_sent", status, f"503: {message or 'not available'}"),
                "unavailable",
                wait,
            )
        error = f"{status}: {message or reason}. The workflow may have run: check before you send it again"
        return Attempt(Outcome("unknown", status, error), "unsure")
    if 200 < status < 300:
        error = f"{status}: an answer the API doesn't document, so it isn't known whether the workflow ran"
        return Attempt(Outcome("unknown", status, error), "unsure")
    if 300 <= status < 400:
        where = response.headers.get("Location", "nowhere")
        message = f"the server points to {_shortened(where)}, and a token isn't sent to another place; check the base URL"
    elif status in (401, 403):
        message = (
            f"{message or reason}. The server refused the token: check it, and that its type fits"
        )
    return Attempt(Outcome("rejected", status, f"{status}: {message or reason}"))


def _read_ok(response: requests.Response) -> Attempt:
    problem = "the answer is no JSON"
    try:
        answer = decode(response.content)
    except ValueError:
        answer = None
    else:
        problem = "the answer has no objects"
    if isinstance(answer, dict) and isinstance(answer.get("objects"), dict):
        return Attempt(Outcome("ok", 200, None, answer["objects"]))
    shown = _shortened(_plain(response)) or "nothing"
    return Attempt(
        Outcome("unknown", 200, f"200, but {problem}: {shown}. The workflow probably ran"), "unsure"
    )


def _failed(error: Exception, base_url: str, timeout: tuple[float, float]) -> Attempt:
    host = urlsplit(base_url).netloc
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        text = f"the certificate of {host} can't be trusted, so nothing was sent; check the base URL and the proxy"
        return Attempt(Outcome("not_sent", None, text), "unreached")
    if isinstance(error, requests.ConnectTimeout):
        text = f"{host} didn't take the connection within {timeout[0]:g} s; check the network"
        return Attempt(Outcome("not_sent", None, text), "unreached")
    if isinstance(error, requests.exceptions.ProxyError) or any(
        isinstance(cause, _NEVER_SENT) for cause in causes
    ):
        why = next(
            (
                str(cause.strerror)
                for cause in causes
                if isinstance(cause, OSError) and cause.strerror
            ),
            "",
        )
        text = f"{host} can't be reached{f' ({why})' if why else ''}; check the network and the base URL"
        return Attempt(Outcome("not_sent", None, text), "unreached")
    if isinstance(error, requests.Timeout):
        what = f"no answer within {timeout[1]:g} s"
    elif isinstance(error, requests.exceptions.ChunkedEncodingError):
        what = "the answer was cut short"
    else:
        what = "the connection broke before an answer came"
    text = f"{what}. The workflow may have run: check before you send it again"
    return Attempt(Outcome("unknown", None, text), "unsure")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk what is behind an error: requests and urllib3 keep it as arguments and reasons as well as causes."""
    seen: set[int] = set()
    todo: list[Any] = [error]
    while todo:
        cause = todo.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        todo += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]


def _message(response: requests.Response) -> str:
    """Find what a refusal says: a JSON message of any shape, else its text."""
    try:
        found = _find_message(decode(response.content))
    except ValueError:
        found = _plain(response)
    return _shortened(found)


def _find_message(answer: JSON) -> str:
    if isinstance(answer, str):
        return answer
    if isinstance(answer, list):
        return "; ".join(text for item in answer if (text := _find_message(item)))
    if isinstance(answer, dict):
        known = [text for key in _MESSAGE_KEYS if (text := _find_message(answer.get(key)))]
        if known:
            # "Validation failed" alone helps nobody where a list beside it says of what.
            lists = [
                text for key in ("errors", "details") if (text := _find_message(answer.get(key)))
            ]
            return ": ".join(dict.fromkeys([known[0], *lists[:1]]))
        return "; ".join(
            f"{key}: {text}" for key, item in answer.items() if (text := _find_message(item))
        )
    return "" if answer is None or isinstance(answer, bool) else str(answer)


def _plain(response: requests.Response) -> str:
    text = response.text
    if "<" in text and "html" in response.headers.get("Content-Type", text[:200]).lower():
        text = re.sub(r"(?is)<(script|style)\b.*?</\1>|<[^>]*>", " ", text)
    return text


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_ERROR else text[: _LONGEST_ERROR - 1] + "…"
