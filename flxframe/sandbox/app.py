"""The sandbox: a local stand-in for the API, for demos, rehearsals and tests.

It knows for certain which requests ran a workflow. What it does with one, in this order::

    wrong path, method ──► 404, 405      not logged in ──► 401      over the limit ──► 429
    ──► is there a fault to order that needs no run?
    ──► no RunWorkflowRequest ──► 400, 413, 415      unknown id or event ──► 400
    ──► the workflow runs, and that is logged ──► latency ──► 200, or what a fault makes of it

It shares no code with the client that is tried on it: a mistake made on both sides would not be seen.
"""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, get_args

from flxframe.sandbox.contract import (
    DOCUMENT_PATH,
    LARGEST_BODY,
    METHODS,
    Answer,
    check_body,
    json_answer,
    openapi,
    parse_body,
)
from flxframe.sandbox.faults import FaultPlan, Kind, RetryAfter, When, make_fault, too_many
from flxframe.sandbox.limits import (
    FixedWindow,
    Limit,
    Limiter,
    SlidingWindow,
    TokenBucket,
    make_limiter,
)
from flxframe.sandbox.log import Arrival, ArrivalLog
from flxframe.sandbox.server import Incoming, Server
from flxframe.sandbox.workflows import WORKFLOWS, Function, Workflow, find_workflow

__all__ = ["Arrival", "FixedWindow", "Sandbox", "SlidingWindow", "TokenBucket", "sandbox"]


