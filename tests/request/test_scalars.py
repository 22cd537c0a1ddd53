"""Text becomes a number or a boolean by one strict rule."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.request.scalars import parse_boolean, parse_integer, parse_number


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "1_000", "1_0.5", "٣", "0x10", "1,5", ".", "1._", "--1", "1 2", "1e"]
)
def test_text_that_only_looks_like_a_number_is_refused(text: str) -> None:
    """Python's own int() and float() would accept some of these."""
    assert parse_integer(text) is None
    assert parse_number(text) is None


def test_a_fraction_may_lack_its_zeros_and_a_number_have_spaces() -> None:
    """People type .5 and 5., and pasted cells have no-break spaces."""
    assert [parse_number(text) for text in (".5", "5.", "-.5e1")] == [0.5, 5.0, -5.0]
    assert parse_integer("\u200912\xa0") == 12
    assert parse_boolean("yes\xa0") is True


def test_a_number_beyond_a_float_is_refused() -> None:
    """It would become infinity."""
    assert parse_number("1e999") is None
    assert parse_number("9" * 101) is None


@given(st.integers(-(10**99), 10**99))
def test_every_integer_is_parsed_exactly(number: int) -> None:
    """It can have a sign, and spaces around it."""
    assert parse_integer(f" {number} ") == number
    assert parse_number(f"{number:+}") == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_parsed_exactly(number: float) -> None:
    """It is written as in Python and JSON."""
    parsed = parse_number(repr(number))

    assert parsed == number
    assert math.copysign(1, float(parsed)) == math.copysign(1, number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("TRUE", True), (" yes ", True), ("1", True), ("False", False), ("no", False), ("0", False)],
)
def test_booleans_are_words_or_digits(text: str, expected: bool) -> None:
    """Upper and lower case are valid."""
    assert parse_boolean(text) is expected


@pytest.mark.parametrize("text", ["", "y", "on", "2", "true!"])
def test_other_words_are_not_booleans(text: str) -> None:
    """A guess could run the draft of a workflow."""
    assert parse_boolean(text) is None
