"""The loop of a run: its journal, its retries, and many faults."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from flxframe import FlxpointClient, Journal, JournalError, RunWorkflowRequest
from flxframe.models import Outcome
from flxframe.options import RunOptions
from flxframe.run.elsewhere import Answer, Record, Row
from flxframe.run.interrupts import interrupted_elsewhere
from flxframe.run.lane import Lane, Stop
from flxframe.run.scheduler import Scheduler
from flxframe.run.throttle import Throttle
from flxframe.sandbox.app import Sandbox
from tests.conftest import SECOND_TOKEN, TOKEN
from tests.run.faults import TRUE_RUNS, orders_some_invalid, storm


class Memory:
    """A record in memory, which can fail, and which knows rows that another run has sent."""

    def __init__(
        self,
        *,
        fails: str = "",
        ran_before: int = -1,
        elsewhere: dict[int, Outcome | None] | None = None,
    ) -> None:
        self._elsewhere = elsewhere or {}
        self.started: list[int] = []
        self.finished: dict[int, Outcome] = {}
        self._fails = fails
        self._ran_before = ran_before

    def begin(self, entries: list[Row], answers: list[Answer]) -> dict[int, Outcome | None]:
        if self._fails == "begin" or (answers and self._fails == "finish"):
            raise JournalError("the disk is full")
        self.finished.update(answers)
        elsewhere = {}
        for position, _ in entries:
            if position in self._elsewhere:
                elsewhere[position] = self._elsewhere[position]
            else:
                self.started.append(position)
        return elsewhere

    def poll(self, positions: list[int]) -> dict[int, Outcome]:
        if self._fails == "poll":
            raise JournalError("the disk is full")
        return {position: Outcome("ok", 200) for position in positions}

    def finish(self, entries: list[tuple[int, Outcome]]) -> None:
        if self._fails == "finish":
            raise JournalError("the disk is full")
        self.finished.update(entries)

    def may_have_run(self, position: int) -> bool:
        return position == self._ran_before


def requests_of(count: int) -> list[RunWorkflowRequest]:
    """Return requests with consecutive numbers."""
    requests = []
    for number in range(count):
        order = {"number": number}
        requests.append(RunWorkflowRequest(eventHandle="order_import", objects={"order": order}))
    return requests


def statuses(outcomes: dict[int, Outcome]) -> list[str]:
    """Return the statuses in the order of the rows."""
    return [outcomes[position].status for position in sorted(outcomes)]


class Runs:
    """Runs of a few rows against the sandbox, without a throttle."""

    def __init__(self, api: Sandbox, stack: ExitStack) -> None:
        self._api = api
        self._stack = stack
        self.lanes: list[Lane] = []

    def send(
        self,
        requests: list[RunWorkflowRequest],
        *,
        tokens: tuple[str, ...] = (TOKEN,),
        record: Record | None = None,
    ) -> dict[int, Outcome]:
        """Send the requests, the first with the first token and so on, and return the outcomes."""
        outcomes: dict[int, Outcome] = {}
        entries = list(enumerate(requests))
        self.lanes = []
        for number, token in enumerate(tokens):
            client = FlxpointClient(token=token, base_url=self._api.url)
            self._stack.enter_context(client)
            rows = entries[number :: len(tokens)]
            lane = Lane(client, Throttle(None), iter(rows), pending=len(rows))
            self.lanes.append(lane)

        def add(position: int, outcome: Outcome, request: RunWorkflowRequest) -> None:
            assert request is requests[position]
            assert position not in outcomes
            outcomes[position] = outcome

        options = RunOptions(max_in_flight=1)
        Scheduler(self.lanes, add=add, options=options, record=record or Memory()).run()
        return outcomes


@pytest.fixture
def runs(api: Sandbox) -> Iterator[Runs]:
    """Runs whose clients are closed afterwards."""
    with ExitStack() as stack:
        yield Runs(api, stack)


def sent(api: Sandbox) -> list[int]:
    """Return the numbers of all requests that arrived, in order."""
    return [arrival.body["objects"]["order"]["number"] for arrival in api.arrivals]


def test_every_status_is_correct(tmp_path: Path) -> None:
    """Despite many faults, the statuses agree with the workflows that ran, and with the journal.

    An ok row ran once, an unknown row at most once, and all other rows never ran.
    """
    data = orders_some_invalid(3000)
    result = storm(data, tmp_path / "storm.db")
    runs = {status: set(rows["runs"]) for status, rows in result.groupby("run.status")}
    assert runs == {status: TRUE_RUNS[status] for status in runs}
    assert {"ok", "rejected", "invalid", "unknown"} <= set(runs)
    assert result["arrivals"].tolist() == result["run.attempts"].tolist()

    recalled = Journal(tmp_path / "storm.db").result(data)
    assert recalled["run.status"].tolist() == result["run.status"].tolist()


def test_a_row_is_recorded_before_it_leaves_and_after_its_answer(runs: Runs) -> None:
    """The outcomes in the journal are final."""
    record = Memory()
    outcomes = runs.send(requests_of(3), record=record)
    assert record.started == [0, 1, 2]
    assert statuses(record.finished) == ["ok"] * 3
    assert sorted(outcomes) == sorted(record.finished)
    assert runs.lanes[0].pending == 0


def test_a_row_that_cannot_be_recorded_does_not_leave(api: Sandbox, runs: Runs) -> None:
    """The run stops, and does not try another row."""
    outcomes = runs.send(requests_of(2), record=Memory(fails="begin"))
    assert api.arrivals == []
    assert runs.lanes[0].stop == Stop("journal", "the disk is full")
    assert outcomes == {0: Outcome("not_sent", error="not sent: the disk is full")}


def test_an_answer_that_cannot_be_recorded_stops_the_run(api: Sandbox, runs: Runs) -> None:
    """The row keeps its outcome, and no other row is sent."""
    outcomes = runs.send(requests_of(2), record=Memory(fails="finish"))
    assert sent(api) == [0]
    assert outcomes[0].status == "ok"
    assert runs.lanes[0].stop == Stop("journal", "the disk is full")


def test_a_row_that_another_run_has_sent_is_not_sent(api: Sandbox, runs: Runs) -> None:
    """Its outcome is taken over, at once or when it arrives; both count as recalled."""
    record = Memory(elsewhere={0: Outcome("unknown", 500), 2: None})
    outcomes = runs.send(requests_of(4), record=record)

    assert sent(api) == record.started == [1, 3]
    assert statuses(outcomes) == ["unknown", "ok", "ok", "ok"]
    assert [outcomes[row].recalled for row in range(4)] == [True, False, True, False]
    assert runs.lanes[0].pending == 0


def test_a_record_that_cannot_be_read_stops_the_run(runs: Runs) -> None:
    """The row that another run has in flight is unknown, and the warning says why."""
    outcomes = runs.send(requests_of(1), record=Memory(fails="poll", elsewhere={0: None}))

    assert outcomes[0].status == "unknown"
    assert "another run" in outcomes[0].error
    assert runs.lanes[0].stop == Stop("journal", "the disk is full")


def test_a_429_is_sent_again_before_the_next_row(api: Sandbox, runs: Runs) -> None:
    """Rows start in order, and the attempts are counted."""
    api.fail("429_none", times=2)
    outcomes = runs.send(requests_of(3))
    assert sent(api) == [0, 0, 0, 1, 2]
    assert [outcome.attempts for outcome in outcomes.values()] == [3, 1, 1]


def test_a_row_that_ran_in_an_earlier_run_stays_unknown(api: Sandbox, runs: Runs) -> None:
    """A later rejection does not prove that its workflow never ran."""
    api.fail("400_text", times=2)
    outcomes = runs.send(requests_of(2), record=Memory(ran_before=1))

    assert statuses(outcomes) == ["rejected", "unknown"]
    assert outcomes[1].error.endswith(
        "An earlier request of this row might have run: check before you send it again"
    )


def test_a_request_that_cannot_be_encoded_affects_only_its_row(api: Sandbox, runs: Runs) -> None:
    """It was not sent, and the others are."""
    requests = requests_of(3)
    requests[1] = RunWorkflowRequest(objects={"order": object()})
    outcomes = runs.send(requests)

    assert statuses(outcomes) == ["ok", "not_sent", "ok"]
    assert "a object is not a JSON value" in outcomes[1].error
    assert sent(api) == [0, 2]


def test_a_refused_token_does_not_stop_the_others(api: Sandbox, runs: Runs) -> None:
    """Each token has its own rows and its own reason to stop."""
    outcomes = runs.send(requests_of(6), tokens=("wrong", SECOND_TOKEN))
    refused, accepted = runs.lanes

    assert refused.stop.reason == "token"
    assert accepted.stop is None
    assert statuses(outcomes) == ["rejected", "ok", "ok", "ok"]
    assert (refused.pending, accepted.pending) == (2, 0)


def test_an_interrupt_in_another_process_stops_the_run(api: Sandbox, runs: Runs) -> None:
    """It stops before the next row leaves."""
    token = interrupted_elsewhere.set(lambda: len(api.arrivals) >= 2)
    try:
        runs.send(requests_of(5))
    finally:
        interrupted_elsewhere.reset(token)

    assert sent(api) == [0, 1]
    assert runs.lanes[0].stop == Stop("interrupted", "interrupted")
