"""Files of tables: what can't be one says so, and what is written is written whole or not at all."""

import contextlib
import datetime as dt
import io
import os
import stat
import zipfile

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flxframe.exceptions import FileError, SettingError
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from tests.files.kinds import (
    BOOLEANS,
    DATES,
    FLOATS,
    INTEGERS,
    MOMENTS,
    TEXTS,
    TIMES,
    assert_same_cells,
    tables,
)

KINDS = [TEXTS(st.characters()), INTEGERS(10**18), FLOATS, BOOLEANS, DATES, TIMES, MOMENTS]


@pytest.fixture
def workbook(tmp_path):
    """Return a small workbook."""
    book = openpyxl.Workbook()
    book.active.append(["eventHandle", "objects.order.id"])
    book.active.append(["order_import", 7])
    book.save(tmp_path / "orders.xlsx")
    return tmp_path / "orders.xlsx"


def ole(stream: str) -> bytes:
    """Return what looks like the old container of Office, with a stream of this name."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + stream.encode("utf-16-le")


def zipped(**parts: bytes) -> bytes:
    """Return a zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (ole("EncryptedPackage"), "is protected by a password: save a copy without one"),
        (ole("Workbook"), "is an old Excel workbook under a new name: rename it"),
        (b"<html><table></table></html>", "is no Excel workbook but a web page or XML"),
        (b"a,b\n1,2\n", "is no Excel workbook but plain text: rename it"),
        ("a\tb\n".encode("utf-16"), "is no Excel workbook but plain text: rename it"),
        (b"", "is an empty file"),
        (b"\x00\x01\x02", "is damaged or cut short"),
        (b"PK\x03\x04 and then nothing", "is damaged or cut short"),
        (zipped(readme=b"hello"), "is no Excel workbook"),
    ],
)
def test_what_is_no_workbook_is_one_sentence(tmp_path, content, told):
    """Each names the file and the remedy."""
    path = tmp_path / "orders.xlsx"
    path.write_bytes(content)
    with pytest.raises(FileError, match=told) as caught:
        read_table(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_zip_bomb_stays_shut(tmp_path):
    """A workbook of a few KB that unpacks to GB is not unpacked."""
    path = tmp_path / "orders.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("a", "w") as part,
    ):
        for _ in range(300):
            part.write(bytes(2**20))
    with pytest.raises(FileError, match="would unpack to 300 MiB"):
        read_table(path)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95, 0.999])
def test_a_truncated_workbook_is_damaged(workbook, share):
    """Wherever the download stopped."""
    content = workbook.read_bytes()
    workbook.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(FileError, match="is damaged or cut short"):
        read_table(workbook)


@pytest.mark.parametrize("where", range(0, 4000, 97))
def test_a_broken_byte_is_no_traceback(workbook, where):
    """A file with a flipped byte is read, or is an error of ours that names it."""
    content = bytearray(workbook.read_bytes())
    content[where] ^= 0x55
    workbook.write_bytes(content)
    with contextlib.suppress(FileError):
        read_table(workbook)


def test_an_empty_sheet_is_an_error(tmp_path):
    """There is nothing to send."""
    openpyxl.Workbook().save(tmp_path / "t.xlsx")
    with pytest.raises(FileError, match="has no cell that is filled"):
        read_table(tmp_path / "t.xlsx")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("~$orders.xlsx", "is the lock that Excel leaves"),
        ("nothing.xlsx", "there is no file .*: check the name"),
        ("nothing.csv", "there is no file .*: check the name"),
        ("orders.docx", "is no kind of file that can be read"),
        ("", "is a folder: name a file in it"),
    ],
)
def test_a_wrong_path_is_told(tmp_path, name, told):
    """A lock file, a missing file, another kind of file, a folder."""
    with pytest.raises(FileError, match=told):
        read_table(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "setting", "told"),
    [
        (
            "t.xlsx",
            {"dtype": {"a": "string"}},
            "dtype= is for .csv and .tsv, .* format its cells as text",
        ),
        ("t.jsonl", {"dtype": {"a": "string"}}, "dtype= is for .csv and .tsv"),
        (
            "t.csv",
            {"sheet": "Orders"},
            "sheet='Orders' is for workbooks, and .*t.csv has no sheets",
        ),
        ("t.jsonl", {"header_row": 3}, "header_row=3 is for workbooks, .csv and .tsv"),
    ],
)
def test_a_setting_that_says_nothing_to_a_file_is_refused(tmp_path, name, setting, told):
    """Who gives a type wants it, and must not send another one."""
    path = write_results(pd.DataFrame({"a": ["7"]}), tmp_path / name)
    with pytest.raises(SettingError, match=told):
        read_table(path, **setting)


def test_several_sheets_are_a_question(workbook):
    """Which sheet is meant is asked, unless just one names request fields."""
    book = openpyxl.load_workbook(workbook)
    book.create_sheet("Notes").append(["just", "notes"])
    book.save(workbook)
    assert read_table(workbook)["objects.order.id"].tolist() == [7]
    book.create_sheet("More").append(["eventHandle", "x"])
    book.save(workbook)
    with pytest.raises(FileError, match=r"several sheets .*'Sheet', 'Notes', 'More'.*--sheet"):
        read_table(workbook)
    assert list(read_table(workbook, sheet="Notes")) == ["just", "notes"]
    with pytest.raises(FileError, match="has no sheet 'Nots'; it has 'Sheet', 'Notes', 'More'"):
        read_table(workbook, sheet="Nots")


