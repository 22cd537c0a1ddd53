"""The types of columns of delimited text."""

from decimal import Decimal

import pytest

from flxframe.exceptions import FileError, SettingError
from flxframe.files.csv_values import check_dtypes, convert, infer, infer_each
from flxframe.models import ErrorCell


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["7", "", "-8"], [7, None, -8]),
        (["7", "2.50"], [7, 2.5]),
        (["1e3", "0"], [1000.0, 0]),
        (["true", "", "false"], [True, None, False]),
        (["true", "7"], ["true", "7"]),
        (["True", "false"], ["True", "false"]),
        (["TRUE", "", "FALSE"], [True, None, False]),
        (["True", "False"], [True, False]),
        (["TRUE", "Y"], ["TRUE", "Y"]),
        (["Y", "N"], ["Y", "N"]),
        (["02134", "7"], ["02134", "7"]),
        (["x", ""], ["x", None]),
        (["", ""], [None, None]),
    ],
)
def test_all_values_of_a_column_have_the_same_type(texts, values):
    """One text that is not a number makes all of them texts."""
    result = infer(texts)
    assert result == values
    assert list(map(type, result)) == list(map(type, values))


@pytest.mark.parametrize(
    "text",
    [
        "1234567890123456",
        "0.12345678901234567890",
        "1e999",
        "1e00001",
        "0." + "0" * 120 + "1",
        "1.",
        ".5",
        "+7",
        "1_000",
        "NaN",
    ],
)
def test_a_number_that_would_not_come_back_is_a_text(text):
    """No digit is lost, and no cell becomes blank."""
    assert infer([text, "7"]) == [text, "7"]


@pytest.mark.parametrize("text", ["999999999999999", "0.1234567890123456", "-1.5e300"])
def test_a_number_that_a_float_keeps_is_a_number(text):
    """15 digits always come back, and more of them often do."""
    (value,) = infer([text])
    assert isinstance(value, (int, float))
    assert float(text) == value


def test_a_marked_column_is_text():
    """Its numbers are postcodes or identifiers."""
    assert infer(["'7", "8", ""]) == ["7", "8", None]
    assert infer(['="007"', "8", '=""']) == ["007", "8", None]


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#WERT!", "Err:502", "########"])
def test_an_error_value_does_not_make_numbers_texts(error):
    """Only its own row can't be sent."""
    number, cell, blank = infer(["7", error, ""])
    assert (number, blank) == (7, None)
    assert isinstance(cell, ErrorCell)
    assert cell.text == error


@pytest.mark.parametrize(
    "text", ["4.68769E+17", "3.91E+16", "-1E+15", "8.209829119461545e+17", "1.23457E+11"]
)
def test_a_shortened_number_is_an_error(text):
    """Its last digits are lost, and the rest is another id."""
    cell, number = infer([text, "7"])
    assert isinstance(cell, ErrorCell)
    assert "digits are lost" in cell.reason
    assert number == 7


def test_a_shortened_number_among_texts_is_an_error():
    """The other ids of the column have letters."""
    cell, text = infer(["4.68769E+17", "A-1"])
    assert isinstance(cell, ErrorCell)
    assert text == "A-1"


def test_a_text_that_looks_like_a_shortened_number_is_a_text():
    """A mark says that it is one."""
    assert infer(["'4.68769E+17"]) == ["4.68769E+17"]
    assert infer(["\x004.68769E+17"], quotes_mean_text=True) == ["4.68769E+17"]


def test_each_cell_of_a_file_of_flxframe_has_its_own_type():
    """A long integer does not make its column texts, and a Decimal keeps its digits."""
    cells = ["7", "820982911946154508", "0.12345678901234567890", "true", "'8", "\x009", "", "07"]
    values = infer_each(cells)
    digits = Decimal("0.12345678901234567890")
    assert values == [7, 820982911946154508, digits, True, "8", "9", None, "07"]
    assert type(values[3]) is bool


def test_an_error_value_in_a_file_of_flxframe_is_an_error():
    """A marked one is a text."""
    error, text = infer_each(["#N/A", "'#N/A"])
    assert isinstance(error, ErrorCell)
    assert text == "#N/A"


@pytest.mark.parametrize("dtype", ["integer", "number", "boolean"])
def test_an_error_value_stays_one_whatever_the_dtype(dtype):
    """The other rows can be sent."""
    cell, value = convert(["#N/A", "1"], dtype, where="orders.csv, column 'n'", first_row=2)
    assert isinstance(cell, ErrorCell)
    assert value == 1


def test_the_dtype_string_keeps_the_texts_of_errors():
    """The user says that they are texts."""
    cells = ["#N/A", "4.68769E+17"]
    assert convert(cells, "string", where="orders.csv, column 'n'", first_row=2) == cells


@pytest.mark.parametrize("text", ["1_000", "\uff11\uff12", "\u0661\u0662", " 7", "0x10"])
def test_only_ascii_digits_are_numbers(text):
    """Python itself would read these as numbers."""
    assert infer([text]) == [text]
    assert infer_each([text]) == [text]


@pytest.mark.parametrize(
    ("dtype", "texts", "values"),
    [
        ("string", ["7", "", "x"], ["7", None, "x"]),
        ("integer", ["007", "", " 12 "], [7, None, 12]),
        ("number", ["007", "", "2.5"], [7, None, 2.5]),
        ("boolean", ["yes", "", "0"], [True, None, False]),
    ],
)
def test_texts_are_converted_to_a_given_dtype(dtype, texts, values):
    """A blank stays blank in each of them."""
    assert convert(texts, dtype, where="orders.csv, column 'n'", first_row=2) == values


@pytest.mark.parametrize(
    ("dtype", "message"),
    [("integer", "an integer"), ("number", "a number"), ("boolean", "a boolean")],
)
def test_a_text_of_another_dtype_is_an_error(dtype, message):
    """The message names the file, the column, the row and the text."""
    expected = f"orders.csv, column 'n', row 6: 'x' is not {message}; fix the cell"
    with pytest.raises(FileError, match=expected):
        convert(["1", "x"], dtype, where="orders.csv, column 'n'", first_row=5)


def test_dtypes_are_checked_by_their_names():
    """`int` and "int" mean the same as "integer"."""
    dtypes = {"a": int, "b": "integer", "c": "int", "d": str}
    assert check_dtypes(dtypes, names="abcd", where="orders.csv") == {
        "a": "integer",
        "b": "integer",
        "c": "integer",
        "d": "string",
    }


@pytest.mark.parametrize(
    ("dtypes", "message"),
    [
        ({"m": "string"}, "orders.csv has no column 'm'; it has 'n'"),
        ({"n": "text"}, "dtype={'n': 'text'} must be one of string, integer, number, boolean"),
        ({"n": bytes}, "must be one of string, integer, number, boolean"),
    ],
)
def test_wrong_dtypes_are_refused(dtypes, message):
    """The message lists the valid values."""
    with pytest.raises(SettingError, match=message):
        check_dtypes(dtypes, names=["n"], where="orders.csv")
