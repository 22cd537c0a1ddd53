"""Values that are too large are recognised without calculating with them."""

from decimal import Decimal

import pytest

from flxframe.request.sizes import MAX_DIGITS, is_short, is_too_deep


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", True),
        ("1e4299", True),
        ("1e4300", False),
        ("-1e-4299", True),
        ("1e-4300", False),
        ("0e999999999", False),
        ("1." + "3" * (MAX_DIGITS - 1), True),
        ("1." + "3" * MAX_DIGITS, False),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_number_is_short_if_it_has_few_digits_without_an_exponent(
    text: str, expected: bool
) -> None:
    """Both the digits that are written and the exponent count."""
    assert is_short(Decimal(text)) is expected


@pytest.mark.parametrize(("depth", "expected"), [(100, False), (101, True)])
def test_a_value_is_too_deep_from_a_depth_on(depth: int, expected: bool) -> None:
    """Lists and objects count alike."""
    value: object = 7
    for number in range(depth):
        value = [value] if number % 2 else {"a": value}
    assert is_too_deep(value) is expected