def test_an_existing_file_is_kept_unless_forced(tmp_path):
    """Nothing is overwritten by a slip."""
    table = pd.DataFrame({"a": [1]})
    path = write_results(table, tmp_path / "t.csv")
    with pytest.raises(FileError, match="is there already"):
        write_results(table, path)
    assert write_results(table + 1, path, overwrite=True) == path
    assert read_table(path)["a"].tolist() == [2]


@pytest.mark.parametrize("name", ["t.txt", "no/t.csv", "t.xlsm"])
def test_where_nothing_can_be_written_is_told(tmp_path, name):
    """Before anything is written."""
    with pytest.raises(FileError, match=r"can't be written|can be written"):
        write_results(pd.DataFrame({"a": [1]}), tmp_path / name)
    assert not list(tmp_path.iterdir())


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(table=tables(*KINDS, st.one_of(KINDS)))
def test_a_workbook_comes_back(tmp_path, table):
    """Texts of any characters, integers of any size, numbers, booleans, dates and times, mixed too, type by type."""
    assert_same_cells(read_table(write_results(table, tmp_path / "t.xlsx", overwrite=True)), table)


def test_what_a_workbook_cannot_hold_comes_back_as_the_text_that_is_sent(tmp_path):
    """Offsets, early dates, microseconds; objects and lists as JSON."""
    zone = dt.timezone(dt.timedelta(hours=1))
    values = [
        dt.datetime(2026, 1, 2, 3, tzinfo=zone),
        dt.date(1899, 1, 1),
        dt.time(1, 2, 3, 4),
        {"a": [1, "é"]},
        [7],
    ]
    shown = ["2026-01-02T03:00:00+01:00", "1899-01-01", "01:02:03.000004", '{"a": [1, "é"]}', "[7]"]
    table = pd.DataFrame({"objects.o": pd.Series(values, dtype=object)})
    assert read_table(write_results(table, tmp_path / "t.xlsx"))["objects.o"].tolist() == shown


def test_whole_numbers_that_blanks_made_float_are_whole_again(tmp_path):
    """A person sees 7, not 7.0."""
    table = pd.DataFrame({"objects.o.n": [7, None], "objects.o.a": ["x", "y"]})
    assert (
        str(read_table(write_results(table, tmp_path / "t.xlsx"))["objects.o.n"].dtype) == "Int64"
    )


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@x", "=HYPERLINK(1)"])
def test_a_text_that_looks_like_a_formula_is_a_text(tmp_path, text):
    """What a server answers is never run."""
    path = write_results(pd.DataFrame({text: [text]}), tmp_path / "t.xlsx")
    cell = openpyxl.load_workbook(path)["Sheet1"]["A2"]
    assert (cell.data_type, cell.value) == ("s", text)


@pytest.mark.parametrize("value", ["x" * 32_768, ["x" * 32_768], "😀" * 16_384])
def test_a_text_too_long_for_a_cell_is_refused_first(tmp_path, value):
    """Nothing is written, and the message names the row and the column."""
    table = pd.DataFrame({"note": ["short", value]})
    with pytest.raises(
        FileError, match=r"column 'note', row 3 contains 32,7\d\d characters.*write a .jsonl"
    ):
        write_results(table, tmp_path / "t.xlsx")
    assert not list(tmp_path.iterdir())


def test_who_may_read_the_folder_may_read_the_result(tmp_path):
    """Colleagues open it from a shared folder; a replaced file keeps who may."""
    before = os.umask(0o022)
    try:
        path = write_results(pd.DataFrame({"a": [1]}), tmp_path / "t.xlsx")
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
        path.chmod(0o660)
        write_results(pd.DataFrame({"a": [2]}), path, overwrite=True)
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
    finally:
        os.umask(before)


def test_a_link_to_a_file_stays_one(tmp_path):
    """What it leads to is replaced."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "t.csv").symlink_to(tmp_path / "shared" / "t.csv")
    write_results(pd.DataFrame({"a": [1]}), tmp_path / "t.csv", overwrite=True)
    assert (tmp_path / "t.csv").is_symlink()
    assert [each.name for each in (tmp_path / "shared").iterdir()] == ["t.csv"]


def test_a_crash_leaves_no_half_of_a_file(tmp_path):
    """What was there stays, and no temporary file is left."""

    class Bomb:
        def __str__(self):
            raise RuntimeError("boom")

    path = write_results(pd.DataFrame({"a": [1]}), tmp_path / "t.xlsx")
    with pytest.raises(RuntimeError, match="boom"):
        write_results(pd.DataFrame({"a": [Bomb()]}), path, overwrite=True)
    assert read_table(path)["a"].tolist() == [1]
    assert [each.name for each in tmp_path.iterdir()] == ["t.xlsx"]
