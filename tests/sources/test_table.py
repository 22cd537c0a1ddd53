"""A table comes in through one door, with the same options for all functions."""

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import flxframe
from flxframe import FileError, SettingError, TableError
from flxframe.options.reading import ReadOptions
from flxframe.sources.table import as_table, read_table
from tests.conftest import run

URL = "http://127.0.0.1:1"


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """Two sheets of orders; in the second one, the names are in the third row."""
    book = openpyxl.Workbook()
    book.active.append(["eventHandle", "objects.order.id"])
    book.active.append(["order_import", 7])
    returns = book.create_sheet("Returns")
    for row in (["Returns of the week"], [], ["eventHandle", "objects.order.id"], ["back", 8]):
        returns.append(row)
    book.save(tmp_path / "orders.xlsx")
    return tmp_path / "orders.xlsx"


def test_a_table_is_returned_as_is() -> None:
    """Only a path is read."""
    table = pd.DataFrame({"a": [1]})
    assert as_table(table, ReadOptions()) is table


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path_is_read_as_a_table(workbook, kind) -> None:
    """The path can be a text or a Path."""
    table = as_table(kind(workbook), ReadOptions(sheet="Sheet"))
    assert table["objects.order.id"].tolist() == [7]


def test_another_type_is_not_a_table() -> None:
    """The message says what is one."""
    with pytest.raises(TableError, match=r"a run expects a table, .*, not a value of type int"):
        as_table(7, ReadOptions())


def parts(*tables: object) -> Iterator[object]:
    """Yield tables."""
    yield from tables


def test_tables_that_come_in_parts_are_one_table() -> None:
    """Each of them can be of another library."""
    chunks = parts(pd.DataFrame({"a": [1]}), [{"a": 2}], pl.DataFrame({"a": [3, 4]}))
    assert as_table(chunks, ReadOptions())["a"].tolist() == [1, 2, 3, 4]


def test_an_iterator_of_something_else_is_refused() -> None:
    """The message says which item is not a table; an iterator without any was read before."""
    chunks = parts([{"a": 1}])
    as_table(chunks, ReadOptions())
    with pytest.raises(TableError, match="has no tables, or none any more: create it again"):
        as_table(chunks, ReadOptions())
    with pytest.raises(
        TableError, match=r"table 2 of an iterator: a run expects a table, .* dict$"
    ):
        as_table(parts([], {"a": 1}), ReadOptions())
    with pytest.raises(TableError, match=r"can be read only once.*: call its \.read_all\(\)"):
        as_table(pa.table({"a": [1]}).to_reader(), ReadOptions())


def test_a_run_takes_the_sheet_and_the_header_row(api, workbook) -> None:
    """Without them it raises an error that names them, and sends nothing."""
    with pytest.raises(FileError, match=r"several sheets .*: choose one with sheet= \(--sheet\)"):
        run(workbook, api)
    assert api.arrivals == []

    result = run(workbook, api, sheet="Returns", header_row=3)
    assert result["objects.order.id"].tolist() == [8]
    assert result.attrs["flxframe"]["first_row"] == 4


def test_a_run_takes_the_types_of_columns(api, tmp_path: Path) -> None:
    """A number in a .csv file can be meant as text."""
    path = tmp_path / "orders.csv"
    path.write_text("eventHandle,objects.order.id\norder_import,7\n")
    settings = {"event_handle": "e", "base_url": URL}
    planned = flxframe.preview(path, dtype={"objects.order.id": str}, **settings)
    assert (
        planned.rows["request"][0]
        == '{"eventHandle":"order_import","objects":{"order":{"id":"7"}}}'
    )
    with pytest.raises(SettingError, match=r"dtype={'id': \.\.\.}: .* has no column 'id'"):
        run(path, api, dtype={"id": "string"})


@pytest.mark.parametrize(
    "setting", [{"sheet": "Orders"}, {"header_row": 2}, {"dtype": {"a": "string"}}]
)
@pytest.mark.parametrize("table", [pd.DataFrame({"a": [1]}), [{"a": 1}]], ids=["frame", "list"])
def test_a_setting_for_files_is_refused_for_a_table_in_memory(
    api, tmp_path, table, setting
) -> None:
    """If it were ignored, the user would believe that it had an effect."""
    (name,) = setting
    with pytest.raises(SettingError, match=f"{name}=.* applies only to files"):
        run(table, api, **setting)


def test_warnings_point_at_the_line_that_reads_the_file(api, workbook) -> None:
    """However many functions of flxframe are in between."""
    book = openpyxl.load_workbook(workbook)
    book["Sheet"].row_dimensions[2].hidden = True
    book.save(workbook)
    calls = [
        lambda: read_table(workbook, sheet="Sheet"),
        lambda: flxframe.preview(workbook, sheet="Sheet", base_url=URL),
        lambda: run(workbook, api, sheet="Sheet"),
    ]
    for call, file in zip(calls, [__file__, __file__, run.__code__.co_filename], strict=True):
        with pytest.warns(UserWarning, match="includes 1 hidden row") as caught:
            call()
        assert [warning.filename for warning in caught] == [file]
