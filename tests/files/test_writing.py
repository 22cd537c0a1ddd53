"""Tables are written to files completely or not at all, and come back unchanged."""

import datetime as dt
import os
import stat
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.table import Table

from flxframe.exceptions import FileError
from flxframe.files.reading import read_table
from flxframe.files.writing import check_writable, write_results
from tests.files.kinds import (
    BOOLEANS,
    DATES,
    FLOATS,
    MOMENTS,
    TIMES,
    assert_same_cells,
    integers,
    tables,
    texts,
)

KINDS = [texts(), integers(10**18), FLOATS, BOOLEANS, DATES, TIMES, MOMENTS]


def test_an_existing_file_is_replaced_only_on_demand(tmp_path):
    """Nothing is overwritten by accident."""
    table = pd.DataFrame({"a": [1]})
    path = write_results(table, tmp_path / "t.csv")
    with pytest.raises(FileError, match=r"already exists: .* overwrite=True \(--force\)"):
        write_results(table, path)
    assert write_results(table + 1, path, overwrite=True) == path
    assert read_table(path)["a"].tolist() == [2]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("t.txt", r"can't be written \(unsupported file type\): use a .xlsx"),
        ("no/t.csv", "can't be written: check that its folder exists"),
        ("t.xlsm", "can't be written: without a template there are no macros"),
    ],
)
def test_an_impossible_path_is_reported_first(tmp_path, name, message):
    """The error is raised before anything is written."""
    with pytest.raises(FileError, match=message):
        write_results(pd.DataFrame({"a": [1]}), tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "template"),
    [("t.csv", "orders.csv"), ("t.xlsx", "orders.xlsm"), ("t.xlsm", "orders.xlsx")],
)
def test_a_template_must_be_a_workbook_of_the_same_kind(tmp_path, name, template):
    """A workbook with macros cannot be saved as one without."""
    message = rf"{name} can't be written from the template {template}: both must be \.xlsx"
    with pytest.raises(FileError, match=message.replace(name, f".*{name}", 1)):
        check_writable(tmp_path / name, overwrite=False, template=Path(template))


def test_other_problems_of_the_system_are_one_error(tmp_path):
    """The message names the file and the reason."""
    path = tmp_path / f"{'x' * 252}.csv"
    with pytest.raises(FileError, match=r"x.csv can't be written \(File name too long\): choose"):
        write_results(pd.DataFrame({"a": [1]}), path)
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(FileError, match=r"folder.xlsx is a folder: choose a file in it"):
        write_results(
            pd.DataFrame({"a": [1]}), tmp_path / "t.xlsx", template=tmp_path / "folder.xlsx"
        )


def test_a_missing_template_is_reported(tmp_path):
    """The message names the template, and no file is written."""
    with pytest.raises(FileError, match=r"there is no file .*orders\.xlsx: check the name"):
        write_results(
            pd.DataFrame({"a": [1]}), tmp_path / "t.xlsx", template=tmp_path / "orders.xlsx"
        )
    assert not list(tmp_path.iterdir())


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(table=tables(*KINDS, st.one_of(KINDS)))
def test_a_workbook_comes_back(tmp_path, table):
    """Texts of any characters, numbers of any size, booleans, dates and times keep their types."""
    path = write_results(table, tmp_path / "t.xlsx", overwrite=True)
    assert_same_cells(read_table(path), table)


def test_other_values_come_back_from_a_workbook_as_the_text_that_is_sent(tmp_path):
    """Offsets, early dates and microseconds come back as text; objects and lists as JSON."""
    zone = dt.timezone(dt.timedelta(hours=1))
    values = [
        dt.datetime(2026, 1, 2, 3, tzinfo=zone),
        dt.date(1899, 1, 1),
        dt.time(1, 2, 3, 4),
        {"a": [1, "é"]},
        [7],
    ]
    table = pd.DataFrame({"objects.o": pd.Series(values, dtype=object)})
    assert read_table(write_results(table, tmp_path / "t.xlsx"))["objects.o"].tolist() == [
        "2026-01-02T03:00:00+01:00",
        "1899-01-01",
        "01:02:03.000004",
        '{"a": [1, "é"]}',
        "[7]",
    ]


