"""Send single requests with `requests`, and return their outcomes."""

from __future__ import annotations

import dataclasses
import os
import time
from http.client import HTTPException

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.options.checks import check_timeout
from flxframe.request.base_url import API_URL, check_base_url
from flxframe.request.json_text import encode
from flxframe.request.token import Token, hide
from flxframe.run.masking import NOTE, Mask
from flxframe.run.responses import Attempt, read_answer, read_failure
from flxframe.run.tokens import resolve_token

_MAX_IDLE = 30.0
"""Seconds after which an idle connection is closed: a router, or a computer that was asleep, might
have dropped it silently, and a request sent over it would be `unknown`."""

_SEND_ERRORS = (requests.RequestException, HTTPError, HTTPException, OSError)

_MAX_CONNECT_TIMEOUT = 10.0


class FlxpointClient:
    """A client of the Run Workflow endpoint, on one keep-alive session.

    Parameters
    ----------
    token : str, optional
        The API token; by default the environment's ``FLXPOINT_API_TOKEN``.
    base_url : str, optional
        The URL of the API; by default the environment's ``FLXPOINT_BASE_URL``, otherwise the real
        API. It must be https unless the host is this machine.
    timeout : float
        Seconds to wait for an answer; at most 10 of them to connect.
    connections : int
        The number of connections to keep open.
    mask : Mask, optional
        Masks the tokens in the answers; by default only this one.

    Raises
    ------
    TokenError
        If there is no token, or it cannot be sent in a header.
    SettingError
        If `base_url` is not safe to send a token to, or `timeout` is out of range.

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
        token: str | Token | None = None,
        base_url: str | None = None,
        timeout: float = 60.0,
        connections: int = 16,
        mask: Mask | None = None,
    ) -> None:
        token = hide(token)
        self.base_url = resolve_base_url(base_url)
        check_timeout("timeout", timeout)
        self._timeout = (min(_MAX_CONNECT_TIMEOUT, timeout), timeout)
        self._token = resolve_token(token)
        self._mask = mask or Mask([self._token])
        self._session = _session(self._token, connections)
        # The environment's proxy must not see a token that is sent unencrypted to this machine.
        self._session.trust_env = self.base_url.startswith("https:")
        self._last_used = time.time()

    def __repr__(self) -> str:
        # A traceback with local variables shows it even if it could not be created.
        base_url = getattr(self, "base_url", None)
        return f"FlxpointClient(base_url={base_url!r})"

    def __enter__(self) -> FlxpointClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def run_workflow(self, request: RunWorkflowRequest) -> Outcome:
        """Send a request once, and return its outcome. A failure is an outcome too.

        Parameters
        ----------
        request : RunWorkflowRequest
            The request.

        Returns
        -------
        Outcome
            The outcome; its `status` is never ``invalid``.
        """
        return self.attempt(request).outcome

    def attempt(self, request: RunWorkflowRequest) -> Attempt:
        """Send a request once, and return its outcome and whether it can be sent again."""
        body = encode(request.body()).encode()
        self._close_idle_connections()

        start = time.perf_counter()
        try:
            response = self._session.post(
                f"{self.base_url}/workflow/run",
                data=body,
                timeout=self._timeout,
                allow_redirects=False,
            )
            attempt = self._read(response)
        except _SEND_ERRORS as error:
            attempt = read_failure(error, self.base_url, self._timeout)
        seconds = time.perf_counter() - start

        message = attempt.outcome.error
        if message is not None:
            message = self._mask.text(message)

        outcome = dataclasses.replace(
            attempt.outcome,
            error=message,
            attempts=1,
            seconds=seconds,
        )
        return dataclasses.replace(attempt, outcome=outcome)

    def _read(self, response: requests.Response) -> Attempt:
        """Read an answer, with the tokens masked that it contains, before messages are cut."""
        attempt = read_answer(response)
        head = "\n".join([response.reason or "", *response.headers.values()])
        if not self._mask.is_in(head.encode("latin-1", "replace") + response.content):
            return attempt

        outcome = attempt.outcome
        if outcome.objects is None:
            return read_answer(_masked(response, self._mask))
        objects = self._mask.objects(outcome.objects)
        if objects == outcome.objects:
            return attempt
        outcome = dataclasses.replace(outcome, objects=objects, error=NOTE)
        return dataclasses.replace(attempt, outcome=outcome)

    def _close_idle_connections(self) -> None:
        # Not the monotonic clock, which can stop while a computer is asleep.
        now = time.time()
        if now - self._last_used > _MAX_IDLE:
            self._session.close()
        self._last_used = now


class _Session(requests.Session):
    """A session that ignores redirects.

    `requests` parses the target even if it does not follow it, and raises if it is malformed.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None: there is nothing to follow."""


def _masked(response: requests.Response, mask: Mask) -> requests.Response:
    """Return an answer with the tokens masked in its body, its headers and its phrase."""
    masked = requests.Response()
    masked.status_code = response.status_code
    masked.reason = mask.text(response.reason or "")
    masked.encoding = response.encoding
    masked._content = mask.body(response.content)
    for name, value in response.headers.items():
        masked.headers[name] = mask.text(value)
    return masked


def _session(token: Token, connections: int) -> _Session:
    session = _Session()
    session.auth = _Authorization(token)  # otherwise the user's .netrc would add a header
    session.headers.update(
        {
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
    )

    adapter = HTTPAdapter(pool_maxsize=connections, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class _Authorization(requests.auth.AuthBase):
    """Adds the token to a request when it is sent; the session's own headers would show it."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["X-API-TOKEN"] = self._token.reveal()
        return request


def resolve_base_url(base_url: str | None) -> str:
    """Return the checked base URL, by default ``FLXPOINT_BASE_URL`` or the real API.

    Raises
    ------
    SettingError
        If it is not a valid URL, or not https although the host is another machine.

    Examples
    --------
    >>> resolve_base_url("http://127.0.0.1:8000/")
    'http://127.0.0.1:8000'
    """
    if base_url is not None:
        return check_base_url(base_url)
    return check_base_url(os.environ.get("FLXPOINT_BASE_URL") or API_URL)
