"""Styles: marks are added and removed again, and only the fill of a cell changes."""

import datetime as dt

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from flxframe.files.xlsx import number_formats
from flxframe.files.xlsx.marks import CHANGED_FILL, FAILED_FILL
from flxframe.files.xlsx.styles import Stylesheet
from tests.conftest import DATA
from tests.files.xlsx.packages import RUN, comments, marks

COMPLETE = (
    '<styleSheet a="&lt;"><fonts count="1"><font/></fonts>'
    "<fills><fill/><fill/></fills><borders><border/></borders>"
    '<cellStyleXfs><xf/></cellStyleXfs><cellXfs count="1"><xf  numFmtId = "0" xfId="0"/></cellXfs>'
    '<cellStyles><cellStyle name="Normal" xfId="0"/></cellStyles></styleSheet>'
)


def stylesheet(text="<styleSheet/>"):
    """Return the styles of a workbook with one cell style."""
    return Stylesheet(text, [number_formats.parse("General")])


def test_a_derived_style_is_added_once():
    """It is reused if many cells request it."""
    styles = stylesheet()
    number = styles.style(0, mark=FAILED_FILL, code="0.000")
    assert styles.style(0, mark=FAILED_FILL, code="0.000") == number
    assert styles.looks[number].code == "0.000"

    text = styles.text()
    assert '<cellXfs count="2">' in text
    assert '<numFmts count="1"><numFmt numFmtId="164" formatCode="0.000"/></numFmts>' in text


def test_an_unchanged_stylesheet_is_the_same_text():
    """It is the same byte for byte."""
    assert stylesheet(COMPLETE).text() == COMPLETE


def test_headers_are_bold():
    """Otherwise their font is like the first one."""
    styles = stylesheet(COMPLETE)
    assert styles.bold() == styles.bold() == 1
    assert '<fonts count="2"><font/><font><b/></font></fonts>' in styles.text()


def test_a_style_that_the_workbook_does_not_have_is_the_first_one():
    """Some writers count them wrong."""
    assert stylesheet().unmarked(99) == 0


def test_a_style_comes_back_from_under_a_mark():
    """It has its own number again, so that the cell is the same byte for byte."""
    styles = stylesheet(COMPLETE)
    marked = styles.style(0, mark=FAILED_FILL)
    again = Stylesheet(styles.text(), styles.looks)
    assert again.unmarked(marked) == 0


def test_red_cells_keep_their_number_formats_and_borders(loop):
    """Only the fill of a cell changes."""
    before = openpyxl.load_workbook(DATA / "orders.xlsx")["Orders"]
    after = openpyxl.load_workbook(loop[0])["Orders"]
    for cell in before[5]:
        red_cell = after[cell.coordinate]
        assert red_cell.number_format == cell.number_format
        assert repr(red_cell.border) == repr(cell.border)
        assert repr(red_cell.font) == repr(cell.font)


def test_marks_of_an_earlier_run_are_removed(book):
    """Their fills and comments are removed, and the user's own fill is restored."""
    book.sheet["B2"].fill = PatternFill("solid", start_color="FFE8F0FE")
    book.sheet["A2"].comment = Comment("mine", "Ann")
    book.path = book.write(n=[5, 2], status=["ok", "rejected"])
    first = book.sheet_of(book.path)
    assert marks(first, CHANGED_FILL) == {"B2"}
    assert comments(first) == {"A2": "mine", "B2": "flxframe: was 1"}

    again = book.sheet_of(book.write(name="again.xlsx"))
    assert not marks(again, CHANGED_FILL) | marks(again, FAILED_FILL)
    assert again["B2"].fill.fgColor.rgb.endswith("E8F0FE")
    assert again["B3"].fill.fill_type is None
    assert comments(again) == {"A2": "mine"}
    assert [cell.value for cell in again[1]] == ["objects.o.id", "objects.o.n", "note", *RUN]


def test_a_returned_date_keeps_the_format_of_its_cell(book):
    """A cell that contained a date gets a date again."""
    for row in (2, 3):
        book.sheet.cell(row, 2, dt.date(2026, 1, row)).number_format = "d mmm yy"
    sheet = book.sheet_of(book.write(n=["2026-05-06", "soon"]))
    assert (sheet["B2"].value, sheet["B2"].number_format) == (dt.datetime(2026, 5, 6), "d mmm yy")
    assert sheet["B3"].value == "soon"
