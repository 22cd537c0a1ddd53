"""One request to one outcome, over `requests`."""

from __future__ import annotations

import dataclasses
import os
import re
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException, responses
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ClosedPoolError, HTTPError, NewConnectionError

from flxframe.bodies import API_URL, decode, encode
from flxframe.exceptions import SettingError
from flxframe.outcomes import JSON, Outcome, RunWorkflowRequest
from flxframe.retries import Verdict, parse_retry_after
from flxframe.tokens import resolve_token

_LONGEST_ERROR = 300
_MESSAGE_KEYS = ("message", "error", "errors", "detail", "details", "title", "description", "reason", "msg")
_STALE = 30.0
"""Seconds of rest after which an idle connection isn't trusted: a computer that slept, or a router, may have dropped
it without a word, and a request sent into it would be `unknown`."""


_LONGEST_TIMEOUT = 86_400.0
"""Seconds. No socket waits for ever, and a workflow that takes a day has failed."""
_NEVER_SENT = (NewConnectionError, ClosedPoolError)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one request: its outcome, and what the retry table must know."""

    outcome: Outcome
    verdict: Verdict = "final"
    retry_after: float | None = None


class FlxpointClient:
    """A client of the Run Workflow endpoint, on one keep-alive session.

    Parameters
    ----------
    token : str, optional
        The API token; by default the environment's ``FLXPOINT_API_TOKEN``.
    base_url : str, optional
        Where the API lives; by default the environment's ``FLXPOINT_BASE_URL``, else the real API. It must be https
        unless the host is this machine.
    timeout : float
        Seconds to wait for an answer; at most 10 of them to connect.
    connections : int
        How many connections are kept open.

    Raises
    ------
    TokenError
        If there is no token, or one that no header can carry.
    SettingError
        If `base_url` isn't safe to send a token to.

    Examples
    --------
    >>> from flxframe import sandbox
    >>> request = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"sku": "007"}})
    >>> with sandbox() as api, FlxpointClient(token=api.token, base_url=api.url) as client:
    ...     client.run_workflow(request).status
    'ok'
    """

    def __init__(
        self,
        *,
        token: str | None = None,
        base_url: str | None = None,
        timeout: float = 60.0,
        connections: int = 16,
    ) -> None:
        self.base_url = resolve_base_url(base_url)
        if not 0 < timeout <= _LONGEST_TIMEOUT:
            raise SettingError(f"timeout={timeout!r} must be a number of seconds above 0, at most {_LONGEST_TIMEOUT:g}")
        self._timeout = (min(10.0, timeout), timeout)
        self._session = _Session()
        self._session.auth = _no_auth  # else a .netrc of the user's would add its own header
        # A proxy of the environment must not see a token that travels to this machine in the clear.
        self._session.trust_env = self.base_url.startswith("https:")
        adapter = HTTPAdapter(pool_maxsize=connections, max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._session.headers.update(
            {"X-API-TOKEN": resolve_token(token), "Accept": "application/json", "Content-Type": "application/json"}
        )
        self._last_used = time.time()

    def __repr__(self) -> str:
        return f"FlxpointClient(base_url={self.base_url!r})"

    def __enter__(self) -> FlxpointClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def run_workflow(self, request: RunWorkflowRequest) -> Outcome:
        """Send one request, once, and say what became of it. Trouble is an outcome, not an exception.

        Parameters
        ----------
        request : RunWorkflowRequest
            What to send.

        Returns
        -------
        Outcome
            Its `status` is never ``invalid``.
        """
        return self.attempt(request).outcome

    def attempt(self, request: RunWorkflowRequest) -> Attempt:
        """Send one request, once, and say whether it may be sent again too."""
        body = encode(request.body()).encode()
        now = time.time()  # the wall's clock, since the monotonic one may stand still while a computer sleeps
        if now - self._last_used > _STALE:
            self._session.close()
        self._last_used = now
        start = time.perf_counter()
        try:
            response = self._session.post(
                f"{self.base_url}/workflow/run", data=body, timeout=self._timeout, allow_redirects=False
            )
            attempt = _read(response)
        except (requests.RequestException, HTTPError, HTTPException, OSError) as error:
            attempt = _failed(error, self.base_url, self._timeout)
        outcome = dataclasses.replace(attempt.outcome, attempts=1, seconds=time.perf_counter() - start)
        if outcome.error is not None:  # a server may well quote the token that it refuses
            token = str(self._session.headers["X-API-TOKEN"])
            outcome = dataclasses.replace(outcome, error=outcome.error.replace(token, "[token]"))
        return dataclasses.replace(attempt, outcome=outcome)


class _Session(requests.Session):
    """Looks at no redirect: `requests` works one out even where it isn't to follow it, and may fail at it."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Say that there is none."""


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def resolve_base_url(base_url: str | None) -> str:
    """Return where requests go to: the argument, else ``FLXPOINT_BASE_URL``, else the real API.

    Raises
    ------
    SettingError
        If it is no URL, or not https while the host isn't this machine.

    Examples
    --------
    >>> resolve_base_url("http://127.0.0.1:8000/")
    'http://127.0.0.1:8000'
    """
    url = (base_url or os.environ.get("FLXPOINT_BASE_URL") or API_URL).strip().rstrip("/")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise SettingError(f"the base URL {url!r} is no URL ({error}); write it as {API_URL}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingError(f"the base URL {url!r} is no URL; write it as {API_URL}")
    if parts.username or parts.password:
        raise SettingError("the base URL holds a user name or password; leave it out, the token is what the API wants")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise SettingError(f"the base URL {url!r} would send the token in the clear; write https://")
    return url


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("127.0.0.1.example.com")
    (True, False)
    """
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.[0-9]{1,3}){3}", host) is not None


def _read(response: requests.Response) -> Attempt:
    status = response.status_code
    if status == 200:
        return _read_ok(response)
    reason = response.reason or responses.get(status, "no reason was given")  # proxies often leave it out
    message = _message(response)
    if status == 429:
        return Attempt(
            Outcome("not_sent", status, f"429: more requests than the token may send. {message}".strip()),
            "throttled",
            parse_retry_after(response.headers.get("Retry-After")),
        )
    if status >= 500:
        wait = parse_retry_after(response.headers.get("Retry-After"))
        if status == 503 and "Retry-After" in response.headers:
            return Attempt(Outcome("not_sent", status, f"503: {message or 'not available'}"), "unavailable", wait)
        error = f"{status}: {message or reason}. The workflow may have run: check before you send it again"
        return Attempt(Outcome("unknown", status, error), "unsure")
    if 200 < status < 300:
        error = f"{status}: an answer the API doesn't document, so it isn't known whether the workflow ran"
        return Attempt(Outcome("unknown", status, error), "unsure")
    if 300 <= status < 400:
        where = response.headers.get("Location", "nowhere")
        message = (
            f"the server points to {_shortened(where)}, and a token isn't sent to another place; check the base URL"
        )
    elif status in (401, 403):
        message = f"{message or reason}. The server refused the token: check it, and that its type fits"
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
    return Attempt(Outcome("unknown", 200, f"200, but {problem}: {shown}. The workflow probably ran"), "unsure")


def _failed(error: Exception, base_url: str, timeout: tuple[float, float]) -> Attempt:
    host = urlsplit(base_url).netloc
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        text = f"the certificate of {host} can't be trusted, so nothing was sent; check the base URL and the proxy"
        return Attempt(Outcome("not_sent", None, text), "unreached")
    if isinstance(error, requests.ConnectTimeout):
        text = f"{host} didn't take the connection within {timeout[0]:g} s; check the network"
        return Attempt(Outcome("not_sent", None, text), "unreached")
    if isinstance(error, requests.exceptions.ProxyError) or any(isinstance(cause, _NEVER_SENT) for cause in causes):
        why = next((str(cause.strerror) for cause in causes if isinstance(cause, OSError) and cause.strerror), "")
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
            lists = [text for key in ("errors", "details") if (text := _find_message(answer.get(key)))]
            return ": ".join(dict.fromkeys([known[0], *lists[:1]]))
        return "; ".join(f"{key}: {text}" for key, item in answer.items() if (text := _find_message(item)))
    return "" if answer is None or isinstance(answer, bool) else str(answer)


def _plain(response: requests.Response) -> str:
    text = response.text
    if "<" in text and "html" in response.headers.get("Content-Type", text[:200]).lower():
        text = re.sub(r"(?is)<(script|style)\b.*?</\1>|<[^>]*>", " ", text)
    return text


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_ERROR else text[: _LONGEST_ERROR - 1] + "…"
