"""One request to one outcome, over `requests`."""

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
from flxframe.run.responses import Attempt, _failed, _read
from flxframe.run.tokens import resolve_token

_STALE = 30.0
"""Seconds of rest after which an idle connection isn't trusted: a computer that slept, or a router, may have dropped
it without a word, and a request sent into it would be `unknown`."""


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
        check_timeout("timeout", timeout)
        self._timeout = (min(10.0, timeout), timeout)
        self._session = _Session()
        self._session.auth = _no_auth  # else a .netrc of the user's would add its own header
        # A proxy of the environment must not see a token that travels to this machine in the clear.
        self._session.trust_env = self.base_url.startswith("https:")
        adapter = HTTPAdapter(pool_maxsize=connections, max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._session.headers.update(
            {
                "X-API-TOKEN": resolve_token(token),
                "Accept": "application/json",
                "Content-Type": "application/json",
            }
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
        now = (
            time.time()
        )  # the wall's clock, since the monotonic one may stand still while a computer sleeps
        if now - self._last_used > _STALE:
            self._session.close()
        self._last_used = now
        start = time.perf_counter()
        try:
            response = self._session.post(
                f"{self.base_url}/workflow/run",
                data=body,
                timeout=self._timeout,
                allow_redirects=False,
            )
            attempt = _read(response)
        except (requests.RequestException, HTTPError, HTTPException, OSError) as error:
            attempt = _failed(error, self.base_url, self._timeout)
        outcome = dataclasses.replace(
            attempt.outcome, attempts=1, seconds=time.perf_counter() - start
        )
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
    """Return the checked base URL, by default that of ``FLXPOINT_BASE_URL`` or of the real API.

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
