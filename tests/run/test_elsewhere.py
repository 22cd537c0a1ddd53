"""The rows of a run that another run of the same journal has in flight."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from flxframe import RunWorkflowRequest
from flxframe.models import Outcome
from flxframe.run.elsewhere import Elsewhere

REQUEST = RunWorkflowRequest(eventHandle="order_import")
OK = Outcome("ok", 200, objects={"order": {"n": 1}}, attempts=3)


class OtherRun:
    """The record of another run, whose rows get their outcomes one by one."""

    def __init__(self) -> None:
        self.outcomes: dict[int, Outcome] = {}
        self.questions: list[list[int]] = []

    def begin(self, entries: Sequence[tuple[int, RunWorkflowRequest]]) -> dict[int, Outcome | None]:
        return {position: self.outcomes.get(position) for position, _ in entries}

    def poll(self, positions: list[int]) -> dict[int, Outcome]:
        self.questions.append(positions)
        return {row: self.outcomes[row] for row in positions if row in self.outcomes}

    def finish(self, entries: Sequence[tuple[int, Outcome]]) -> None:
        raise AssertionError("nothing is sent")

    def may_have_run(self, position: int) -> bool:
        raise AssertionError("nothing is sent")


class Rows:
    """The rows that are taken over from another run, and a clock."""

    def __init__(self, record: OtherRun | None) -> None:
        self.now = 1000.0
        self.added: dict[int, Outcome] = {}
        self.elsewhere = Elsewhere(record, self.add, lambda: self.now)

    def add(self, position: int, outcome: Outcome, request: RunWorkflowRequest) -> None:
        assert position not in self.added
        assert request is REQUEST
        self.added[position] = outcome


@pytest.fixture
def other() -> OtherRun:
    return OtherRun()


@pytest.fixture
def rows(other: OtherRun) -> Rows:
    """The rows 4 and 7 are waited for."""
    rows = Rows(other)
    rows.elsewhere.take_over(4, REQUEST, None)
    rows.elsewhere.take_over(7, REQUEST, None)
    return rows


def test_an_outcome_that_another_run_has_is_recalled(other: OtherRun) -> None:
    """Nothing is waited for."""
    rows = Rows(other)
    rows.elsewhere.take_over(4, REQUEST, OK)

    assert not rows.elsewhere
    assert rows.added[4].recalled
    assert (rows.added[4].status, rows.added[4].objects) == (OK.status, OK.objects)


def test_a_row_in_flight_is_waited_for_until_its_outcome_arrives(rows: Rows, other) -> None:
    """The others are still waited for."""
    rows.elsewhere.collect()
    assert rows.elsewhere
    assert rows.added == {}

    other.outcomes[7] = OK
    rows.now += 1
    rows.elsewhere.collect()
    assert list(rows.added) == [7]
    assert rows.added[7].recalled

    other.outcomes[4] = Outcome("unknown")
    rows.now += 1
    rows.elsewhere.collect()
    assert not rows.elsewhere
    assert other.questions == [[4, 7], [4, 7], [4]]


def test_the_other_run_is_asked_twice_a_second(rows: Rows, other: OtherRun) -> None:
    """However often the scheduler calls: each question reads the journal."""
    for _ in range(100):
        rows.elsewhere.collect()
        rows.now += 0.0625  # exact in binary
    assert len(other.questions) == 13


def test_a_run_that_waits_for_nothing_does_not_ask(other: OtherRun) -> None:
    """Nor does one without a journal."""
    for record in (other, None):
        rows = Rows(record)
        rows.elsewhere.collect()
        assert not rows.elsewhere
    assert other.questions == []


def test_rows_of_a_stopped_run_are_unknown(rows: Rows, other: OtherRun) -> None:
    """The error says how to get their outcomes, and they are added once."""
    rows.elsewhere.give_up()
    rows.elsewhere.give_up()
    other.outcomes = {4: OK, 7: OK}
    rows.elsewhere.collect()

    assert [outcome.status for outcome in rows.added.values()] == ["unknown"] * 2
    assert "repeat the run to get it from the journal" in rows.added[4].error
    assert not rows.elsewhere
    assert other.questions == []
