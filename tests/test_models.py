"""The data types that pass between the parts."""

import dataclasses

import pytest

from flxframe import Outcome, RunWorkflowRequest
from flxframe.models import RUN_COLUMNS, STATUSES, ErrorCell


def test_a_body_has_only_what_was_given() -> None:
    """The API prefers an id to an eventHandle, so there must not be one by default."""
    assert RunWorkflowRequest().body() == {"objects": {}}
    request = RunWorkflowRequest(
        objects={"order": {"a": 1}}, id=7, eventHandle="e", draft=False, params={"k": 2}
    )
    assert request.body() == {
        "id": 7,
        "eventHandle": "e",
        "draft": False,
        "params": [{"key": "k", "value": 2}],
        "objects": {"order": {"a": 1}},
    }


def test_an_outcome_cannot_be_changed() -> None:
    """It is passed between threads."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Outcome("ok").status = "unknown"  # type: ignore[misc]


def test_the_statuses_and_run_columns_are_those_of_the_design() -> None:
    """Users filter by them, so they must not change."""
    assert STATUSES == ("ok", "rejected", "invalid", "unknown", "not_sent")
    assert all(name.startswith("run.") for name in RUN_COLUMNS)


def test_an_error_cell_shows_its_text() -> None:
    """The reason is only shown for a row that would send it."""
    assert str(ErrorCell("#N/A", "cell C7 has an error")) == "#N/A"
