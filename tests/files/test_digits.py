"""The 15 digits that spreadsheet programs keep."""

import pytest

from flxframe.files.digits import MAX_INTEGER, lost_digits, round_digits
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
