"""Parquet files, which keep the types of all columns."""

import datetime as dt
import sys
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.exceptions import FileError
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from tests.files.kinds import (
    RECORD_KINDS,
    assert_same_cells,
    quick,
    tables,
)


@quick
@given(table=tables(*RECORD_KINDS, st.one_of(RECORD_KINDS), st.dates(), st.datetimes()))
def test_every_kind_of_column_comes_back(tmp_path, table):
    """Dates and times keep their types too."""
    path = write_results(table, tmp_path / "t.parquet", overwrite=True)
    assert_same_cells(read_table(path), table)


def test_a_time_comes_back_with_its_zone(tmp_path):
    """The offset is sent too."""
    moments = pd.to_datetime(["2026-11-23 06:00+01:00", None])
    table = read_table(write_results(pd.DataFrame({"t": moments}), tmp_path / "t.parquet"))
    assert table["t"][0] == moments[0]
    assert table["t"][0].utcoffset() == dt.timedelta(hours=1)


def test_a_file_of_another_program_keeps_its_types(tmp_path):
    """Such a file has no metadata of flxframe."""
    moments = pd.to_datetime(["2026-11-23 06:00", None])
    pd.DataFrame({"n": [7, None], "t": moments, "s": ["[1]", ""]}).to_parquet(
        tmp_path / "t.parquet"
    )
    table = read_table(tmp_path / "t.parquet")
    assert table["t"][0] == moments[0]
    assert table["n"].fillna(0).tolist() == [7, 0]
    assert table["s"].tolist() == ["[1]", ""]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"a,b\n1,2\n"])
def test_a_file_that_is_not_parquet_is_an_error(read_content, content):
    """The message is one line, and names the file."""
    with pytest.raises(FileError, match=r"t\.parquet can't be read as Parquet .*: write it again"):
        read_content(content, "t.parquet")


def test_a_missing_pyarrow_is_reported_before_anything_is_written(tmp_path, monkeypatch):
    """The message says how to install it."""
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    monkeypatch.delattr("pyarrow.parquet", raising=False)
    with pytest.raises(FileError, match=r"pip install 'flxframe\[formats\]'"):
        write_results(pd.DataFrame({"a": [1]}), tmp_path / "t.parquet")
    assert not list(tmp_path.iterdir())


def test_numbers_that_a_float_would_round_come_back(tmp_path):
    """They do so inside an object, and where Parquet has no type for them."""
    numbers = [Decimal("0.12345678901234567890"), Decimal("1e999"), Decimal("1e-400")]
    table = pd.DataFrame({"n": numbers, "o": [{"n": number} for number in numbers]})
    again = read_table(write_results(table, tmp_path / "t.parquet"))

    assert again["n"].tolist() == numbers
    assert again["o"].tolist() == table["o"].tolist()
