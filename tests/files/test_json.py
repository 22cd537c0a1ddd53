"""Files of typed records: .json and .jsonl."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.exceptions import FileError
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.models import ErrorCell
from tests.files.kinds import (
    RECORD_KINDS,
    assert_same_cells,
    quick,
    tables,
)


def test_json_is_a_list_of_records(read_content):
    """A missing key is a blank cell."""
    table = read_content('[{"a": 1, "b": "007"}, {"a": 2, "c": [1]}]', "t.json")
    assert list(table) == ["a", "b", "c"]
    assert table["b"].fillna("").tolist() == ["007", ""]
    assert table["c"].tolist()[1] == [1]


def test_json_is_an_object_of_columns(read_content):
    """pandas can write a table in this form too."""
    table = read_content('{"a": [1, 2], "b": ["x", null]}', "t.json")
    assert table["a"].tolist() == [1, 2]
    assert table["b"].fillna("").tolist() == ["x", ""]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r"is not valid JSON \(.* line 1 column 2 .*\): fix the file"),
        ("", "is not valid JSON"),
        ("[" * 100_000, "is not valid JSON"),
        ("[]", "does not contain a table; expected a list of records"),
        ("{}", "does not contain a table; expected a list of records"),
        ("7", "does not contain a table; expected a list of records"),
        ('[{"a": 1}, 7]', "does not contain a table; expected a list of records"),
        ('{"a": [1], "b": 7}', "does not contain a table; expected a list of records"),
        ('{"a": [1], "b": []}', "different lengths"),
    ],
)
def test_json_without_a_table_is_an_error(read_content, content, message):
    """The message says what is wrong with the file."""
    with pytest.raises(FileError, match=message):
        read_content(content, "t.json")


def test_json_lines_are_records(read_content):
    """Blank lines and a byte order mark are skipped."""
    table = read_content('\ufeff{"a": 12345678901234567890}\n\n{"a": null}\n', "t.jsonl")
    assert table["a"].tolist()[0] == 12345678901234567890
    assert len(table) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ('{"a": 1}\n{"a"', "line 2 is not valid JSON .*: fix the line"),
        ("{}\n7\n", "line 2 is not a record"),
        ("\xff", "line 1 is not valid JSON"),
        ('{"a": ' + "[" * 100_000, "line 1 is not valid JSON"),
        (r'{"\ud83d": 1}', "the name .* contains an unpaired surrogate"),
    ],
)
def test_bad_json_lines_are_reported(read_content, content, message):
    """The message names the line."""
    with pytest.raises(FileError, match=message):
        read_content(content.encode("latin-1"), "t.jsonl")


@quick
@given(table=tables(*RECORD_KINDS, st.one_of(RECORD_KINDS)))
def test_json_lines_come_back(tmp_path, table):
    """Texts, numbers of any size, booleans, objects and lists keep their types, even if mixed."""
    path = write_results(table, tmp_path / "t.jsonl", overwrite=True)
    assert_same_cells(read_table(path), table)


def test_json_numbers_keep_their_digits(tmp_path):
    """A float would round them."""
    numbers = [Decimal("0.12345678901234567890"), 820982911946154508, 1.1, float("inf")]
    table = pd.DataFrame({"objects.n": pd.Series(numbers, dtype=object)})
    path = write_results(table, tmp_path / "t.jsonl")
    assert '"objects.n": 0.12345678901234567890' in path.read_text()
    assert read_table(path)["objects.n"].tolist() == numbers


@pytest.mark.parametrize("number", ["1e999999", "9" * 5000])
def test_a_number_that_is_too_long_makes_its_row_invalid(read_content, number):
    """The other rows can be sent."""
    table = read_content(f'[{{"n": 1}}, {{"n": {number}}}]', "t.json")
    assert table["n"][0] == 1
    assert isinstance(table["n"][1], ErrorCell)


def test_an_unpaired_surrogate_is_kept_and_makes_its_row_invalid(read_content):
    """A column of texts could not contain it."""
    table = read_content(r'[{"t": "\ud83d"}, {"t": "x"}]', "t.json")
    assert table["t"].tolist() == ["\ud83d", "x"]


def test_dates_in_json_lines_are_the_texts_that_are_sent(tmp_path):
    """JSON has no dates, and a Decimal is a number."""
    table = pd.DataFrame({"d": [dt.date(2026, 11, 23)], "n": [Decimal("1.50")]})
    cells = read_table(write_results(table, tmp_path / "t.jsonl")).loc[0].tolist()
    assert cells == ["2026-11-23", 1.5]