def test_whole_numbers_that_blanks_made_float_are_whole_again(tmp_path):
    """They are displayed as 7, not 7.0."""
    table = pd.DataFrame({"objects.o.n": [7, None], "objects.o.a": ["x", "y"]})
    column = read_table(write_results(table, tmp_path / "t.xlsx"))["objects.o.n"]
    assert str(column.dtype) == "Int64"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@x", "=HYPERLINK(1)"])
def test_a_text_that_looks_like_a_formula_is_a_text(tmp_path, text):
    """A server's text is never calculated as a formula."""
    path = write_results(pd.DataFrame({text: [text]}), tmp_path / "t.xlsx")
    cell = openpyxl.load_workbook(path)["Sheet1"]["A2"]
    assert (cell.data_type, cell.value) == ("s", text)


@pytest.mark.parametrize("value", ["x" * 32_768, ["x" * 32_768], "😀" * 16_384])
def test_a_text_too_long_for_a_cell_is_refused_first(tmp_path, value):
    """Nothing is written, and the message names the row and the column."""
    table = pd.DataFrame({"note": ["short", value]})
    message = r"column 'note', row 3 contains 32,7\d\d characters.*write a .jsonl"
    with pytest.raises(FileError, match=message):
        write_results(table, tmp_path / "t.xlsx")
    assert not list(tmp_path.iterdir())


def test_everyone_who_can_read_the_folder_can_read_the_result(tmp_path):
    """Colleagues open it in a shared folder; a replaced file keeps its permissions."""
    umask = os.umask(0o022)
    try:
        path = write_results(pd.DataFrame({"a": [1]}), tmp_path / "t.xlsx")
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
        path.chmod(0o660)
        write_results(pd.DataFrame({"a": [2]}), path, overwrite=True)
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
    finally:
        os.umask(umask)


def test_a_link_to_a_file_stays_a_link(tmp_path):
    """The file that the link points to is replaced."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "t.csv").symlink_to(tmp_path / "shared" / "t.csv")
    write_results(pd.DataFrame({"a": [1]}), tmp_path / "t.csv", overwrite=True)
    assert (tmp_path / "t.csv").is_symlink()
    assert [path.name for path in (tmp_path / "shared").iterdir()] == ["t.csv"]


@pytest.mark.parametrize("kind", ["xlsx", "csv", "jsonl"])
def test_a_crash_does_not_leave_an_incomplete_file(tmp_path, kind):
    """The existing file stays, and no temporary file remains."""

    class Bomb:
        def __str__(self):
            raise RuntimeError("boom")

    path = write_results(pd.DataFrame({"a": [1]}), tmp_path / f"t.{kind}")
    with pytest.raises(RuntimeError, match="boom"):
        write_results(pd.DataFrame({"a": [Bomb()]}), path, overwrite=True)
    assert read_table(path)["a"].tolist() == [1]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((1, 16_385), "16,385 columns, but a sheet of a workbook has space for 16,384"),
        ((1_048_576, 1), "1,048,576 rows, but a sheet of a workbook has space for 1,048,575"),
    ],
    ids=["columns", "rows"],
)
def test_a_table_that_a_sheet_cannot_contain_is_refused(tmp_path, shape, message):
    """Nothing is written, and the message says which files can contain it."""
    table = pd.DataFrame(np.zeros(shape, dtype="int8"))
    with pytest.raises(FileError, match=f"{message}: write a .jsonl, .csv or .parquet file"):
        write_results(table, tmp_path / "t.xlsx")
    assert not list(tmp_path.iterdir())


def test_the_statuses_are_read_although_an_excel_table_could_not_grow(tmp_path):
    """A formula next to the Table keeps them apart from it."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["eventHandle", "objects.order.number"], ["order_import", "1"]):
        sheet.append(row)
    sheet["D2"] = '=IF(B2="","missing","")'
    sheet.add_table(Table(displayName="Orders", ref="A1:B2"))
    book.save(tmp_path / "orders.xlsx")

    table = read_table(tmp_path / "orders.xlsx")
    result = table.assign(**{"objects.order.status": ["Hold"], "run.status": ["ok"]})
    done = write_results(result, tmp_path / "done.xlsx", template=tmp_path / "orders.xlsx")

    sheet = openpyxl.load_workbook(done)["Sheet"]
    assert sheet.tables["Orders"].ref == "A1:B2"
    assert sheet["D2"].value == '=IF(B2="","missing","")'
    assert read_table(done).columns.tolist() == result.columns.tolist()