class Sandbox:
    """Serve the endpoint on a loopback port.

    Parameters
    ----------
    token : str
        The token that it accepts.
    tokens : sequence of str
        The tokens that it accepts instead, each with a limit of its own.
    limit : str, optional
        How it counts: by a "sliding" window, a "fixed" window, a token "bucket" of the capacity `rate`, or not at all.
    rate : float
        How many requests a second a token may make; those that get a 429 don't count.
    retry_after : str
        What a 429 carries: "seconds", a "date", an "absurd" number, or "none".
    latency : float or callable
        Seconds until an answer, or what tells them; answers don't wait for one another.
    port : int
        Where it listens; 0 for any free port.
    log_path : path, optional
        A file to which every arrival is added as a line of JSON before it is answered.
    clock : callable
        What tells the time to the limit, in seconds.

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
        token: str = "sandbox-token",  # noqa: S107  it opens nothing
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
            raise ValueError(
                f"retry_after must be one of {', '.join(get_args(RetryAfter))}, not {retry_after!r}"
            )
        self.tokens = tuple(tokens) or (token,)
        self.port = port
        self._limiters: dict[str, Limiter] = (
            {} if limit is None else {token: make_limiter(limit, rate) for token in self.tokens}
        )
        self._retry_after = retry_after
        self._latency = latency
        self._log = ArrivalLog(log_path)
        self._clock = clock
        self._lock = threading.Lock()
        self._workflows: list[Workflow] = list(WORKFLOWS)
        self._faults = FaultPlan()
        self._server: Server | None = None

    @property
    def token(self) -> str:
        """The token that it accepts; the first of several."""
        return self.tokens[0]

    @property
    def url(self) -> str:
        """Where it serves, once it is started."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def arrivals(self) -> list[Arrival]:
        """All requests to date, but those for the OpenAPI document, in the order in which they arrived."""
        return self._log.arrivals()

    @property
    def runs(self) -> list[Arrival]:
        """The arrivals that ran a workflow."""
        return [arrival for arrival in self.arrivals if arrival.ran]

    def start(self) -> Self:
        """Begin to serve, at the same port as before if it was stopped.

        Raises
        ------
        OSError
            If the port isn't free.
        """
        if self._server is None:
            self._server = Server(self.port, self._respond, largest_body=LARGEST_BODY)
            self.port = self._server.port
            self._server.start()
        return self

    def stop(self) -> None:
        """Answer what is under way at once, and serve no more: from now on connections are refused."""
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
        """Add a workflow, and its event if that is new; it takes the place of one with the same event and params.

        Parameters
        ----------
        event : str
            The handle of its event.
        function : callable
            Takes a copy of the objects, and returns them as they shall be answered (or changes them, and returns None).
            If it raises, the answer is 500.
        id : int, optional
            Its id; by default the next that is free.
        draft : callable, optional
            Its draft version; by default it is the same.
        params : Mapping of str to int, optional
            What identifies it together with the event. Without, it serves all params for which there is no other.

        Returns
        -------
        int
            Its id.
        """
        with self._lock:
            free = 1 + max(workflow.id or 0 for workflow in self._workflows)
            workflow = Workflow(
                event, function, draft, free if id is None else id, dict(params or {})
            )
            self._workflows.append(workflow)
        return workflow.id or 0

    def fail(
        self,
        kind: Kind,
        times: int = 1,
        *,
        when: When | None = None,
        after: int = 0,
        seconds: float = 3.0,
    ) -> None:
        """Order a fault for the next requests whose token is good and within its limit.

        Parameters
        ----------
        kind : int or str
            What goes wrong; `flxframe.sandbox_faults` has the list. A fault that needs a run waits for a request that
            can be run.
        times : int
            How often.
        when : callable, optional
            Takes the body, and says whether it is one of the requests that are meant.
        after : int
            How many of these requests are spared first.
        seconds : float
            How late a slow answer is.
        """
        fault = make_fault(kind, seconds=seconds, retry_after=self._retry_after)
        with self._lock:
            self._faults.fail(fault, times, when=when, after=after)

    def fail_randomly(
        self, kinds: Iterable[Kind], probability: float, seed: int = 0, *, seconds: float = 3.0
    ) -> None:
        """Order faults at random, for all requests from now on, after those that were ordered one by one.

        Parameters
        ----------
        kinds : iterable of int or str
            What goes wrong, each as probable as the others; see `fail`.
        probability : float
            The part of the requests that meet one.
        seed : int
            What chance begins with.
        seconds : float
            How late a slow answer is.
        """
        faults = [
            make_fault(kind, seconds=seconds, retry_after=self._retry_after) for kind in kinds
        ]
        with self._lock:
            self._faults.fail_randomly(faults, probability, seed)

    def clear_faults(self) -> None:
        """Forget the faults that are still to come."""
        with self._lock:
            self._faults.clear()

    def _respond(self, incoming: Incoming) -> Answer:
        """Decide what to answer, run the workflow if it is to be run, and log both before the answer leaves."""
        if (incoming.method, incoming.path) == ("GET", DOCUMENT_PATH):
            return json_answer(200, openapi(self._workflows, self.url))
        with self._lock:
            at = self._clock()
            token = self._known(incoming.headers.get("X-API-TOKEN", ""))
            refusal = self._refuse(incoming, token, at)
        if refusal is not None:
            answer, arrival = refusal, Arrival(at, token, refusal.status, _body_of(incoming))
        else:
            answer, arrival = self._serve(incoming, at, token)
        self._log.add(arrival)
        latency = self._latency() if callable(self._latency) else self._latency
        return replace(answer, delay=answer.delay + latency)

    def _known(self, sent: str) -> str | None:
        """Return the token if it is one of ours; how long that takes says nothing of how near a guess is."""
        same = [
            token for token in self.tokens if hmac.compare_digest(token.encode(), sent.encode())
        ]
        return same[0] if same else None

    def _refuse(self, incoming: Incoming, token: str | None, at: float) -> Answer | None:
        """Return the answer to a request that isn't even looked at."""
        allowed = METHODS.get(incoming.path)
        if allowed is None:
            return json_answer(404, {"message": "there is nothing at this path"})
        if incoming.method != allowed:
            return json_answer(405, {"message": f"only {allowed} is answered here"}, Allow=allowed)
        if token is None:
            return json_answer(
                401,
                {"message": "the X-API-TOKEN header is missing, or holds no token that is known"},
            )
        wait = self._limiters[token].take(at) if token in self._limiters else 0.0
        return too_many(self._retry_after, wait) if wait > 0 else None

    def _serve(self, incoming: Incoming, at: float, token: str | None) -> tuple[Answer, Arrival]:
        """Answer a request whose token is good and within its limit."""
        body, found = self._understand(incoming)
        with self._lock:
            fault = self._faults.next(body, good=isinstance(found, Workflow))
        ran = False
        if isinstance(found, Answer):
            answer = found
        elif fault is None or fault.runs:
            answer, ran = _run(found, incoming, body)
        else:
            answer = Answer(None)
        if fault is not None:
            answer = fault.spoil(answer)
        return answer, Arrival(at, token, answer.status, body, ran, fault.name if fault else None)

    def _understand(self, incoming: Incoming) -> tuple[Any, Workflow | Answer]:
        """Return the body, and the workflow that it asks for or else the answer that says what is wrong with it."""
        if incoming.headers.get_content_type() != "application/json":
            return None, json_answer(415, {"message": "the Content-Type must be application/json"})
        if incoming.raw is None:
            return None, json_answer(
                413, {"message": f"the body has more than {LARGEST_BODY:,} bytes"}
            )
        body = None
        try:
            body = parse_body(incoming.raw)
            check_body(body)
            return body, find_workflow(self._workflows, body)
        except (ValueError, LookupError) as error:
            return body, json_answer(400, {"message": str(error)})


def _body_of(incoming: Incoming) -> Any:
    """Return the body of a request that was refused unread: the log tells whose it was."""
    try:
        return parse_body(incoming.raw or b"")
    except ValueError:
        return None


def _run(workflow: Workflow, incoming: Incoming, body: dict[str, Any]) -> tuple[Answer, bool]:
    """Return the answer of a workflow, and whether there was one to run."""
    function = (workflow.draft if body.get("draft") else None) or workflow.live
    if function is None:
        return json_answer(200, body), False
    # Read anew rather than copied: the workflow may change its objects, the log must not change.
    objects = parse_body(incoming.raw or b"")["objects"]
    try:
        changed = function(objects)
        return json_answer(200, {**body, "objects": objects if changed is None else changed}), True
    except Exception as error:  # whatever a workflow does, the sandbox goes on
        return json_answer(
            500, {"message": f"the workflow failed: {type(error).__name__}: {error}"}
        ), True


sandbox = Sandbox
"""The name for ``with flxframe.sandbox() as api``."""
