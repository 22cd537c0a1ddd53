"""Styles: marks are added and removed again, and only the fill of a cell changes."""

import datetime as dt

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from flxframe.files.xlsx import number_formats
from flxframe.files.xlsx.styles import AUTOMATIC, CHANGED_FILL, FAILED_FILL, Colour, Stylesheet
from tests.conftest import DATA
from tests.files.xlsx.packages import RUN, comments, marks

COLOURS = [
    Colour(rgb="00E8F0FE"),
    Colour(theme="4"),
    Colour(theme="4", tint="0.5"),
    Colour(indexed="22"),
]


def stylesheet(fill='<patternFill patternType="none"/>'):
    """Return the styles of a workbook with one cell style, of this fill."""
    text = (
        f'<styleSheet><fonts count="1"><font/></fonts><fills count="1"><fill>{fill}</fill></fills>'
        '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0"/></cellXfs></styleSheet>'
    )
    return Stylesheet(text, [number_formats.parse("General")])


def solid(colour):
    """Return a fill of one colour."""
    return f'<patternFill patternType="solid"><fgColor {colour.attributes}/></patternFill>'


@pytest.mark.parametrize("colour", COLOURS)
def test_the_colour_under_a_mark_comes_back(colour):
    """It is stored in the fill of the mark."""
    styles = stylesheet(solid(colour))
    marked = styles.style(0, mark=FAILED_FILL)
    unmarked = styles.unmarked(marked)

    again = Stylesheet(styles.text(), styles.looks)
    assert again.unmarked(marked) == unmarked
    assert f"<fgColor {colour.attributes}/><bgColor {AUTOMATIC.attributes}/>" in styles.text()


def test_a_cell_without_a_fill_has_none_after_a_mark():
    """The first fill of a workbook is always empty."""
    styles = stylesheet()
    marked = styles.style(0, mark=CHANGED_FILL)
    assert 'fillId="1" applyFill="1"' in styles.text()
    styles.unmarked(marked)
    assert 'fillId="0" applyFill="1"' in styles.text()


def test_the_colours_of_a_users_fill_are_not_a_mark():
    """The style is kept."""
    assert stylesheet(solid(Colour(rgb="FFE8F0FE"))).unmarked(0) == 0


def test_a_colour_is_read_from_its_fill():
    """A colour without attributes is the automatic one."""
    fill = (
        '<fill><patternFill><fgColor theme="4" tint="0.5"/><bgColor auto="1"/></patternFill></fill>'
    )
    assert Colour.of(fill, "fgColor") == Colour(theme="4", tint="0.5")
    assert Colour.of(fill, "bgColor") == AUTOMATIC
    assert Colour.of("<fill/>", "fgColor") == AUTOMATIC
    assert Colour(theme="4", tint="0.5").attributes == 'theme="4" tint="0.5"'


def test_the_alpha_of_a_colour_under_a_mark_is_00():
    """That distinguishes it from the background that other programs write."""
    assert Colour(rgb="FFE8F0FE").saved() == Colour(rgb="00E8F0FE")
    assert Colour(rgb="FFE8F0FE").saved().is_saved
    assert not Colour(rgb="FFE8F0FE").is_saved
    assert not AUTOMATIC.is_saved


def test_a_derived_style_is_added_once():
    """It is reused if many cells request it."""
    styles = stylesheet()
    number = styles.style(0, mark=FAILED_FILL, code="0.000")
    assert styles.style(0, mark=FAILED_FILL, code="0.000") == number
    assert styles.looks[number].code == "0.000"

    text = styles.text()
    assert text.count("<xf ") == 2
    assert '<numFmts count="1"><numFmt numFmtId="164" formatCode="0.000"/></numFmts>' in text


def test_an_unchanged_stylesheet_is_the_same_text():
    """It is the same byte for byte."""
    text = '<styleSheet a="&lt;"><cellXfs><xf  numFmtId = "0"/></cellXfs><!--x--></styleSheet>'
    assert Stylesheet(text, [number_formats.parse("General")]).text() == text


def test_headers_are_bold():
    """Otherwise their font is like the first one."""
    styles = stylesheet()
    assert styles.bold() == styles.bold() == 1
    assert '<fonts count="2"><font/><font><b/></font></fonts>' in styles.text()


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
