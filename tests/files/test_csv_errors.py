"""Cells in which a spreadsheet program left no value."""

import pytest

from flxframe.files.csv_errors import error_cells, has_lost_digits, is_shortened


@pytest.mark.parametrize("text", ["#N/A", "#DIV/0!", "#NV", "#¿NOMBRE?", "Err:508", "###"])
def test_errors_in_any_language_are_detected(text):
    """The message says what to do."""
    errors = error_cells({text, "7"})
    assert errors.keys() == {text}
    assert text in errors[text].reason
    assert "spreadsheet" in errors[text].reason


@pytest.mark.parametrize("text", ["#1001", "#", "##", "#sale!", "N/A", "Err:", "#n/a"])
def test_other_texts_are_not_errors(text):
    """An order number starts with # too."""
    assert not error_cells({text})


def test_a_column_that_was_too_narrow_has_its_own_remedy():
    """Nothing in the cell is wrong."""
    assert "widen the column" in error_cells({"#####"})["#####"].reason


@pytest.mark.parametrize("text", ["1899-12-30", "1/0/1900", "00.01.1900", "1899-12-30 00:00"])
def test_a_zero_that_is_formatted_as_a_date_is_detected(text):
    """In a workbook it is an error too, and nobody meant a day of 1899."""
    assert "a 0 that is formatted as a date" in error_cells({text})[text].reason
    assert not error_cells({"1899-12-31", "1900-01-01", "1/1/1900"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4.68769E+17", True),
        ("1E+11", True),
        ("-1.5E+300", True),
        ("1E+10", False),
        ("1E5", False),
        ("1e+17", False),
        ("46.8769E+17", False),
        ("4.68769E+17 ", False),
    ],
)
def test_a_shortened_number_is_detected(text, expected):
    """Spreadsheet programs show 12 digits and more so."""
    assert is_shortened(text) is expected


def test_an_id_with_an_exponent_has_lost_digits():
    """A larger number is a measurement, and a number of 15 digits is exact."""
    assert has_lost_digits("8.209829119461545e+17", 8.209829119461545e17)
    assert not has_lost_digits("1e14", 1e14)
    assert not has_lost_digits("1.5e300", 1.5e300)
    assert not has_lost_digits("820982911946154508", 820982911946154508)
