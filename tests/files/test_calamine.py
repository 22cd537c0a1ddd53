"""Workbooks of other formats: .xls, .ods and .xlsb."""

import sys
import zipfile

import pytest

from flxframe.exceptions import FileError
from flxframe.files.calamine import CalamineWorkbook
from flxframe.models import ErrorCell
from tests.conftest import DATA

pytest.importorskip("python_calamine")

CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
  xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
  xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
  <office:body><office:spreadsheet><table:table table:name="Orders">{rows}</table:table>
  </office:spreadsheet></office:body></office:document-content>"""
MANIFEST = """<manifest:manifest
  xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"""
NUMBER = '<table:table-cell office:value-type="float" office:value="{0}"/>'
TEXT = '<table:table-cell office:value-type="string"><text:p>{0}</text:p></table:table-cell>'
BLANK = "<table:table-cell/>"


WRONG_NAME = (
    b"PK\x01\x02" + bytes(5) + b"\x08" + bytes(18) + b"\x01" + bytes(17) + b"\xb0"
    b"PK\x05\x06" + bytes(4) + b"\x01\x00\x01\x00\x2f\x00\x00\x00" + bytes(6)
)
"""A zip file whose only part has a name that is not UTF-8."""


@pytest.fixture
def read_cells(tmp_path):
    """A function that writes rows of XML cells to an .ods file and reads its sheet."""

    def read(*rows):
        path = tmp_path / "orders.ods"
        xml = "".join(f"<table:table-row>{''.join(cells)}</table:table-row>" for cells in rows)
        with zipfile.ZipFile(path, "w") as package:
            package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            package.writestr("META-INF/manifest.xml", MANIFEST)
            package.writestr("content.xml", CONTENT.format(rows=xml))
        return CalamineWorkbook(path).read_grid("Orders")

    return read


@pytest.mark.parametrize("kind", ["xls", "ods", "xlsb"])
def test_the_sheets_are_listed_and_read(kind):
    """Rows and columns are counted from 1."""
    workbook = CalamineWorkbook(DATA / f"orders.{kind}")
    grid = workbook.read_grid(workbook.sheet_names[0])
    assert grid.name == "Orders"
    assert grid.row(1)[2] == "eventHandle"
    assert grid.row(2)[4] == "00001"
    assert grid.height == 13


def test_blank_cells_and_empty_texts_are_not_filled(read_cells):
    """A column without a filled cell is not in the grid."""
    grid = read_cells([BLANK, TEXT.format("a"), TEXT.format("")], [BLANK, NUMBER.format(7), BLANK])
    assert grid.columns == {2: ["a", 7]}


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("7", 7),
        ("7.5", 7.5),
        ("0.30000000000000004", 0.3),
        ("999999999999999", 999_999_999_999_999),
    ],
)
def test_numbers_are_read_as_they_are_displayed(read_cells, number, value):
    """A whole number is an integer, and a fraction has 15 digits."""
    cell = read_cells([NUMBER.format(number)]).row(1)[1]
    assert cell == value
    assert type(cell) is type(value)


def test_a_number_of_more_than_15_digits_names_its_cell(read_cells):
    """The workbook has lost its last digits."""
    cell = read_cells([TEXT.format("id")], [BLANK, NUMBER.format("1234567890123456")]).row(2)[2]
    assert isinstance(cell, ErrorCell)
    assert cell.reason.startswith("Orders!B2 contains a number of more than 15 digits")


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_a_duration_is_read_as_it_is_displayed(kind):
    """The two formats store it differently."""
    workbook = CalamineWorkbook(DATA / f"seen.{kind}")
    assert workbook.read_grid(workbook.sheet_names[0]).row(2)[1] == "36:00:00"


@pytest.mark.parametrize(
    ("text", "value"),
    [("PT30H00M00S", "30:00:00"), ("-PT12H00M00S", "-12:00:00"), ("-PT", "-PT")],
)
def test_a_duration_of_an_ods_file_can_be_negative(read_cells, text, value):
    """It is displayed with a minus sign."""
    assert read_cells([TEXT.format(text)]).row(1)[1] == value


@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_a_password_is_reported(kind):
    """Each format has its own encryption."""
    with pytest.raises(FileError, match=rf"locked\.{kind} is password-protected"):
        CalamineWorkbook(DATA / f"locked.{kind}")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.ods", b"PK nothing"),
        ("t.ods", WRONG_NAME),
        ("t.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 nothing"),
    ],
)
def test_a_damaged_workbook_is_an_error(tmp_path, name, content):
    """The message contains the reason that python-calamine gives."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=rf"{name} can't be read as a workbook \(.+\): save it"):
        CalamineWorkbook(tmp_path / name)


def test_a_missing_sheet_is_an_error():
    """The message names the file and the sheet."""
    with pytest.raises(FileError, match=r"orders\.ods, sheet 'Nothing' can't be read"):
        CalamineWorkbook(DATA / "orders.ods").read_grid("Nothing")


def test_a_missing_python_calamine_is_reported(monkeypatch):
    """The message says how to install it."""
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(FileError, match=r"\.ods files require python-calamine; install it with:"):
        CalamineWorkbook(DATA / "orders.ods")
