"""The loop of a run: it takes rows, waits for slots, sends, records and stops."""

from __future__ import annotations

import dataclasses
import queue
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from flxframe.exceptions import JournalError
from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.options import RunOptions
from flxframe.run.lane import Lane, Stop
from flxframe.run.responses import MIGHT_HAVE_RUN, Attempt
from flxframe.run.retries import retry_wait
from flxframe.run.stop_rules import PATIENCE, find_stop
from flxframe.run.stopping import describe_interrupt

Row = tuple[int, RunWorkflowRequest]

Leaving = tuple[Lane, int, int, RunWorkflowRequest]
"""A row that is about to leave: its token, position, number of requests so far, and request."""

interrupted_elsewhere: ContextVar[Callable[[], bool]] = ContextVar(
    "interrupted_elsewhere", default=lambda: False
)
"""Returns whether the user interrupted the run in another process, such as a cluster's client."""

_MAX_NAP = 0.1
"""Seconds. The main thread must wake up to handle a signal that another thread received."""

_POLL_INTERVAL = 0.5
"""Seconds between two looks at rows that another run has in flight."""

_INTERRUPTED = Stop("interrupted", "interrupted")
_ELSEWHERE = (
    "another run has sent this row, and has no answer yet: wait until it has ended, then run the "
    "same call again"
)
_EARLIER = "An earlier request of this row might have run: check before you send it again"


class Record(Protocol):
    """The record of a run: each request before it leaves, and its outcome."""

    def begin(self, entries: list[Row]) -> dict[int, Outcome | None]:
        """Record that these rows are about to be sent, and return those that must not be.

        Another run has sent them: their outcomes, or None while they are in flight there.
        """

    def poll(self, positions: list[int]) -> dict[int, Outcome]:
        """Return the outcomes that other runs have got by now for rows they had in flight."""

    def finish(self, entries: list[tuple[int, Outcome]]) -> None:
        """Record the outcomes of these rows."""

    def may_have_run(self, position: int) -> bool:
        """Return whether an earlier run might have run this row's workflow."""


