"""The types of columns of delimited text."""

import pytest

from flxframe.exceptions import FileError, SettingError
from flxframe.files.csv_values import check_dtypes, convert, infer


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["7", "", "-8"], [7, None, -8]),
        (["7", "2.50"], [7, 2.5]),
        (["1e3", "0"], [1000.0, 0]),
        (["true", "", "false"], [True, None, False]),
        (["true", "7"], ["true", "7"]),
        (["True", "false"], ["True", "false"]),
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
    assert infer(["7", ""], is_text=True) == ["7", None]


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
