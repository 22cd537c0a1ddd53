"""Marks: whatever fill a cell has, it is restored when its mark is removed."""

import openpyxl
import pytest
from openpyxl.styles import GradientFill, PatternFill

from flxframe.files.xlsx import number_formats
from flxframe.files.xlsx.marks import CHANGED_FILL, FAILED_FILL
from flxframe.files.xlsx.style_groups import items
from flxframe.files.xlsx.styles import Stylesheet
from tests.files.xlsx.packages import STYLES, marks, parts

FILLS = [
    '<patternFill patternType="solid"><fgColor rgb="FFDDEBF7"/></patternFill>',
    '<patternFill patternType="solid"><fgColor rgb="DDEBF7"/></patternFill>',
    "<patternFill patternType='solid'><fgColor rgb='FFDDEBF7'/></patternFill>",
    '<patternFill patternType="lightUp"><fgColor rgb="FFFF0000"/></patternFill>',
    '<patternFill patternType="solid"><fgColor theme="4" tint="-0.249977111117893"/></patternFill>',
    f'<patternFill patternType="solid"><fgColor rgb="{FAILED_FILL}"/></patternFill>',
    '<gradientFill degree="90"><stop position="0"><color rgb="FF00FF00"/></stop></gradientFill>',
    "<patternFill/>",
]


def stylesheet(fill, *, apply=' applyFill="1"'):
    """Return the XML of styles whose third style, of the base Good, has a fill."""
    xf = '<xf numFmtId="0" fontId="0" fillId="{}" borderId="0" xfId="{}"{}/>'
    return (
        "<styleSheet><fonts><font/></fonts>"
        f"<fills><fill/><fill/><fill>{fill}</fill></fills><borders><border/></borders>"
        "<cellStyleXfs><xf/><xf/></cellStyleXfs>"
        f"<cellXfs>{xf.format(0, 0, '')}{xf.format(2, 0, '')}{xf.format(2, 1, apply)}</cellXfs>"
        '<cellStyles><cellStyle name="Normal" xfId="0"/>'
        '<cellStyle name="Good &amp; fine" xfId="1"/></cellStyles></styleSheet>'
    )


def opened(text, *, is_result=True):
    """Return the styles of a part."""
    general = number_formats.parse("General")
    return Stylesheet(text, [general] * len(items(text, "cellXfs")), is_result=is_result)


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("base", [1, 2])
def test_any_fill_comes_back_from_under_a_mark(fill, base):
    """The cell has the very style again that it had before."""
    first = opened(stylesheet(fill), is_result=False)
    assert first.unmarked(base) == base
    marked = first.style(base, mark=FAILED_FILL)
    assert marked != base

    second = opened(first.text())
    assert second.unmarked(marked) == base
    again = second.style(base, mark=FAILED_FILL)
    assert (again, second.text()) == (marked, first.text())


def test_what_is_under_a_mark_is_kept_in_a_hidden_style():
    """It is named after the style on which the user's is based."""
    styles = opened(stylesheet(FILLS[0]))
    styles.style(2, mark=CHANGED_FILL)
    names = items(styles.text(), "cellStyles")
    assert names[2:] == [
        '<cellStyle name="flxframe fill 1 of Good &amp; fine" xfId="2" hidden="1"/>'
    ]
    assert items(styles.text(), "cellStyleXfs")[2] == '<xf fillId="2" applyFill="1"/>'


def test_the_base_of_a_style_is_found_by_its_name():
    """Other programs number the styles again when they save a workbook."""
    styles = opened(stylesheet(FILLS[0]))
    marked = styles.style(2, mark=FAILED_FILL)
    text = styles.text().replace("<cellStyleXfs ", "<cellStyleXfs  ")
    text = text.replace("<xf/><xf/>", "<xf/><xf/><xf/>").replace('xfId="2"', 'xfId="3"')
    text = text.replace('fine" xfId="1"', 'fine" xfId="2"')
    again = opened(text)
    again.unmarked(marked)
    assert 'fillId="2" borderId="0" xfId="2" applyFill="1"' in again.text()


