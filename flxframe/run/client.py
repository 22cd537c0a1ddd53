"""Send single requests, and return their outcomes."""

from __future__ import annotations

import dataclasses
import os
import time
from urllib.parse import urlsplit

from requests.utils import default_user_agent
from urllib3 import HTTPHeaderDict, Timeout

from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.options.checks import DEFAULT_RESPONSE_MIB, check_response_size, check_timeout
from flxframe.request.base_url import API_URL, ENDPOINT, check_base_url
from flxframe.request.json_text import encode
from flxframe.request.token import Token, hide
from flxframe.run.answers import Answer, receive
from flxframe.run.connections import Exchange, exchanging
from flxframe.run.masking import NOTE, Mask
from flxframe.run.responses import Attempt, read_answer, read_failure
from flxframe.run.route import open_pool
from flxframe.run.tokens import resolve_token
from flxframe.text import escape_unprintable

_MAX_CONNECT_TIMEOUT = 10.0

_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Content-Type": "application/json",
    "User-Agent": default_user_agent(),
}
"""The headers of each request; the token is added when it is sent, since locals show it."""


class FlxpointClient:
    """A client of the Run Workflow endpoint, on connections that it keeps open.

    Parameters
    ----------
    token : str, optional
        The API token; by default the environment's ``FLXPOINT_API_TOKEN``.
    base_url : str, optional
        The URL of the API; by default the environment's ``FLXPOINT_BASE_URL``, otherwise the real
        API. It must be https unless the host is this machine.
    timeout : float
        Seconds from connecting to the last byte of the answer; at most 10 of them to connect.
    max_response_mib : int
        The maximum size of an answer in MiB, unpacked.
    connections : int
        The number of connections to keep open.
    mask : Mask, optional
        Masks the tokens in the answers; by default only this one.

    Raises
    ------
    TokenError
        If there is no token, or it cannot be sent in a header.
    SettingError
        If `base_url` is not safe to send a token to, `timeout` or `max_response_mib` is out of
        range, or the proxy or the certificates of the environment cannot be used.

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
        max_response_mib: int = DEFAULT_RESPONSE_MIB,
        connections: int = 16,
        mask: Mask | None = None,
    ) -> None:
        token = hide(token)
        self.base_url = resolve_base_url(base_url)
        check_timeout("timeout", timeout)
        check_response_size("max_response_mib", max_response_mib)
        self._timeout = Timeout(connect=min(_MAX_CONNECT_TIMEOUT, timeout), read=timeout)
        self._seconds = timeout
        self._max_response = max_response_mib * 2**20
        self._token = resolve_token(token)
        self._mask = mask or Mask([self._token])
        self._path = urlsplit(self.base_url).path + ENDPOINT
        self._pool = open_pool(self.base_url, connections)

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
        self._pool.close()

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
        try:
            body = encode(request.body()).encode()
        except (TypeError, ValueError, RecursionError) as error:
            text = f"not sent: the request can't be written as JSON ({error}); correct its objects"
            return Attempt(Outcome("not_sent", error=escape_unprintable(text)))

        start = time.perf_counter()
        exchange = Exchange(time.monotonic() + self._seconds, self._max_response)
        try:
            attempt = self._exchange(body, exchange)
        except Exception as error:  # what counts is how far the request got
            proxied = self._pool.proxy is not None
            attempt = read_failure(error, exchange, self.base_url, self._seconds, proxied=proxied)
        except BaseException as error:  # such as Ctrl-C
            # The local variables of the frames below contain the headers, and so the token.
            error.__context__ = None
            raise error.with_traceback(None) from None
        seconds = time.perf_counter() - start

        message = attempt.outcome.error
        # A server might quote the token that it refused, or send what controls a terminal.
        if message is not None:
            message = escape_unprintable(self._mask.text(message))

        outcome = dataclasses.replace(
            attempt.outcome,
            error=message,
            attempts=1,
            seconds=seconds,
        )
        return dataclasses.replace(attempt, outcome=outcome)

    def _exchange(self, body: bytes, exchange: Exchange) -> Attempt:
        """Send a body, and read the answer; raise if there is none."""
        with exchanging(exchange):
            response = self._pool.urlopen(
                "POST",
                self._path,
                body=body,
                headers={**_HEADERS, "X-API-TOKEN": self._token.reveal()},
                retries=False,
                redirect=False,
                timeout=self._timeout,
                preload_content=False,
                decode_content=False,
            )
            answer = receive(response, exchange.max_response)
        return self._read(answer)

    def _read(self, answer: Answer) -> Attempt:
        """Read an answer, with the tokens masked that it contains, before messages are cut."""
        attempt = read_answer(answer)
        head = "\n".join([answer.reason, *answer.headers.values()])
        if not self._mask.is_in(head.encode("latin-1", "replace") + answer.body):
            return attempt

        outcome = attempt.outcome
        if outcome.objects is None:
            return read_answer(_masked(answer, self._mask))
        objects = self._mask.objects(outcome.objects)
        if objects == outcome.objects:
            return attempt
        outcome = dataclasses.replace(outcome, objects=objects, error=NOTE)
        return dataclasses.replace(attempt, outcome=outcome)


def _masked(answer: Answer, mask: Mask) -> Answer:
    """Return an answer with the tokens masked in its body, its headers and its phrase."""
    headers = HTTPHeaderDict()
    for name, value in answer.headers.items():
        headers.add(name, mask.text(value))
    return dataclasses.replace(
        answer, reason=mask.text(answer.reason), headers=headers, body=mask.body(answer.body)
    )


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
