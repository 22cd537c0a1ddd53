"""Cell references and the letters of columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.files.references import column_number, letters, position, reference, span

COLUMNS = st.integers(1, 16_384)
ROWS = st.integers(1, 1_048_576)


@pytest.mark.parametrize(
    ("number", "name"),
    [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (53, "BA"), (702, "ZZ"), (703, "AAA")],
)
def test_columns_are_named_as_in_a_spreadsheet(number, name):
    """There is no digit for zero, so AA follows Z."""
    assert letters(number) == name
    assert column_number(name) == number


@given(row=ROWS, column=COLUMNS)
def test_every_cell_of_a_sheet_has_one_reference(row, column):
    """The reference can be converted back to the position."""
    assert position(reference(row, column)) == (row, column)


def test_an_absolute_reference_names_the_same_cell():
    """The dollar signs matter only to formulas."""
    assert position("$AB$12") == position("AB12") == (12, 28)


@pytest.mark.parametrize("text", ["", "C", "7", "C7:D8", "C 7", "7C", "Orders!C7"])
def test_other_texts_are_not_cell_references(text):
    """A damaged reference must not be read as another cell."""
    with pytest.raises(ValueError, match="is not a cell reference"):
        position(text)


def test_a_span_includes_both_corners():
    """A range of one cell can be written as its reference."""
    assert span("B2:D10") == (2, 2, 10, 4)
    assert span("$B$2") == (2, 2, 2, 2)


def test_an_invalid_span_is_an_error():
    """Each corner must be a cell reference."""
    with pytest.raises(ValueError, match="'D' is not a cell reference"):
        span("B2:D")
