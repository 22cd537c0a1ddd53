"""The loop: next row, throttle, send, record, progress, stop."""

from __future__ import annotations

import dataclasses
import heapq
import queue
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from flxframe.exceptions import JournalError
from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.run.lane import Lane, Stop
from flxframe.run.responses import Attempt
from flxframe.run.retries import retry_wait
from flxframe.run.stopping import Limits

Row = tuple[int, RunWorkflowRequest]


interrupted_elsewhere: ContextVar[Callable[[], bool]] = ContextVar(
    "interrupted_elsewhere", default=lambda: False
)
"""Says whether somebody has interrupted the run, where no signal can tell it."""


_LONGEST_NAP = 0.1
"""Seconds. A signal that the system hands to another thread is only seen when the main thread wakes."""


class Record(Protocol):
    """What keeps an attempt on disk: before it leaves, and when its answer is there."""

    def begin(self, entries: list[Row]) -> None:
        """Keep that these rows are about to be sent."""

    def finish(self, entries: list[tuple[int, Outcome]]) -> None:
        """Keep what became of these rows."""

    def may_have_run(self, position: int) -> bool:
        """Say whether a request of this row that left in an earlier run may have run."""


class Scheduler:
    """Sends the rows of one or more tokens, each at its own pace, until all have their outcome or the run stops.

    Parameters
    ----------
    lanes : list of Lane
        The tokens and their rows.
    add : callable
        Takes each row's position, outcome and request.
    limits : Limits
        When to retry and when to stop.
    journal : Record, optional
        What remembers each attempt on disk.
    note : callable
        Takes what is to be said to the user at once.
    """

    def __init__(
        self,
        lanes: list[Lane],
        *,
        add: Callable[[int, Outcome, RunWorkflowRequest], None],
        limits: Limits,
        journal: Record | None = None,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._lanes = lanes
        self._add = add
        self._limits = limits
        self._journal = journal
        self._note = note
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._threads = 0
        self._flying: dict[int, tuple[Lane, int, RunWorkflowRequest]] = {}
        self._unsure: set[int] = set()
        self._interrupts = 0
        self._interrupted_elsewhere = interrupted_elsewhere.get()
        self._started = time.monotonic()

    def run(self) -> None:
        """Send the rows; a lane that stopped early holds why. To be called inside `interruptible`."""
        for number, lane in enumerate(self._lanes):
            # Tokens whose slots fall on one instant would wait for each other, and reach the server unevenly.
            lane.throttle.hold(lane.throttle.spacing * number / len(self._lanes))
        while True:
            wait = self._send_what_may_leave()
            if self._interrupts > 1 or (wait is None and not self._flying):
                break
            self._take_answers(wait)
        for _ in range(self._threads):
            self._jobs.put(None)
        for position, (lane, tries, request) in self._flying.items():
            text = "interrupted before the answer came. The workflow may have run: check before you send it again"
            self._add(position, Outcome("unknown", error=text, attempts=tries + 1), request)
            lane.stop = lane.stop or Stop("interrupted", "interrupted")
        for lane in self._lanes:
            for position, tries, request in lane.again:
                why = lane.stop.text if lane.stop is not None else "the run ended"
                self._add(position, self.unsent(position, why, tries), request)

    def unsent(self, position: int, why: str, tries: int = 0) -> Outcome:
        """Return the outcome of a row that is not to be sent any more."""
        return self._told(position, Outcome("not_sent", error=f"not sent: {why}", attempts=tries))

    def _told(self, position: int, outcome: Outcome) -> Outcome:
        """Return what is known of a row after its last request: whatever that met, an earlier one may have run."""
        if outcome.status in ("ok", "unknown") or not self._may_have_run(position):
            return outcome
        text = "An earlier request of this row may have run: check before you send it again"
        return dataclasses.replace(outcome, status="unknown", error=f"{outcome.error}. {text}")

    def _may_have_run(self, position: int) -> bool:
        return position in self._unsure or (
            self._journal is not None and self._journal.may_have_run(position)
        )

    def _send_what_may_leave(self) -> float | None:
        """Send each lane's due row, and return the seconds until the next is due; None if only answers are awaited."""
        limits, waits, leaving = self._limits, [], []
        if self._interrupted_elsewhere():
            self._stop_all(Stop("interrupted", "interrupted"))
        now = time.monotonic()
        late = limits.max_seconds is not None and now - self._started > limits.max_seconds
        for lane in self._lanes:
            if late and lane.stop is None and lane.next() is not None:
                lane.stop = Stop(
                    "deadline", f"the {(limits.max_seconds or 0) / 60:g} minutes are over"
                )
            while (
                lane.stop is None
                and lane.in_flight < limits.max_in_flight
                and lane.next() is not None
            ):
                # With a hundred tokens, asking each throttle at each answer would cost more than the answers do.
                wait = lane.due - now if lane.due > now else lane.throttle.wait()
                if wait > 0:
                    lane.due = now + wait
                    waits.append(wait)
                    break
                lane.in_flight += 1
                leaving.append((lane, *lane.take()))
        if leaving and self._journaled(
            [(position, request) for _, position, _, request in leaving]
        ):
            for lane, position, tries, request in leaving:
                self._flying[position] = (lane, tries, request)
                self._jobs.put((lane, position, request))
                if self._threads < len(self._flying):
                    self._threads += 1
                    threading.Thread(target=self._work, daemon=True).start()
        else:
            for lane, position, tries, request in leaving:
                lane.in_flight -= 1
                heapq.heappush(lane.again, (position, tries, request))
        return min(waits, default=None)

    def _journaled(self, entries: list[Row]) -> bool:
        try:
            if self._journal is not None:
                self._journal.begin(entries)
        except JournalError as error:
            self._stop_all(Stop("journal", str(error)))
            return False
        return True

    def _work(self) -> None:
        # A pool of our own: its threads are daemons, so that giving up on an answer doesn't hold up the program's end;
        # and they are kept, since to start one means to wait for it, with a hundred tokens for too long.
        while (job := self._jobs.get()) is not None:
            lane, position, request = job
            try:
                attempt = lane.client.attempt(request)
            except Exception as error:  # a row without an outcome would be worse than any error
                what = f"{type(error).__name__} while it was sent"
                text = f"{what}. The workflow may have run: check before you send it again"
                attempt = Attempt(Outcome("unknown", error=text, attempts=1), "unsure")
            self._events.put((position, attempt))

    def _take_answers(self, wait: float | None) -> None:
        events = []
        try:
            events.append(
                self._events.get(timeout=_LONGEST_NAP if wait is None else min(wait, _LONGEST_NAP))
            )
            while True:
                events.append(self._events.get_nowait())
        except queue.Empty:
            pass
        answers = [event for event in events if event is not None]
        self._unsure.update(
            position for position, attempt in answers if attempt.verdict == "unsure"
        )
        if self._journal is not None and answers:
            try:
                self._journal.finish(
                    [
                        (position, self._told(position, attempt.outcome))
                        for position, attempt in answers
                    ]
                )
            except JournalError as error:
                self._stop_all(Stop("journal", str(error)))
        for position, attempt in answers:
            lane, tries, request = self._flying.pop(position)
            lane.in_flight -= 1
            self._answered(lane, position, tries + 1, request, attempt)

    def _answered(
        self, lane: Lane, position: int, tries: int, request: RunWorkflowRequest, attempt: Attempt
    ) -> None:
        outcome, now = attempt.outcome, time.monotonic()
        if attempt.verdict == "throttled":
            lane.throttle.widen(attempt.retry_after)
            lane.accepted_at = lane.accepted_at or now
            patient = now - lane.accepted_at < self._limits.patience
        else:
            patient = True
            if outcome.http_status is not None:
                lane.throttle.narrow()
                lane.accepted_at, lane.answered = now, True
        wait = retry_wait(
            attempt.verdict,
            tries,
            retry_after=attempt.retry_after,
            jitter=random.random(),  # noqa: S311  no secret hangs on it
            retry_unknown=self._limits.retry_unknown,
        )
        if wait is not None and patient and lane.stop is None:
            if wait:
                lane.throttle.hold(wait)
            heapq.heappush(lane.again, (position, tries, request))
            return
        lane.pending -= 1
        self._add(
            position, dataclasses.replace(self._told(position, outcome), attempts=tries), request
        )
        if outcome.status in ("unknown", "not_sent"):
            lane.troubled += 1
        else:
            lane.troubled = 0
        lane.stop = lane.stop or self._why_stop(lane, position, attempt, patient)

    def _why_stop(self, lane: Lane, position: int, attempt: Attempt, patient: bool) -> Stop | None:
        outcome, most = attempt.outcome, self._limits.stop_after_failures
        if outcome.http_status in (401, 403):
            return Stop("token", f"the token was refused at row {position}: {outcome.error}")
        if not patient:
            return Stop(
                "trouble", f"the server answered nothing but 429 for {self._limits.patience:g} s"
            )
        if attempt.verdict == "unreached" and not lane.answered:
            return Stop("trouble", str(outcome.error))
        if most is not None and lane.troubled >= most:
            return Stop(
                "trouble", f"{lane.troubled} rows in a row failed, the last with: {outcome.error}"
            )
        return None

    def _stop_all(self, stop: Stop) -> None:
        for lane in self._lanes:
            lane.stop = lane.stop or stop

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Turn Ctrl-C and a kernel's stop button into a flag, so that no row loses its outcome halfway.

        The first one stops the sending and lets what is in flight finish; a second one gives up waiting for it.
        """

        def interrupt(*_: object) -> None:
            self._interrupts += 1
            if self._interrupts == 1:
                self._stop_all(Stop("interrupted", "interrupted"))
                left = len(self._flying)
                answers, them = ("1 answer", "it") if left == 1 else (f"{left} answers", "them")
                wait = (
                    f": waiting for {answers} (interrupt again to give {them} up)" if left else ""
                )
                self._note(f"Interrupted{wait}.")
            self._events.put(None)

        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
