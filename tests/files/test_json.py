"""Records with types of their own: .json, .jsonl and .parquet."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flxframe.exceptions import FileError
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from tests.files.kinds import BOOLEANS, FLOATS, INTEGERS, TEXTS, assert_same_cells, tables

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NESTED = st.dictionaries(
    TEXTS(), st.integers(0, 9) | TEXTS() | st.lists(st.integers(0, 9)), min_size=1, max_size=3
)
KINDS = [TEXTS(), INTEGERS(10**25), FLOATS, BOOLEANS, NESTED]


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a file and reads it as a table."""

    def write(content, name):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path)

    return write


def test_json_is_a_list_of_records(written):
    """A key that a record lacks is a blank."""
    table = written('[{"a": 1, "b": "007"}, {"a": 2, "c": [1]}]', "t.json")
    assert list(table) == ["a", "b", "c"]
    assert table["b"].fillna("").tolist() == ["007", ""]
    assert table["c"].tolist()[1] == [1]


def test_json_is_an_object_of_columns(written):
    """Which is how pandas can write it too."""
    assert written('{"a": [1, 2], "b": ["x", null]}', "t.json")["a"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "is no JSON"),
        ("[]", "holds no table"),
        ("7", "holds no table"),
        ('{"a": [1], "b": []}', "different lengths"),
        ("", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_json_that_is_no_table_is_an_error(written, content, told):
    """One sentence says what is wrong with it."""
    with pytest.raises(FileError, match=told):
        written(content, "t.json")


def test_json_lines_are_records(written):
    """Blank lines and a mark at the start do no harm."""
    assert (
        written('\ufeff{"a": 12345678901234567890}\n\n{"a": null}\n', "t.jsonl")["a"].tolist()[0]
        == 12345678901234567890
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty"),
        ('{"a": 1}\n{"a"', "line 2 is no JSON"),
        ("{}\n7\n", "line 2 is no record"),
        ("\xff", "line 1"),
    ],
)
def test_bad_json_lines_are_named(written, content, told):
    """The message names the line."""
    with pytest.raises(FileError, match=told):
        written(content.encode("latin-1"), "t.jsonl")


@quick
@given(table=tables(*KINDS, st.one_of(KINDS)))
def test_json_lines_come_back(tmp_path, table):
    """Texts, numbers of any size, booleans, objects and lists come back, mixed too, type by type."""
    assert_same_cells(read_table(write_results(table, tmp_path / "t.jsonl", overwrite=True)), table)


@quick
@given(table=tables(*KINDS, st.one_of(KINDS), st.dates(), st.datetimes()))
def test_parquet_comes_back(tmp_path, table):
    """Dates and times too keep their types."""
    assert_same_cells(
        read_table(write_results(table, tmp_path / "t.parquet", overwrite=True)), table
    )


def test_dates_in_json_lines_are_the_texts_that_are_sent(tmp_path):
    """JSON knows no dates, and a Decimal is a number."""
    table = pd.DataFrame({"d": [dt.date(2026, 11, 23)], "n": [Decimal("1.50")]})
    assert read_table(write_results(table, tmp_path / "t.jsonl")).loc[0].tolist() == [
        "2026-11-23",
        1.5,
    ]


def test_a_time_with_its_zone_comes_back_from_parquet(tmp_path):
    """An offset is part of what is sent."""
    moments = pd.to_datetime(["2026-11-23 06:00+01:00", None])
    table = read_table(write_results(pd.DataFrame({"t": moments}), tmp_path / "t.parquet"))
    assert table["t"][0] == moments[0]
    assert table["t"][0].utcoffset() == dt.timedelta(hours=1)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"a,b\n1,2\n"])
def test_a_file_that_is_no_parquet_is_an_error(written, content):
    """One sentence, with the file."""
    with pytest.raises(FileError, match="can't be read as Parquet"):
        written(content, "t.parquet")
