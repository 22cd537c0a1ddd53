"""The digits of numbers."""

from decimal import Decimal

import pytest

from flxframe.files.digits import MAX_INTEGER, exact_number, lost_digits, round_digits
from flxframe.models import ErrorCell
from flxframe.request.cells import to_json_or_text


def test_the_longest_integer_has_15_digits():
    """Both a float and a workbook keep all of them."""
    assert len(str(MAX_INTEGER)) == 15
    assert round_digits(float(MAX_INTEGER)) == MAX_INTEGER


@pytest.mark.parametrize(
    ("number", "displayed"),
    [(0.1 + 0.2, 0.3), (1 / 3, 0.333333333333333), (-2.5, -2.5), (1e300, 1e300), (0.0, 0.0)],
)
def test_a_float_is_rounded_as_in_a_workbook(number, displayed):
    """The 16th and 17th digits are artifacts of binary fractions."""
    assert round_digits(number) == displayed


def test_an_integer_with_lost_digits_names_its_cell():
    """The cell keeps its text, and the message says how to enter the number."""
    cell = lost_digits("1234567890123460", "Orders!C7")
    assert to_json_or_text(cell) == "1234567890123460"
    assert cell.reason.startswith("Orders!C7 contains a number of more than 15 digits")
    assert "format the cell as text" in cell.reason


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("-0", 0),
        ("820982911946154508", 820982911946154508),
        ("1.10", 1.1),
        ("1e22", 1e22),
        ("0.30000000000000004", 0.1 + 0.2),
        ("0.12345678901234567890", Decimal("0.12345678901234567890")),
        ("1e400", Decimal("1e400")),
        ("1e-400", Decimal("1e-400")),
    ],
)
def test_a_number_keeps_its_digits(text, number):
    """It is a float only if that is exact."""
    exact = exact_number(text)
    assert exact == number
    assert type(exact) is type(number)


@pytest.mark.parametrize("text", ["1e999999999", "1E-0099999", "9" * 5000, "0." + "1" * 10**6])
def test_a_number_that_would_take_too_long_is_an_error(text):
    """A few characters must not cost minutes."""
    cell = exact_number(text)
    assert isinstance(cell, ErrorCell)
    assert len(cell.reason) < 200