class Scheduler:
    """Sends the rows of all tokens, each token at its own pace, until all are done or it stops.

    Parameters
    ----------
    lanes : list of Lane
        The tokens and their rows.
    add : callable
        Called with the position, outcome and request of each row.
    options : RunOptions
        When to retry and when to stop.
    record : Record
        The record of all requests.
    elsewhere : Mapping, optional
        The rows that another run has in flight, by position, with their requests.
    note : callable
        Called with a message for the user.
    """

    def __init__(
        self,
        lanes: list[Lane],
        *,
        add: Callable[[int, Outcome, RunWorkflowRequest], None],
        options: RunOptions,
        record: Record,
        elsewhere: Mapping[int, RunWorkflowRequest] | None = None,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._lanes = lanes
        self._add = add
        self._options = options
        self._record = record
        self._elsewhere: dict[int, RunWorkflowRequest] = dict(elsewhere or {})
        self._polled_at = time.monotonic()
        self._note = note
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._threads = 0
        self._in_flight: dict[int, tuple[Lane, int, RunWorkflowRequest]] = {}
        self._unsure: set[int] = set()
        self._interrupts = 0
        self._interrupted_elsewhere = interrupted_elsewhere.get()
        self._started = time.monotonic()

    def run(self) -> None:
        """Send the rows, inside `interruptible`; a lane that stopped early has a `stop`."""
        for number, lane in enumerate(self._lanes):
            # Tokens with slots at the same time would delay each other's requests.
            offset = lane.throttle.spacing * number / len(self._lanes)
            lane.throttle.hold(offset)

        while True:
            wait = self._send_due_rows()
            self._poll_elsewhere()
            is_waiting = self._in_flight or (self._elsewhere and not self._is_stopped())
            if self._interrupts > 1 or (wait is None and not is_waiting):
                break
            self._collect_answers(wait)

        for _ in range(self._threads):
            self._jobs.put(None)

        text = f"interrupted before the answer arrived. {MIGHT_HAVE_RUN}"
        for position, (lane, tries, request) in self._in_flight.items():
            outcome = Outcome("unknown", error=text, attempts=tries + 1)
            self._add(position, outcome, request)
            lane.stop = lane.stop or _INTERRUPTED

        for position, request in self._elsewhere.items():
            self._add(position, Outcome("unknown", error=_ELSEWHERE), request)

        for lane in self._lanes:
            reason = "the run ended" if lane.stop is None else lane.stop.text
            for position, tries, request in lane.retries:
                outcome = self.unsent(position, reason, tries)
                self._add(position, outcome, request)

    def unsent(self, position: int, reason: str, tries: int = 0) -> Outcome:
        """Return the outcome of a row that is not going to be sent."""
        outcome = Outcome("not_sent", error=f"not sent: {reason}", attempts=tries)
        return self._resolve(position, outcome)

    def _resolve(self, position: int, outcome: Outcome) -> Outcome:
        """Return a row's outcome; unknown if an earlier request might have run its workflow."""
        if outcome.status in ("ok", "unknown") or not self._may_have_run(position):
            return outcome

        error = f"{outcome.error}. {_EARLIER}"
        return dataclasses.replace(outcome, status="unknown", error=error)

    def _may_have_run(self, position: int) -> bool:
        return position in self._unsure or self._record.may_have_run(position)

    def _send_due_rows(self) -> float | None:
        """Send all due rows; return the seconds until the next one, or None to wait for answers."""
        options = self._options
        waits: list[float] = []
        leaving: list[tuple[Lane, int, int, RunWorkflowRequest]] = []
        if self._interrupted_elsewhere():
            self._stop_all(_INTERRUPTED)

        now = time.monotonic()
        is_late = options.max_seconds is not None and now - self._started > options.max_seconds
        for lane in self._lanes:
            if is_late and lane.stop is None and lane.peek() is not None:
                minutes = (options.max_seconds or 0) / 60
                lane.stop = Stop("deadline", f"the limit of {minutes:g} minutes was reached")

            while (
                lane.stop is None
                and lane.in_flight < options.max_in_flight
                and not lane.must_wait(options.stop_after_failures, options.max_in_flight)
                and lane.peek() is not None
            ):
                # With 100 tokens, asking every throttle after each answer would be too slow.
                wait = lane.due_at - now if lane.due_at > now else lane.throttle.wait()
                if wait > 0:
                    lane.due_at = now + wait
                    waits.append(wait)
                    break
                lane.in_flight += 1
                leaving.append((lane, *lane.take()))

        for lane, position, tries, request in self._record_start(leaving):
            self._in_flight[position] = (lane, tries, request)
            self._jobs.put((lane, position, request))
            if self._threads < len(self._in_flight):
                self._threads += 1
                threading.Thread(target=self._work, daemon=True).start()

        return min(waits, default=None)

    def _record_start(self, leaving: list[Leaving]) -> list[Leaving]:
        """Record that rows are about to leave, and return those that may."""
        if not leaving:
            return []
        try:
            elsewhere = self._record.begin([(row, request) for _, row, _, request in leaving])
        except JournalError as error:
            self._stop_all(Stop("journal", str(error)))
            for lane, position, tries, request in leaving:
                lane.in_flight -= 1
                lane.put_back((position, tries, request))
            return []

        for lane, position, _, request in leaving:
            if position in elsewhere:
                lane.in_flight -= 1
                lane.pending -= 1
                self._elsewhere[position] = request
        self._settle_elsewhere(elsewhere)
        return [row for row in leaving if row[1] not in elsewhere]

    def _poll_elsewhere(self) -> None:
        """Ask now and then for the outcomes of rows that another run has in flight."""
        now = time.monotonic()
        if not self._elsewhere or now - self._polled_at < _POLL_INTERVAL:
            return

        self._polled_at = now
        try:
            self._settle_elsewhere(self._record.poll(list(self._elsewhere)))
        except JournalError as error:
            self._stop_all(Stop("journal", str(error)))

    def _settle_elsewhere(self, outcomes: Mapping[int, Outcome | None]) -> None:
        for position, outcome in outcomes.items():
            if outcome is not None:
                self._add(position, outcome, self._elsewhere.pop(position))

    def _is_stopped(self) -> bool:
        return all(lane.stop is not None for lane in self._lanes)

    def _work(self) -> None:
        # Not a standard pool: daemon threads never delay the program's exit. They are reused,
        # because starting a thread for each request takes too long with 100 tokens.
        while (job := self._jobs.get()) is not None:
            lane, position, request = job
            try:
                attempt = lane.client.attempt(request)
            except Exception as error:  # every row must get an outcome
                name = type(error).__name__
                text = f"{name} while the request was being sent. {MIGHT_HAVE_RUN}"
                outcome = Outcome("unknown", error=text, attempts=1)
                attempt = Attempt(outcome, "unsure")
            self._events.put((position, attempt))

    def _collect_answers(self, wait: float | None) -> None:
        nap = _MAX_NAP if wait is None else min(wait, _MAX_NAP)
        events = []
        try:
            events.append(self._events.get(timeout=nap))
            while True:
                events.append(self._events.get_nowait())
        except queue.Empty:
            pass

        answers = [event for event in events if event is not None]
        for position, attempt in answers:
            if attempt.verdict == "unsure":
                self._unsure.add(position)

        if answers:
            outcomes = []
            for position, attempt in answers:
                outcome = self._resolve(position, attempt.outcome)
                outcomes.append((position, outcome))
            try:
                self._record.finish(outcomes)
            except JournalError as error:
                self._stop_all(Stop("journal", str(error)))

        for position, attempt in answers:
            lane, tries, request = self._in_flight.pop(position)
            lane.in_flight -= 1
            self._handle_answer(lane, position, tries + 1, request, attempt)

    def _handle_answer(
        self, lane: Lane, position: int, tries: int, request: RunWorkflowRequest, attempt: Attempt
    ) -> None:
        outcome = attempt.outcome
        now = time.monotonic()
        patient = True
        if attempt.verdict == "throttled":
            lane.throttle.widen(attempt.retry_after)
            lane.accepted_at = lane.accepted_at or now
            patient = now - lane.accepted_at < PATIENCE
        elif outcome.http_status is not None:
            lane.throttle.narrow()
            lane.accepted_at = now
            lane.has_answer = True

        wait = retry_wait(
            attempt.verdict,
            tries,
            retry_after=attempt.retry_after,
            jitter=random.random(),  # noqa: S311  it need not be secure
            retry_unknown=self._options.retry_unknown,
        )
        # The server asks this of the token, even if it is not this row that comes next.
        lane.throttle.hold(attempt.retry_after or 0.0)
        if wait is not None and patient and lane.stop is None:
            if wait:
                lane.throttle.hold(wait)
            lane.put_back((position, tries, request))
            return

        lane.pending -= 1
        resolved = self._resolve(position, outcome)
        self._add(position, dataclasses.replace(resolved, attempts=tries), request)
        lane.stop = lane.stop or find_stop(lane, position, attempt, self._options, patient=patient)

    def _stop_all(self, stop: Stop) -> None:
        for lane in self._lanes:
            lane.stop = lane.stop or stop

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Turn Ctrl-C and a kernel's stop button into a flag, so that no row loses its outcome.

        After the first interrupt nothing more is sent, and the run waits for the answers in flight;
        after the second it stops waiting.
        """

        def interrupt(*_: object) -> None:
            self._interrupts += 1
            if self._interrupts == 1:
                self._stop_all(_INTERRUPTED)
                self._note(describe_interrupt(len(self._in_flight)))
            self._events.put(None)

        if threading.current_thread() is not threading.main_thread():
            yield
            return

        handler = signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, handler)
