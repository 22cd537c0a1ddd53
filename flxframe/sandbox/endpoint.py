"""The sandbox's endpoint, which records which requests ran a workflow.

Requests are handled in this order::

    wrong path, method ──► 404, 405      wrong token ──► 401      over the limit ──► 429
    ──► is there a scheduled fault that does not run the workflow?
    ──► not a RunWorkflowRequest ──► 400, 413, 415      unknown id or event ──► 400
    ──► the workflow runs, which is logged ──► latency ──► 200, or the answer of a fault
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flxframe.sandbox.contract import (
    MAX_BODY_BYTES,
    RUN_METHOD,
    RUN_PATH,
    Answer,
    check_body,
    error_answer,
    json_answer,
    parse_body,
)
from flxframe.sandbox.faults import FaultPlan, RetryAfter, too_many
from flxframe.sandbox.limits import Limiter
from flxframe.sandbox.log import Arrival, ArrivalLog
from flxframe.sandbox.server import Incoming
from flxframe.sandbox.workflows import Workflow, find_workflow


class Endpoint:
    """Answer requests, in any number of threads.

    Parameters
    ----------
    limiters : Mapping of str to Limiter or None
        The tokens that are accepted, each with its limit.
    workflows : sequence of Workflow
        The workflows that can be run; the sequence can grow.
    faults : FaultPlan
        The faults that are scheduled.
    log : ArrivalLog
        The log to which each arrival is added before its answer is sent.
    retry_after : str
        The form of `Retry-After` in a 429.
    latency : float or callable
        Seconds until an answer, or a function that returns them.
    clock : callable
        Returns the time in seconds.
    """

    def __init__(
        self,
        *,
        limiters: Mapping[str, Limiter | None],
        workflows: Sequence[Workflow],
        faults: FaultPlan,
        log: ArrivalLog,
        retry_after: RetryAfter,
        latency: float | Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._limiters = limiters
        self._workflows = workflows
        self._faults = faults
        self._log = log
        self._retry_after = retry_after
        self._latency = latency
        self._clock = clock
        self._lock = threading.Lock()

    def respond(self, incoming: Incoming) -> Answer:
        """Return the answer to a request, after running its workflow and logging the request."""
        with self._lock:
            at = self._clock()
            token = self._known_token(incoming.headers.get("X-API-TOKEN", ""))
            refusal = self._refuse(incoming, token, at)

        if refusal is None:
            answer, arrival = self._serve(incoming, token, at)
        else:
            answer = refusal
            arrival = Arrival(at, token, refusal.status, _readable_body(incoming))

        self._log.add(arrival)
        latency = self._latency() if callable(self._latency) else self._latency
        return replace(answer, delay=answer.delay + latency)

    def _known_token(self, sent: str) -> str | None:
        """Return the token if it is accepted, comparing in constant time."""
        match = None
        for token in self._limiters:
            if hmac.compare_digest(token.encode(), sent.encode()):
                match = token

        return match

    def _refuse(self, incoming: Incoming, token: str | None, at: float) -> Answer | None:
        """Return the answer to a request that is refused before its body is read."""
        if incoming.path != RUN_PATH:
            return error_answer(404, "there is nothing at this path")

        if incoming.method != RUN_METHOD:
            message = f"only {RUN_METHOD} is allowed here"
            return error_answer(405, message, Allow=RUN_METHOD)

        if token is None:
            message = "the X-API-TOKEN header is missing or contains an unknown token"
            return error_answer(401, message)

        limiter = self._limiters[token]
        wait = 0.0 if limiter is None else limiter.take(at)
        return too_many(self._retry_after, wait) if wait > 0 else None

    def _serve(self, incoming: Incoming, token: str | None, at: float) -> tuple[Answer, Arrival]:
        """Answer a request whose token is accepted and within its limit."""
        body, target = self._understand(incoming)
        fault = self._faults.next(body, runnable=isinstance(target, Workflow))
        ran = False

        if isinstance(target, Answer):
            answer = target
        elif fault is None or fault.runs:
            answer, ran = _run(target, incoming, body)
        else:
            answer = Answer(None)

        if fault is None:
            return answer, Arrival(at, token, answer.status, body, ran)

        answer = fault.spoil(answer)
        return answer, Arrival(at, token, answer.status, body, ran, fault.name)

    def _understand(self, incoming: Incoming) -> tuple[Any, Workflow | Answer]:
        """Return the body, and its workflow or the answer that refuses it."""
        if incoming.headers.get_content_type() != "application/json":
            return None, error_answer(415, "the Content-Type must be application/json")

        if incoming.raw is None:
            message = f"the body has more than {MAX_BODY_BYTES:,} bytes"
            return None, error_answer(413, message)

        body = None
        try:
            body = parse_body(incoming.raw)
            check_body(body)
            return body, find_workflow(self._workflows, body)
        except (ValueError, LookupError) as error:
            return body, error_answer(400, str(error))


def _readable_body(incoming: Incoming) -> Any:
    """Return the body of a refused request for the log; None if it cannot be read."""
    try:
        return parse_body(incoming.raw or b"")
    except ValueError:
        return None


def _run(workflow: Workflow, incoming: Incoming, body: dict[str, Any]) -> tuple[Answer, bool]:
    """Return the answer of a workflow, and whether there was one to run."""
    function = workflow.version(draft=body.get("draft", False))
    if function is None:
        return json_answer(200, body), False

    # Parse the body again, since the workflow can change its objects, but not those in the log.
    objects = parse_body(incoming.raw or b"")["objects"]
    try:
        changed = function(objects)
        if changed is not None:
            objects = changed

        return json_answer(200, {**body, "objects": objects}), True
    except Exception as error:  # the sandbox keeps serving whatever a workflow raises
        message = f"the workflow failed: {type(error).__name__}: {error}"
        return error_answer(500, message), True
