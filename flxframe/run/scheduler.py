"""The loop of a run: it takes rows, waits for slots, sends, records and stops."""

from __future__ import annotations

import dataclasses
import random
import time
from collections.abc import Callable

from flxframe.exceptions import JournalError
from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.options import RunOptions
from flxframe.run.elsewhere import Elsewhere, Record
from flxframe.run.interrupts import Interrupts
from flxframe.run.lane import Lane, Stop
from flxframe.run.responses import MIGHT_HAVE_RUN, Attempt
from flxframe.run.retries import retry_wait
from flxframe.run.stop_rules import PATIENCE, find_stop
from flxframe.run.stopping import describe_interrupt
from flxframe.run.workers import Workers

Leaving = tuple[Lane, int, int, RunWorkflowRequest]
"""A row that is about to leave: its token, position, number of requests so far, and request."""

_MAX_NAP = 0.1
"""Seconds. The main thread must wake up to handle a signal."""

_EARLIER = "An earlier request of this row might have run: check before you send it again"


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
    interrupts : Interrupts, optional
        The signals that stop the run.
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
        interrupts: Interrupts | None = None,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._lanes = lanes
        self._add = add
        self._options = options
        self._record = record
        self.elsewhere = Elsewhere(record, add)
        self._interrupts = interrupts or Interrupts()
        self._is_interrupted = False
        self._note = note
        self._workers = Workers()
        self._in_flight: dict[int, tuple[Lane, int, RunWorkflowRequest]] = {}
        self._unsure: set[int] = set()
        self._answered: list[tuple[int, Outcome]] = []
        self._started = time.monotonic()

    def run(self) -> None:
        """Send the rows; a lane that stopped early has a `stop`. It does not raise.

        Once a row has left, its outcome must not be lost, whatever happens to the others.
        """
        try:
            self._send_all()
        except Exception as error:
            self._stop_all(Stop("failures", f"{type(error).__name__}: {error}"))
            self._record_answers()

        self._workers.close()
        self.elsewhere.give_up()
        for position, (lane, tries, request) in self._in_flight.items():
            reason = "the run ended" if lane.stop is None else lane.stop.text
            text = f"{reason} before the answer arrived. {MIGHT_HAVE_RUN}"
            self._add(position, Outcome("unknown", error=text, attempts=tries + 1), request)

        for lane in self._lanes:
            reason = "the run ended" if lane.stop is None else lane.stop.text
            for position, tries, request in lane.retries:
                outcome = self.unsent(position, reason, tries)
                self._add(position, outcome, request)

    def _send_all(self) -> None:
        for number, lane in enumerate(self._lanes):
            # Tokens with slots at the same time would delay each other's requests.
            offset = lane.throttle.spacing * number / len(self._lanes)
            lane.throttle.hold(offset)

        while True:
            self._check_interrupts()
            wait = self._send_due_rows()
            is_over = self._interrupts.seconds_left <= 0
            is_waiting = self._in_flight or self._is_waiting_elsewhere()
            if is_over or (wait is None and not is_waiting):
                break
            self._collect_answers(wait)

    def _check_interrupts(self) -> None:
        stop = self._interrupts.stop
        if stop is None or self._is_interrupted:
            return

        self._is_interrupted = True
        self._stop_all(stop)
        seconds_left = self._interrupts.seconds_left
        self._note(describe_interrupt(stop, len(self._in_flight), seconds_left))

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
        leaving: list[Leaving] = []

        now = time.monotonic()
        is_late = self._is_late()
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

        if leaving and not self._start(leaving):
            waits.append(0.0)
        if self._answered:
            self._record_answers()
        return min(waits, default=None)

    def _start(self, leaving: list[Leaving]) -> bool:
        """Record rows, send those that no other run has sent, and return whether that is all."""
        elsewhere = None
        if self._start_threads(len(leaving)):
            elsewhere = self._record_start(leaving)
        if elsewhere is None:
            for lane, position, tries, request in leaving:
                lane.in_flight -= 1
                lane.put_back((position, tries, request))
            return True

        for lane, position, tries, request in leaving:
            if position in elsewhere:
                lane.in_flight -= 1
                lane.pending -= 1
                self.elsewhere.take_over(position, request, elsewhere[position])
            else:
                self._in_flight[position] = (lane, tries, request)
                self._workers.send(lane.client, position, request)
        return not elsewhere

    def _is_waiting_elsewhere(self) -> bool:
        """Collect the answers of other runs; return whether more are waited for."""
        try:
            self.elsewhere.collect()
        except JournalError as error:
            self._stop_all(Stop("journal", str(error)))
        is_stopped = self._is_late() or all(lane.stop is not None for lane in self._lanes)
        return bool(self.elsewhere) and not is_stopped

    def _is_late(self) -> bool:
        limit = self._options.max_seconds
        return limit is not None and time.monotonic() - self._started > limit

    def _start_threads(self, rows: int) -> bool:
        """Start the threads that more rows in flight need, and return whether that worked."""
        try:
            self._workers.require(len(self._in_flight) + rows)
        except (RuntimeError, MemoryError) as error:
            text = f"the system could not start another thread ({error or 'no memory'})"
            advice = "lower max_in_flight, or close other programs"
            self._stop_all(Stop("failures", f"{text}: {advice}"))
            return False

        return True

    def _record_start(self, leaving: list[Leaving]) -> dict[int, Outcome | None] | None:
        """Record that rows are about to leave, and the answers that have arrived: both at once.

        Return the rows that another run has sent, or None if recording failed.
        """
        rows = [(position, request) for _, position, _, request in leaving]
        answers, self._answered = self._answered, []
        try:
            return self._record.begin(rows, answers)
        except JournalError as error:
            self._stop_all(Stop("journal", str(error)))
            self._record_answers()
            return None

    def _record_answers(self) -> None:
        """Record the answers that have arrived, and those that could not be recorded before."""
        answers, self._answered = self._answered, []
        try:
            self._record.finish(answers)
        except Exception as error:  # whatever it is, these rows have their outcomes
            self._stop_all(Stop("journal", str(error)))

    def _collect_answers(self, wait: float | None) -> None:
        nap = _MAX_NAP if wait is None else min(wait, _MAX_NAP)
        answers = self._workers.answers(nap)
        for position, attempt in answers:
            if attempt.verdict == "unsure":
                self._unsure.add(position)

        for position, attempt in answers:
            self._answered.append((position, self._resolve(position, attempt.outcome)))
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
