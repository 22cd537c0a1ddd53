"""Parquet files, which keep the types of all columns."""

import datetime as dt
import random
import sys
from contextlib import suppress
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
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


def test_a_file_that_is_damaged_is_one_clear_error(tmp_path):
    """Whichever error the library raises for it."""
    table = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [[1], {"d": 2}]})
    content = write_results(table, tmp_path / "t.parquet").read_bytes()
    rng = random.Random(1)
    readable = 0
    for _ in range(200):
        damaged = bytearray(content)
        for _ in range(3):
            damaged[rng.randrange(len(content))] = rng.randrange(256)
        (tmp_path / "t.parquet").write_bytes(damaged)
        with suppress(FileError):
            read_table(tmp_path / "t.parquet")
            readable += 1
    assert readable < 150


def test_two_columns_of_the_same_name_are_an_error(tmp_path):
    """One of them would be lost."""
    table = pa.table([[1], [2]], names=["a", "a"])
    pq.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(FileError, match=r"can't be read as Parquet \(Multiple matches"):
        read_table(tmp_path / "t.parquet")


def test_a_float_of_32_bits_keeps_its_displayed_digits(tmp_path):
    """The float32 of 0.1 is sent as 0.1, and 0.10000000149 is never shown."""
    table = pd.DataFrame({"n": pd.Series([0.1, None], dtype="float32")})
    column = read_table(write_results(table, tmp_path / "t.parquet"))["n"]
    assert str(column[0]) == "0.1"


def test_times_of_several_offsets_keep_them(tmp_path):
    """Parquet has one zone per column, so they are texts."""
    zones = [dt.timezone(dt.timedelta(hours=hours)) for hours in (0, 1)]
    moments = [dt.datetime(2026, 11, 23, 6, tzinfo=zone) for zone in zones]
    table = pd.DataFrame({"t": pd.Series(moments, dtype=object)})
    cells = read_table(write_results(table, tmp_path / "t.parquet"))["t"].tolist()
    assert cells == [moment.isoformat() for moment in moments]


def test_numbers_that_a_float_would_round_come_back(tmp_path):
    """They do so inside an object, and where Parquet has no type for them."""
    numbers = [Decimal("0.12345678901234567890"), Decimal("1e999"), Decimal("1e-400")]
    table = pd.DataFrame({"n": numbers, "o": [{"n": number} for number in numbers]})
    again = read_table(write_results(table, tmp_path / "t.parquet"))

    assert again["n"].tolist() == numbers
    assert again["o"].tolist() == table["o"].tolist()


def test_a_map_is_an_object(tmp_path):
    """Other programs write one as a list of pairs."""
    path = tmp_path / "t.parquet"
    maps = pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64()))
    pq.write_table(pa.table({"objects.o": maps}), path)
    assert read_table(path)["objects.o"].tolist() == [{"a": 1}, None]


def test_the_index_of_a_filtered_table_is_not_a_column(tmp_path):
    """With object_handle=, it would be sent."""
    frame = pd.DataFrame({"sku": ["a", "b", "-", "c"]})
    frame[frame["sku"] > "-"].to_parquet(tmp_path / "t.parquet")
    assert "__index_level_0__" in pq.read_table(tmp_path / "t.parquet").column_names
    table = read_table(tmp_path / "t.parquet")
    assert table.columns.tolist() == ["sku"]
    assert table["sku"].tolist() == ["a", "b", "c"]
