"""Files as tables: which files are refused, and which sheet and settings apply."""

import contextlib
import io
import warnings
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from flxframe.exceptions import FileError, SettingError
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from tests.conftest import DATA


@pytest.fixture
def workbook(tmp_path):
    """A small workbook."""
    book = openpyxl.Workbook()
    book.active.append(["eventHandle", "objects.order.id"])
    book.active.append(["order_import", 7])
    book.save(tmp_path / "orders.xlsx")
    return tmp_path / "orders.xlsx"


def ole(stream: str) -> bytes:
    """Return the start of an old Office container with a stream of this name."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + stream.encode("utf-16-le")


def zipped(**parts: bytes) -> bytes:
    """Return a zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "sheet", "first_row"),
    [("t.xlsx", "Sheet1", 2), ("t.csv", None, 2), ("t.jsonl", None, 1), ("t.parquet", None, 1)],
)
def test_a_table_records_where_it_came_from(tmp_path, name, sheet, first_row):
    """Messages use it to refer to rows by their numbers in the file."""
    path = write_results(pd.DataFrame({"a": ["x"]}), tmp_path / name)
    source = {"path": str(path), "sheet": sheet, "first_row": first_row}
    assert read_table(path).attrs["flxframe"] == source


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (ole("EncryptedPackage"), "is password-protected: save a copy without a password"),
        (ole("Workbook"), "is an .xls workbook with the wrong extension: rename it"),
        (b"<html><table></table></html>", "is not an Excel workbook but a web page or XML"),
        (b"a,b\n1,2\n", "is not an Excel workbook but a text file: rename it"),
        ("a\tb\n".encode("utf-16"), "is not an Excel workbook but a text file: rename it"),
        (b"", "is an empty file"),
        (b"\x00\x01\x02", "is damaged or cut short"),
        (b"PK\x03\x04 and then nothing", "is damaged or cut short"),
        (zipped(readme=b"hello"), "is not an Excel workbook"),
    ],
)
def test_a_file_that_is_not_a_workbook_is_one_clear_error(tmp_path, content, message):
    """Each message names the file and says what to do."""
    path = tmp_path / "orders.xlsx"
    path.write_bytes(content)
    with pytest.raises(FileError, match=message) as caught:
        read_table(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    """A workbook of a few KB could unpack to many GB."""
    path = tmp_path / "orders.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("a", "w") as part,
    ):
        for _ in range(300):
            part.write(bytes(2**20))
    with pytest.raises(FileError, match=r"refusing to open .*: it would unpack to 300 MiB"):
        read_table(path)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95, 0.999])
def test_a_truncated_workbook_is_damaged(workbook, share):
    """The download can have stopped anywhere."""
    content = workbook.read_bytes()
    workbook.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(FileError, match="is damaged or cut short"):
        read_table(workbook)


@pytest.mark.parametrize("offset", range(0, 4000, 97))
def test_a_broken_byte_does_not_cause_a_traceback(workbook, offset):
    """A file with a flipped byte is either read or raises a FileError."""
    content = bytearray(workbook.read_bytes())
    content[offset] ^= 0x55
    workbook.write_bytes(content)
    with contextlib.suppress(FileError):
        read_table(workbook)


def test_an_empty_sheet_is_an_error(tmp_path):
    """There is nothing to send."""
    openpyxl.Workbook().save(tmp_path / "t.xlsx")
    with pytest.raises(FileError, match="has no filled cells"):
        read_table(tmp_path / "t.xlsx")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("~$orders.xlsx", "is the lock file that Excel leaves next to an open workbook"),
        ("nothing.xlsx", "there is no file .*: check the name"),
        ("nothing.csv", "there is no file .*: check the name"),
        ("nothing.ods", "there is no file .*: check the name"),
        ("orders.docx", r"can't be read \(unsupported file type\): save it as"),
        ("", "is a folder: choose a file in it"),
    ],
)
def test_a_wrong_path_is_reported(tmp_path, name, message):
    """Lock files, missing files, unsupported files and folders each have a message."""
    with pytest.raises(FileError, match=message):
        read_table(tmp_path / name)


def test_a_file_without_read_permission_is_reported(tmp_path, monkeypatch):
    """Tests can run as root, who can read everything, so the call of open() is refused."""

    def refuse(*_arguments, **_settings):
        raise PermissionError

    path = write_results(pd.DataFrame({"a": [1]}), tmp_path / "t.csv")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(FileError, match="can't be opened: close it in other programs"):
        read_table(path)


