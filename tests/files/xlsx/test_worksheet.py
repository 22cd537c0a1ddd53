"""A worksheet without its rows: size, view, widths and drawings are edited in place."""

import re

import openpyxl
import pytest
from openpyxl.worksheet.table import Table

from flxframe.files.xlsx.worksheet import (
    column_styles,
    drawing,
    freeze,
    joined,
    split,
    stretch,
    widen,
    with_drawing,
)
from tests.conftest import DATA
from tests.files.xlsx.packages import RUN, SHEET, parts

STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


@pytest.mark.parametrize("p", ["", "x:"])
def test_rows_are_taken_out_and_put_back(p):
    """The rest of the text stays the same."""
    text = f"<{p}worksheet>\n<{p}sheetData><{p}row/></{p}sheetData><a b='c'/></{p}worksheet>"
    frame, rows = split(text)
    assert rows == f"<{p}row/>"
    assert "".join(joined(frame, [rows])) == text


def test_a_sheet_without_rows_is_split():
    """A sheet that cannot have rows is an error."""
    assert split("<worksheet><sheetData/></worksheet>") == (
        "<worksheet><sheetData/></worksheet>",
        "",
    )
    with pytest.raises(ValueError, match="the sheet has no rows"):
        split("<chartsheet/>")


@pytest.mark.parametrize(
    ("size", "stretched"),
    [
        ("A1", "A1:C7"),
        ("B2:C9", "B2:C9"),
        ("A1:B2", "A1:C7"),
        ("A1:AB3", "A1:AB7"),
        ("", ""),
        ("A:B", "A:B"),
    ],
)
def test_the_size_includes_the_last_cell(size, stretched):
    """An invalid size is kept."""
    frame = f'<worksheet><dimension ref="{size}"/></worksheet>'
    assert stretch(frame, row=7, column=3) == frame.replace(size or "#", stretched or "#")


def test_a_sheet_without_a_size_does_not_get_one():
    """The size is optional."""
    assert stretch("<worksheet/>", row=7, column=3) == "<worksheet/>"


def test_the_header_is_frozen():
    """The selection moves to the lower part of the view."""
    view = '<sheetView topLeftCell="C9"><selection activeCell="A1"/></sheetView>'
    frame = freeze(f"<worksheet><sheetViews>{view}</sheetViews></worksheet>", 2)
    assert frame == (
        "<worksheet><sheetViews><sheetView>"
        '<pane ySplit="2" topLeftCell="A3" activePane="bottomLeft" state="frozen"/>'
        '<selection activeCell="A1" pane="bottomLeft"/></sheetView></sheetViews></worksheet>'
    )


def test_a_view_is_added_in_front_of_the_columns():
    """Excel requires this order of the elements."""
    frame = freeze("<worksheet><cols/><sheetData/></worksheet>", 1)
    assert frame.index("<pane ") < frame.index("</sheetViews>") < frame.index("<cols/>")


@pytest.mark.parametrize(
    ("row", "view"), [(11, "<sheetView/>"), (1, "<sheetView><pane/></sheetView>")]
)
def test_the_users_view_is_kept(row, view):
    """It is kept if it is split, or if the header is too far down to be frozen."""
    frame = f"<worksheet><sheetViews>{view}</sheetViews></worksheet>"
    assert freeze(frame, row) == frame


def test_new_widths_split_ranges_of_columns():
    """The other columns of a range keep their width, and all of them their style."""
    col = '<col min="2" max="5" width="9" style="3" hidden="1" outlineLevel="1"/>'
    frame = f"<worksheet><cols>{col}</cols></worksheet>"
    assert widen(frame, {3: 12.0, 7: 40.0}) == (
        '<worksheet><cols><col min="2" max="2" width="9" style="3" hidden="1" outlineLevel="1"/>'
        '<col min="3" max="3" width="12.0" style="3" outlineLevel="1" customWidth="1"/>'
        '<col min="4" max="5" width="9" style="3" hidden="1" outlineLevel="1"/>'
        '<col min="7" max="7" width="40.0" customWidth="1"/></cols></worksheet>'
    )
    assert widen(frame, {}) == frame


def test_widths_are_added_in_front_of_the_rows():
    """This is for a sheet that has no widths."""
    frame = widen("<worksheet><sheetData/></worksheet>", {1: 12.0})
    col = '<col min="1" max="1" width="12.0" customWidth="1"/>'
    assert frame == f"<worksheet><cols>{col}</cols><sheetData/></worksheet>"


def test_the_styles_of_columns_are_read():
    """They apply to cells that are not in the sheet yet."""
    columns = '<col min="2" max="3" style="4"/><col min="4" max="9" width="9"/>'
    frame = f"<worksheet><cols>{columns}</cols></worksheet>"
    assert column_styles(frame, [1, 3, 4]) == {3: 4}
    assert column_styles("<worksheet/>", [1]) == {}


@pytest.mark.parametrize("namespace", ["x", STRICT])
def test_the_boxes_of_comments_are_referred_to(namespace):
    """The reference is in front of the tables, in the namespace of the workbook."""
    frame = with_drawing(f'<worksheet xmlns="{namespace}"><tableParts/></worksheet>', "rId7")
    assert drawing(frame) == "rId7"
    assert frame.index("<legacyDrawing") < frame.index("<tableParts")
    assert ("purl.oclc.org/ooxml/officeDocument" in frame) == (namespace == STRICT)
    assert drawing("<worksheet/>") is None


def test_tables_and_ignorable_namespaces_are_kept(book):
    """A table keeps its rows and its names, and mc:Ignorable its declarations.

    Otherwise Excel would repair the workbook.
    """
    book.sheet.add_table(Table(displayName="Orders", ref="A1:C3"))
    space = (
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'mc:Ignorable="x1" xmlns:x1="u:x"'
    )
    start = f"<worksheet {space} "
    path = book.write(n=[9, 2], edits={SHEET: lambda text: text.replace("<worksheet ", start)})
    content = parts(path)
    assert b'ref="A1:F3"' in content["xl/tables/table1.xml"]
    assert space.encode() in content[SHEET]
    assert content[SHEET].index(b"<legacyDrawing") < content[SHEET].index(b"<tableParts")
    assert [cell.value for cell in book.sheet_of(path)[1]][3:] == RUN


def test_widths_filters_and_views_of_the_user_are_kept(loop):
    """Only the header, which was not frozen, is frozen now."""
    before = openpyxl.load_workbook(DATA / "orders.xlsx")["Orders"]
    after = openpyxl.load_workbook(loop[0])["Orders"]
    assert after.freeze_panes == "A2"
    assert after.column_dimensions["E"].width == before.column_dimensions["E"].width
    assert before.auto_filter.ref == "A1:M13"
    assert re.fullmatch("A1:[N-Z]13", after.auto_filter.ref)