def test_a_fill_that_the_user_gave_a_marked_cell_is_kept():
    """Only the mark is flxframe's own."""
    styles = opened(stylesheet(FILLS[0]))
    marked = styles.style(2, mark=FAILED_FILL)
    text = styles.text().replace(FAILED_FILL, "FF00FF00")
    again = opened(text)
    number = again.unmarked(marked)
    xml = items(again.text(), "cellXfs")[number]
    assert 'fillId="3"' in xml
    assert 'xfId="1"' in xml


@pytest.mark.parametrize(
    ("background", "front"),
    [
        ('rgb="DDEBF7"', 'rgb="FFDDEBF7"'),
        ('rgb="00DDEBF7"', 'rgb="FFDDEBF7"'),
        ('theme="4" tint="0.5"', 'theme="4" tint="0.5"'),
        ('indexed="22"', 'indexed="22"'),
    ],
)
def test_the_marks_of_earlier_versions_are_removed(background, front):
    """They kept one colour as the background of the mark."""
    mark = (
        f'<patternFill patternType="solid"><fgColor rgb="{FAILED_FILL}"/>'
        f"<bgColor {background}/></patternFill>"
    )
    styles = opened(stylesheet(mark))
    styles.unmarked(1)
    assert f"<fgColor {front}/>" in items(styles.text(), "fills")[3]
    assert items(styles.text(), "cellXfs")[3].count('fillId="3"') == 1
    assert opened(stylesheet(mark), is_result=False).unmarked(1) == 1


@pytest.mark.parametrize("background", ['indexed="64"', 'rgb="FFDDEBF7"', 'auto="1"'])
def test_a_mark_without_a_colour_leaves_no_fill(background):
    """Other programs write any background."""
    mark = (
        f'<patternFill patternType="solid"><fgColor rgb="{CHANGED_FILL}"/>'
        f"<bgColor {background}/></patternFill>"
    )
    styles = opened(stylesheet(mark))
    number = styles.unmarked(2)
    assert 'fillId="0"' in items(styles.text(), "cellXfs")[number]


def test_fills_survive_two_runs(book):
    """Patterns, short colours, gradients, and the colours of the marks themselves."""
    fills = {
        "A2": PatternFill("lightUp", start_color="FFFF0000"),
        "B2": PatternFill("solid", start_color=FAILED_FILL),
        "C2": GradientFill(stop=("FF00FF00", "FF0000FF")),
        "A3": PatternFill("solid", start_color=CHANGED_FILL),
        "B3": PatternFill("solid", start_color="FFDDEBF7"),
    }
    for place, fill in fills.items():
        book.sheet[place].fill = fill

    def shorten(text):
        return text.replace('"FFDDEBF7"', '"DDEBF7"')

    first = book.path
    book.path = book.write(status=["rejected", "ok"], n=[1, 9], edits={STYLES: shorten})
    assert marks(book.sheet_of(book.path), FAILED_FILL) >= {"A2", "B2", "C2"}
    assert marks(book.sheet_of(book.path), CHANGED_FILL) == {"A3", "B3"}

    again = book.sheet_of(book.write(name="again.xlsx"))
    before = openpyxl.load_workbook(first)[book.sheet.title]
    for row in before:
        for cell in row:
            assert repr(again[cell.coordinate].fill) == repr(cell.fill)
            assert again[cell.coordinate].style == cell.style


def test_a_result_without_marks_is_recognized(book):
    """So a fill of the user in the colour of a mark survives the next run too."""
    book.sheet["A2"].fill = PatternFill("solid", start_color=FAILED_FILL)
    book.path = book.write()
    again = book.write(name="again.xlsx")
    assert marks(book.sheet_of(again), FAILED_FILL) == {"A2"}
    assert parts(again)[STYLES].count(b"flxframe fill") == 1
