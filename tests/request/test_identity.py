"""Digests that identify rows."""

import dataclasses
from decimal import Decimal

import pytest

from flxframe.models import RunWorkflowRequest
from flxframe.request.identity import digest, outcome_digest

REQUEST = RunWorkflowRequest(eventHandle="e", objects={"a": 1, "b": "x"})


def test_the_same_content_is_the_same_row() -> None:
    """The order of the columns does not matter."""
    other_order = RunWorkflowRequest(eventHandle="e", objects={"b": "x", "a": 1})
    other_type = RunWorkflowRequest(eventHandle="e", objects={"b": "x", "a": "1"})

    assert digest(REQUEST) == digest(other_order)
    assert digest(REQUEST) != digest(other_type)


@pytest.mark.parametrize(
    "change",
    [{"id": 7}, {"eventHandle": "f"}, {"draft": True}, {"params": {"a": 1}}, {"objects": {}}],
    ids=str,
)
def test_another_field_is_another_row(change: dict) -> None:
    """Each field of the request counts."""
    assert digest(dataclasses.replace(REQUEST, **change)) != digest(REQUEST)


def test_another_token_is_another_row() -> None:
    """A request to one store was not sent to another."""
    assert len({digest(REQUEST), digest(REQUEST, "eu"), digest(REQUEST, "us")}) == 3


@pytest.mark.parametrize(
    "objects",
    [
        {"a": 1.0, "b": "x"},
        {"a": Decimal("1.00"), "b": "x"},
        {"b": "x", "a": 1, "c": None, "d": "", "e": {}, "f": [{"g": None}]},
    ],
    ids=str,
)
def test_a_row_of_a_result_is_the_same_after_it_was_in_a_file(objects: dict) -> None:
    """Blanks and the spelling of a number do not count."""
    assert outcome_digest(REQUEST, objects) == outcome_digest(REQUEST, REQUEST.objects)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (10**30, 10**30 + 1),
        (Decimal("1e4000"), Decimal("2e4000")),
        (Decimal(f"1.{'0' * 30}1"), 1),
    ],
    ids=["integers", "huge", "fractions"],
)
def test_numbers_of_many_digits_differ_in_any_of_them(left: object, right: object) -> None:
    """The digest has all digits, and no exponent is too large for it."""
    assert outcome_digest(REQUEST, {"a": left}) != outcome_digest(REQUEST, {"a": right})


@pytest.mark.parametrize(
    "objects", [{"a": "1", "b": "x"}, {"a": True, "b": "x"}, {"a": 1}], ids=str
)
def test_another_value_is_another_row_of_a_result(objects: dict) -> None:
    """Text and booleans are not numbers."""
    assert outcome_digest(REQUEST, objects) != outcome_digest(REQUEST, REQUEST.objects)
