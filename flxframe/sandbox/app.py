"""The sandbox: a local mock of the API, for demos, rehearsals and tests.

It shares no code with the client that is tested against it, since a mistake in shared code would go
unnoticed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, get_args

from flxframe.sandbox.contract import MAX_BODY_BYTES
from flxframe.sandbox.endpoint import Endpoint
from flxframe.sandbox.faults import Fault, FaultPlan, Kind, RetryAfter, When, make_fault
from flxframe.sandbox.limits import (
    FixedWindow,
    Limit,
    Limiter,
    SlidingWindow,
    TokenBucket,
    make_limiter,
)
from flxframe.sandbox.log import Arrival, ArrivalLog
from flxframe.sandbox.server import Server
from flxframe.sandbox.workflows import WORKFLOWS, Function, Workflow

__all__ = ["Arrival", "FixedWindow", "Sandbox", "SlidingWindow", "TokenBucket", "sandbox"]


class Sandbox:
    """Serve the endpoint on a loopback port.

    Parameters
    ----------
    token : str
        The token to accept.
    tokens : sequence of str
        The tokens to accept instead, each with its own limit.
    limit : str, optional
        How to count requests: by a "sliding" window, a "fixed" window, or a token "bucket" with the
        capacity `rate`; None for no limit.
    rate : float
        The requests per second that a token may send; requests that get a 429 do not count.
    retry_after : str
        The form of `Retry-After` in a 429: "seconds", a "date", an "absurd" number, or "none".
    latency : float or callable
        Seconds until an answer, or a function that returns them; answers do not delay one another.
    port : int
        The port to listen on; 0 for any free port.
    log_path : path, optional
        A file to which each arrival is appended as a line of JSON before it is answered.
    clock : callable
        Returns the time for the limit, in seconds.

    Examples
    --------
    >>> import requests
    >>> order = {"shippingAddress": {"countryCode": "DE"}}
    >>> with Sandbox() as api:
    ...     answer = requests.post(
    ...         f"{api.url}/workflow/run",
    ...         json={"eventHandle": "order_import", "objects": {"order": order}},
    ...         headers={"X-API-TOKEN": api.token},
    ...     )
    >>> answer.json()["objects"]["order"]["status"]
    'Hold'
    """

    def __init__(
        self,
        *,
        token: str = "sandbox-token",  # noqa: S107  it is not a secret
        tokens: Sequence[str] = (),
        limit: Limit | None = "sliding",
        rate: float = 2.0,
        retry_after: RetryAfter = "seconds",
        latency: float | Callable[[], float] = 0.0,
        port: int = 0,
        log_path: str | Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if retry_after not in get_args(RetryAfter):
            forms = ", ".join(get_args(RetryAfter))
            raise ValueError(f"retry_after must be one of {forms}, not {retry_after!r}")

        self.tokens = tuple(tokens) or (token,)
        self.port = port
        self._retry_after = retry_after
        self._workflows: list[Workflow] = list(WORKFLOWS)
        self._workflows_lock = threading.Lock()
        self._faults = FaultPlan()
        self._log = ArrivalLog(log_path)
        self._server: Server | None = None

        limiters: dict[str, Limiter | None] = dict.fromkeys(self.tokens)
        if limit is not None:
            for accepted_token in self.tokens:
                limiters[accepted_token] = make_limiter(limit, rate)

        self._endpoint = Endpoint(
            limiters=limiters,
            workflows=self._workflows,
            faults=self._faults,
            log=self._log,
            retry_after=retry_after,
            latency=latency,
            clock=clock,
        )

    @property
    def token(self) -> str:
        """The token that it accepts; the first of several."""
        return self.tokens[0]

    @property
    def url(self) -> str:
        """The base URL, once the sandbox is started."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def arrivals(self) -> list[Arrival]:
        """All requests so far, in the order in which they arrived."""
        return self._log.arrivals()

    @property
    def runs(self) -> list[Arrival]:
        """The arrivals that ran a workflow."""
        return [arrival for arrival in self.arrivals if arrival.ran]

    def start(self) -> Self:
        """Start serving, on the same port as before if it was stopped.

        Raises
        ------
        OSError
            If the port is not free.
        """
        if self._server is None:
            self._server = Server(self.port, self._endpoint.respond, max_body_bytes=MAX_BODY_BYTES)
            self.port = self._server.port
            self._server.start()

        return self

    def stop(self) -> None:
        """Answer pending requests at once and stop serving; connections are then refused."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def add_workflow(
        self,
        event: str,
        function: Function,
        *,
        id: int | None = None,
        draft: Function | None = None,
        params: Mapping[str, int] | None = None,
    ) -> int:
        """Add a workflow and its event, or replace the workflow with the same event and params.

        Parameters
        ----------
        event : str
            The handle of its event.
        function : callable
            Receives a copy of the objects and returns the objects to answer (or changes the copy
            and returns None). If it raises, the answer is 500.
        id : int, optional
            Its id; by default the next free one.
        draft : callable, optional
            Its draft version; by default the same function.
        params : Mapping of str to int, optional
            The params that identify it, together with the event. Without them, it serves all params
            that have no other workflow.

        Returns
        -------
        int
            Its id.
        """
        with self._workflows_lock:
            if id is None:
                ids = [workflow.id or 0 for workflow in self._workflows]
                id = 1 + max(ids)

            workflow = Workflow(event, function, draft, id, dict(params or {}))
            self._workflows.append(workflow)

        return id

    def fail(
        self,
        kind: Kind,
        times: int = 1,
        *,
        when: When | None = None,
        after: int = 0,
        seconds: float = 3.0,
    ) -> None:
        """Schedule a fault for the next requests with an accepted token that are within its limit.

        Parameters
        ----------
        kind : int or str
            What goes wrong; `flxframe.sandbox.faults` lists the kinds. A fault that runs the
            workflow waits for a request that can be run.
        times : int
            The number of such requests.
        when : callable, optional
            Receives the body and returns whether the fault is for this request.
        after : int
            The number of such requests to answer normally first.
        seconds : float
            The delay of a slow answer.
        """
        fault = self._make_fault(kind, seconds)
        self._faults.fail(fault, times, when=when, after=after)

    def fail_randomly(
        self, kinds: Iterable[Kind], probability: float, seed: int = 0, *, seconds: float = 3.0
    ) -> None:
        """Schedule random faults for all requests from now on, after those of `fail`.

        Parameters
        ----------
        kinds : iterable of int or str
            What goes wrong, each equally probable; see `fail`.
        probability : float
            The share of the requests that get one.
        seed : int
            The seed of the random numbers.
        seconds : float
            The delay of a slow answer.
        """
        faults = [self._make_fault(kind, seconds) for kind in kinds]
        self._faults.fail_randomly(faults, probability, seed)

    def clear_faults(self) -> None:
        """Remove all scheduled faults."""
        self._faults.clear()

    def _make_fault(self, kind: Kind, seconds: float) -> Fault:
        return make_fault(kind, seconds=seconds, retry_after=self._retry_after)


sandbox = Sandbox
"""Lower-case alias, for ``with flxframe.sandbox() as api``."""
