"""Rows of a worksheet: changed cells are rewritten, the others are copied."""

import re

import openpyxl
import pytest

from flxframe.files.xlsx import number_formats
from flxframe.files.xlsx.change import Change
from flxframe.files.xlsx.marks import CHANGED_FILL, FAILED_FILL
from flxframe.files.xlsx.rows import RowWriter
from flxframe.files.xlsx.styles import Stylesheet
from tests.files.xlsx.packages import SHEET, comments, marks

STYLES = (
    '<styleSheet><fonts count="1"><font/></fonts><fills count="2"><fill/><fill/></fills>'
    '<cellXfs count="2"><xf numFmtId="0" fillId="0"/><xf numFmtId="0" fillId="1"/></cellXfs>'
    "</styleSheet>"
)


@pytest.fixture
def write():
    """Return a function that writes a change into rows."""

    def write(rows, change, column_styles=None):
        looks = [number_formats.parse("General")] * 2
        writer = RowWriter(
            change,
            Stylesheet(STYLES, looks),
            prefix="",
            date1904=False,
            column_styles=column_styles or {},
        )
        return "".join(writer.write(rows))

    return write


def test_unchanged_rows_are_copied(write):
    """The additions of other programs are kept."""
    rows = '<row r="1" x:dyDescent="0.2"><c r="A1" cm="1"><v>1</v></c></row><!--x--><row r="9"/>'
    assert write(rows, Change(1, range(2, 2))) == rows


def test_new_rows_are_in_order(write):
    """They are inserted between the existing rows, and after the last one."""
    change = Change(1, range(2, 5), columns={1: ["a", 7, True]}, table_columns=[1])
    rows = write('<row r="1"/><row r="3"><c r="B3"><v>5</v></c></row>', change)
    assert re.findall(r'row r="(\d)"', rows) == ["2", "3", "4"]
    assert '<row r="3"><c r="A3"><v>7</v></c><c r="B3"><v>5</v></c></row>' in rows
    assert '<row r="4"><c r="A4" t="b"><v>1</v></c></row>' in rows


def test_cells_without_a_reference_are_counted(write):
    """Some writers leave the references out."""
    change = Change(1, range(2, 3), cells={(2, 2): 9}, table_columns=[1, 2])
    rows = write("<row/><row><c><v>1</v></c><c><v>2</v></c></row>", change)
    assert rows == '<row r="2"><c><v>1</v></c><c r="B2"><v>9</v></c></row>'


def test_a_new_cell_has_the_style_of_its_row_or_column(write):
    """A spreadsheet program would do the same."""
    change = Change(1, range(2, 4), columns={1: [1, 2]}, table_columns=[1])
    rows = write('<row r="2" s="1"/><row r="3"/>', change)
    assert '<c r="A2" s="1"><v>1</v></c>' in rows
    assert '<c r="A3"><v>2</v></c>' in rows
    assert '<c r="A3" s="1"><v>2</v></c>' in write("", change, column_styles={1: 1})


def test_failed_rows_are_red(loop):
    """They are red from the first to the last column, and contain the error."""
    sheet = openpyxl.load_workbook(loop[0])["Orders"]
    letters = [chr(65 + column) for column in range(23)]
    assert marks(sheet, FAILED_FILL) == {f"{x}{row}" for row in (5, 8, 10) for x in letters}
    assert "there is no event 'order_imported'" in sheet["Q5"].value
    assert "must be a whole number, not 'twelve'" in sheet["Q8"].value


def test_changed_cells_are_marked(loop):
    """They contain the new values."""
    sheet = openpyxl.load_workbook(loop[0])["Orders"]
    assert marks(sheet, CHANGED_FILL) == {"K4", "K7", "K13", "N4", "N7", "N13"}
    values = [sheet[cell].value for cell in ("K4", "K7", "N7", "K5")]
    assert values == ["Hold", "Hold", "International", "Open"]


def test_texts_from_the_server_are_texts(book):
    """Even texts that start with = are, also in a column of numbers."""
    sheet = book.sheet_of(book.write(n=["=1+1", "007"], new=["=HYPERLINK(1)", "+1"]))
    numbers = [(cell.data_type, cell.value) for cell in sheet["B"][1:]]
    assert numbers == [("s", "=1+1"), ("s", "007")]
    texts = [(cell.data_type, cell.value) for cell in sheet["D"][1:]]
    assert texts == [("s", "=HYPERLINK(1)"), ("s", "+1")]


def test_a_sheet_with_prefixes_stays_well_formed(book):
    """Some writers give every element a prefix."""

    def prefixed(text):
        text = text.replace("<worksheet xmlns=", "<worksheet xmlns:x=")
        return re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", text)

    status = ["ok", "rejected"]
    path = book.write(n=[9, 2], new=["a", "b"], status=status, edits={SHEET: prefixed})
    sheet = book.sheet_of(path)
    assert [cell.value for cell in sheet[2]] == ["007", 9, "x", "a", "ok", 200, None]
    assert comments(sheet) == {"B2": "flxframe: was 1"}


def test_attributes_in_single_quotes_are_read(book):
    """XML allows them, and some programs use them."""

    def quoted(text):
        return text[:80] + re.sub(r'="([^"\']*)"', r"='\1'", text[80:])

    path = book.write(n=[9, 2], status=["ok", "rejected"], edits={SHEET: quoted})
    sheet = book.sheet_of(path)
    assert [cell.value for cell in sheet[2]] == ["007", 9, "x", "ok", 200, None]
    assert {"A3", "B3", "C3"} <= marks(sheet, FAILED_FILL)
