"""What is around a table: new columns do not cover it, and sorting keeps rows together."""

import re

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.worksheet.table import Table

from flxframe.exceptions import FileError
from flxframe.files.layout import Layout
from flxframe.files.reading import read_table
from flxframe.files.xlsx.workbook import Workbook
from flxframe.files.xlsx.writer import Target, write_workbook
from tests.files.xlsx.packages import RUN, SHEET, parts
from tests.files.xlsx.validity import check_kept

EMPTY_TEXT = '<c r="{0}{1}" t="str"><f>IF(A{1}="","missing","")</f><v></v></c></row>'


def formulas(column):
    """Return an edit that adds formulas without a displayed text to the rows of a sheet."""

    def edit(text):
        for row in (2, 3):
            start, end = text.split(f'<row r="{row}"')
            end = end.replace("</row>", EMPTY_TEXT.format(column, row), 1)
            text = f'{start}<row r="{row}"{end}'
        return text

    return {SHEET: edit}


def first_new(book, **settings):
    """Return the column of the first new one."""
    path = book.write(**settings)
    check_kept(path, book.path, book.sheet.title)
    (cell,) = [cell for cell in book.sheet_of(path)[1] if cell.value == RUN[0]]
    return cell.column_letter


def remarks(path):
    """Return the texts of the summary sheet."""
    return [str(row[0]) for row in openpyxl.load_workbook(path)["flxframe"].values]


def test_a_formula_that_displays_nothing_is_not_covered(book):
    """It has no name in the header, and its saved value is the empty text."""
    assert first_new(book, edits=formulas("D")) == "E"


@pytest.mark.parametrize(
    ("place", "column"), [("F9", "G"), ("E1", "F"), ("A9", "D"), ("XFA1", "XFB")]
)
def test_a_value_anywhere_in_the_sheet_is_not_covered(book, place, column):
    """It can be below the table."""
    book.sheet[place] = "x"
    assert first_new(book) == column


@pytest.mark.parametrize(("box", "column"), [("E2:F3", "G"), ("A9:H9", "D"), ("F9:H9", "I")])
def test_a_merged_box_is_not_covered(book, box, column):
    """One below the table is not in the way."""
    book.sheet.merge_cells(box)
    path = book.write(name="empty.xlsx")
    assert [cell.value for cell in book.sheet_of(path)[1]].index(RUN[0]) + 1 == (
        openpyxl.utils.column_index_from_string(column)
    )


def test_a_note_is_not_covered(book):
    """It would be taken for a note on the new value."""
    book.sheet["E3"].comment = Comment("mine", "Ann")
    assert first_new(book) == "F"


def test_another_excel_table_is_not_covered(book):
    """Its cells can be blank."""
    for column, name in enumerate("xy", 6):
        book.sheet.cell(7, column, name)
    book.sheet.add_table(Table(displayName="Other", ref="F7:G9"))
    assert first_new(book) == "H"


def test_hidden_columns_are_passed_over(book):
    """The statuses must be visible."""
    book.sheet.column_dimensions.group("D", "E", hidden=True)
    path = book.write()
    assert book.sheet_of(path)["F1"].value == RUN[0]
    assert b'hidden="1"' in parts(path)[SHEET]


def test_a_sheet_without_room_is_refused(book):
    """A sheet has 16,384 columns."""
    book.sheet["XFC1"] = "x"
    with pytest.raises(FileError, match=r"no room for 3 new columns in its sheet 'Sheet': clear"):
        book.write()


def test_filter_table_and_print_area_include_the_new_columns(book):
    """A sort moves the statuses with their orders, and they are printed."""
    book.sheet.auto_filter.ref = "A1:C3"
    book.sheet.print_area = "A1:C3"
    path = book.write()
    sheet = book.sheet_of(path)
    assert sheet.auto_filter.ref == "A1:F3"
    assert sheet.print_area == "'Sheet'!$A$1:$F$3"
    main = parts(path)["xl/workbook.xml"]
    assert re.findall(rb"_FilterDatabase[^<]*", main)[0].endswith(b"$A$1:$F$3")

    book.path = path
    assert book.sheet_of(book.write(name="again.xlsx", x=[1, 2])).auto_filter.ref == "A1:G3"


def test_an_excel_table_includes_the_new_columns(book):
    """Its totals row, which is below the rows, stays its totals row."""
    book.sheet.add_table(Table(displayName="Orders", ref="A1:C3"))
    book.path = book.write(status=["ok", "rejected"])
    table = book.sheet_of(book.path).tables["Orders"]
    assert (table.ref, table.autoFilter.ref) == ("A1:F3", "A1:F3")
    assert [column.name for column in table.tableColumns][3:] == RUN

    again = book.sheet_of(book.write(name="again.xlsx", x=["a", "b"])).tables["Orders"]
    assert [column.name for column in again.tableColumns][3:] == [*RUN, "objects.o.x"]


def test_a_totals_row_stays_below_the_rows(book):
    """The cells of new columns are in the rows of the table only."""
    book.sheet.append(["Total", 3, None])
    book.sheet.add_table(Table(displayName="Orders", ref="A1:C4", totalsRowCount=1))
    book.book.save(book.path)
    path = book.folder / "done.xlsx"
    result = read_table(book.path).iloc[:2].assign(**{"run.status": ["ok", "rejected"]})
    with Workbook(book.path) as workbook, path.open("wb") as file:
        columns = {name: number for number, name in enumerate(result.columns[:3], 1)}
        layout = Layout(header_row=1, last_row=3, columns=columns)
        target = Target(workbook, workbook.sheets[0], layout)
        write_workbook(result, file, target, before=None, base_url=None)

    check_kept(path, book.path, book.sheet.title)
    sheet = book.sheet_of(path)
    table = sheet.tables["Orders"]
    assert (table.ref, table.totalsRowCount) == ("A1:D4", 1)
    assert [cell.value for cell in sheet[4]] == ["Total", 3, None, None]
    assert sheet["A4"].fill.fill_type is None


def test_an_excel_table_next_to_other_cells_is_reported(book):
    """It cannot have a gap, so the user must know before a sort."""
    book.sheet.add_table(Table(displayName="Orders", ref="A1:C3"))
    path = book.write(edits=formulas("D"))
    assert book.sheet_of(path).tables["Orders"].ref == "A1:C3"
    assert remarks(path)[-1].startswith(
        "The Excel Table Orders does not include the new columns, because other cells or hidden"
    )


def test_a_filter_includes_a_column_of_formulas(book):
    """They move with the rows; a legend would not, and is reported."""
    book.sheet.auto_filter.ref = "A1:C3"
    assert book.sheet_of(book.write(edits=formulas("D"))).auto_filter.ref == "A1:G3"


def test_a_filter_next_to_a_legend_is_reported(book):
    """A sort would take the legend apart."""
    book.sheet.auto_filter.ref = "A1:C3"
    book.sheet["E2"] = "Legend"
    path = book.write()
    assert book.sheet_of(path).auto_filter.ref == "A1:C3"
    assert remarks(path)[-1].startswith("The filter A1:C3 does not include the new columns")


def test_a_filter_of_other_cells_stays(book):
    """It is not the table's."""
    book.sheet["A9"] = "x"
    book.sheet.auto_filter.ref = "A9:B12"
    assert book.sheet_of(book.write()).auto_filter.ref == "A9:B12"