@pytest.mark.parametrize(
    ("name", "setting", "message"),
    [
        (
            "t.xlsx",
            {"dtype": {"a": "string"}},
            "dtype= applies only to .csv and .tsv files, .* format its cells as text",
        ),
        (
            "t.jsonl",
            {"dtype": {"a": "string"}},
            "dtype= applies only to .csv and .tsv files, .* change them",
        ),
        (
            "t.csv",
            {"sheet": "Orders"},
            "sheet='Orders' applies only to workbooks, but .*t.csv has no sheets",
        ),
        ("t.jsonl", {"header_row": 3}, "header_row=3 applies only to workbooks, .csv and .tsv"),
    ],
)
def test_a_setting_that_does_not_apply_to_a_file_is_refused(tmp_path, name, setting, message):
    """If a dtype were ignored, a value could be sent that the user does not expect."""
    path = write_results(pd.DataFrame({"a": ["7"]}), tmp_path / name)
    with pytest.raises(SettingError, match=message):
        read_table(path, **setting)


def test_the_only_sheet_with_request_fields_is_read(workbook):
    """Other sheets can contain notes."""
    book = openpyxl.load_workbook(workbook)
    book.create_sheet("Notes").append(["just", "notes"])
    book.create_sheet("Empty")
    book.save(workbook)
    assert read_table(workbook)["objects.order.id"].tolist() == [7]
    assert list(read_table(workbook, sheet="Notes")) == ["just", "notes"]
    with pytest.raises(FileError, match="has no sheet 'Nots'; it has 'Sheet', 'Notes', 'Empty'"):
        read_table(workbook, sheet="Nots")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dtype": "string"}, "dtype='string' must be a dict"),
        ({"dtype": str}, "dtype=.* must be a dict of columns and their types"),
        ({"dtype": {"n": []}}, "must be one of string, integer, number, boolean"),
        ({"dtype": {"n": None}}, "must be one of string, integer, number, boolean"),
        ({"header_row": "1"}, "header_row='1' must be a whole number"),
        ({"header_row": 0}, "header_row=0 must be a whole number of at least 1"),
        ({"header_row": True}, "header_row=True must be a whole number"),
    ],
    ids=str,
)
def test_a_setting_with_an_invalid_value_is_refused(tmp_path, settings, message):
    """A raw error of Python would not say which setting it is."""
    path = tmp_path / "t.csv"
    path.write_text("n\n1\n")
    with pytest.raises(SettingError, match=message):
        read_table(path, **settings)


def test_a_header_row_far_below_the_file_is_refused(tmp_path):
    """However large the number is."""
    path = tmp_path / "t.csv"
    path.write_text("n\n1\n")
    with pytest.raises(FileError, match="header_row=99999999999999999999 can't be right"):
        read_table(path, header_row=99999999999999999999)


def test_several_sheets_with_request_fields_are_ambiguous(workbook):
    """The message lists them, without the empty ones."""
    book = openpyxl.load_workbook(workbook)
    book.create_sheet("More").append(["eventHandle", "x"])
    book.create_sheet("Notes").append(["just", "notes"])
    book.create_sheet("Empty")
    book.save(workbook)
    message = r"several sheets \('Sheet', 'More', 'Notes'\): choose one with sheet= \(--sheet\)"
    with pytest.raises(FileError, match=message):
        read_table(workbook)
    assert read_table(workbook, sheet="Sheet")["objects.order.id"].tolist() == [7]


def test_the_summary_sheet_is_not_read_as_the_table(tmp_path):
    """write_results adds this sheet to a result."""
    result = pd.DataFrame(
        {"note": ["x"], "run.status": ["ok"], "run.http_status": [200], "run.error": [None]}
    )
    path = write_results(result, tmp_path / "t.xlsx")
    assert "flxframe" in openpyxl.load_workbook(path).sheetnames
    assert read_table(path)["note"].tolist() == ["x"]


def test_warnings_point_at_the_line_that_reads_the_file(workbook):
    """They do not point at a line inside flxframe."""
    book = openpyxl.load_workbook(workbook)
    book.active.append(["order_import", 8])
    book.active.row_dimensions[2].hidden = True
    book.save(workbook)
    with pytest.warns(
        UserWarning, match=r"orders\.xlsx: the table includes 1 hidden row"
    ) as caught:
        read_table(workbook)
    assert [warning.filename for warning in caught] == [__file__]


def test_values_without_formats_are_warned_about():
    """Leading zeros can be lost in a workbook of another format."""
    pytest.importorskip("python_calamine")
    with pytest.warns(UserWarning, match="number formats and errors can't be read from") as caught:
        read_table(DATA / "orders.ods")
    assert {warning.filename for warning in caught} == {__file__}


def test_an_ordinary_workbook_is_read_without_a_warning(workbook):
    """Only lost formats and hidden rows cause one."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(read_table(workbook)) == 1
