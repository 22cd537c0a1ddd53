"""Digests that identify rows."""

import dataclasses
from decimal import Decimal

import pytest

from flxframe.models import RunWorkflowRequest
from flxframe.request.identity import Scope, content_digest, tag

REQUEST = RunWorkflowRequest(eventHandle="e", objects={"a": 1, "b": "x"})
SCOPE = Scope("https://api.flxpoint.com")


def test_the_same_content_is_the_same_row() -> None:
    """The order of the columns does not matter."""
    other_order = RunWorkflowRequest(eventHandle="e", objects={"b": "x", "a": 1})
    assert SCOPE.key(REQUEST) == SCOPE.key(other_order)


@pytest.mark.parametrize(
    "objects",
    [
        {"a": "1", "b": "x"},
        {"a": 1.0, "b": "x"},
        {"a": 1, "b": "x", "tags": []},
        {"a": 1, "b": None},
    ],
    ids=str,
)
def test_the_exact_content_counts(objects: dict) -> None:
    """Also where the canonical form is the same."""
    changed = dataclasses.replace(REQUEST, objects=objects)
    assert SCOPE.key(changed) != SCOPE.key(REQUEST)


def test_long_integers_are_not_rounded() -> None:
    """A corrected last digit is another row."""
    one, other = ({"n": 10**30 + 1}, {"n": 10**30 + 2})
    assert SCOPE.key(RunWorkflowRequest(objects=one)) != SCOPE.key(
        RunWorkflowRequest(objects=other)
    )
    assert content_digest(REQUEST, one) != content_digest(REQUEST, other)


@pytest.mark.parametrize(
    "change",
    [{"id": 7}, {"eventHandle": "f"}, {"draft": True}, {"params": {"a": 1}}, {"objects": {}}],
    ids=str,
)
def test_another_field_is_another_row(change: dict) -> None:
    """Each field of the request counts."""
    changed = dataclasses.replace(REQUEST, **change)
    assert SCOPE.key(changed) != SCOPE.key(REQUEST)
    assert content_digest(changed, changed.objects) != content_digest(REQUEST, REQUEST.objects)


def test_place_token_cell_and_occasion_are_part_of_a_row() -> None:
    """What was sent to one store was not sent to another."""
    scopes = [SCOPE, Scope("http://127.0.0.1:8000"), Scope(SCOPE.place, "2026-12-01")]
    keys = {scope.key(REQUEST, cell) for scope in scopes for cell in (None, "EU", "US")}
    assert len(keys) == 9


@pytest.mark.parametrize(
    "objects",
    [
        {"a": 1.0, "b": "x"},
        {"a": Decimal("1.00"), "b": "x"},
        {"b": "x", "a": 1, "c": None, "d": "", "f": [{"g": None}]},
    ],
    ids=str,
)
def test_a_row_of_a_result_is_the_same_after_it_was_in_a_file(objects: dict) -> None:
    """Blanks and the spelling of a number do not count."""
    assert content_digest(REQUEST, objects) == content_digest(REQUEST, REQUEST.objects)


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
    assert content_digest(REQUEST, {"a": left}) != content_digest(REQUEST, {"a": right})


@pytest.mark.parametrize(
    "objects", [{"a": "1", "b": "x"}, {"a": True, "b": "x"}, {"a": 1}], ids=str
)
def test_another_value_is_another_row_of_a_result(objects: dict) -> None:
    """Text and booleans are not numbers."""
    assert content_digest(REQUEST, objects) != content_digest(REQUEST, REQUEST.objects)


def test_a_tag_does_not_contain_the_text() -> None:
    """It only distinguishes texts."""
    assert tag("secret", 4) == tag("secret", 4) != tag("secret2", 4)
    assert b"secret" not in tag("secret", 16)
