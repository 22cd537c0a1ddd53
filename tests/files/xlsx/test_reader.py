"""Workbooks are read with the displayed value of each cell."""

import datetime as dt
import re
import zipfile

import openpyxl
import pandas as pd
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from flxframe import preview
from flxframe.exceptions import TableError
from flxframe.files.reading import read_table
from flxframe.models import ErrorCell


@pytest.fixture
def sheet(tmp_path):
    """Return a function that writes a workbook and reads it.

    Each row is a list of values, or of pairs of a value and its number format.
    """

    def write_and_read(*rows, change=None, parts=None, **settings):
        book = openpyxl.Workbook()
        for number, row in enumerate(rows, 1):
            for column, content in enumerate(row, 1):
                value, code = content if isinstance(content, tuple) else (content, None)
                cell = book.active.cell(number, column, value)
                cell.number_format = code or cell.number_format

        if change:
            change(book)
        path = tmp_path / "t.xlsx"
        book.save(path)
        if parts:
            edit(path, parts)
        return read_table(path, **settings)

    return write_and_read


def edit(path, parts):
    """Change the parts of a workbook by regular expressions."""
    with zipfile.ZipFile(path) as package:
        content = {name: package.read(name).decode() for name in package.namelist()}

    for name, (pattern, to) in parts.items():
        changed = re.sub(pattern, to, content[name])
        assert changed != content[name]
        content[name] = changed

    with zipfile.ZipFile(path, "w") as package:
        for name, text in content.items():
            package.writestr(name, text)


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("cell", "displayed_value"),
    [
        ("02134", "02134"),
        ((2134, "00000"), "02134"),
        ((5551234, "000-0000"), "555-1234"),
        (7, 7),
        (7.5, 7.5),
        (7.0, 7),
        (1e3, 1000),
        (True, True),
        ((0.25, "0%"), 0.25),
        ((1234.5, '#,##0.00 "EUR"'), 1234.5),
        (dt.date(2026, 11, 23), dt.date(2026, 11, 23)),
        (dt.datetime(2026, 11, 23, 6, 30), dt.datetime(2026, 11, 23, 6, 30)),
        (dt.time(6, 30), dt.time(6, 30)),
        ((1.5, "[h]:mm"), "36:00:00"),
        ((46349, "[$-407]d. mmm yyyy"), dt.date(2026, 11, 23)),
        ((1, "d mmm yyyy"), dt.date(1900, 1, 1)),
        ((2134, "@"), 2134),
        (("02134", "@"), "02134"),
        ("  x ", "  x "),
        ("_x0041_", "A"),
    ],
)
def test_a_cell_is_read_with_its_displayed_value(sheet, cell, displayed_value):
    """The number format decides the value and its type."""
    value = sheet(["objects.o.a", "objects.o.b"], ["x", cell])["objects.o.b"].tolist()[0]
    if isinstance(value, pd.Timestamp):
        value = value.to_pydatetime()

    assert value == displayed_value
    assert type(value) is type(displayed_value)


def test_days_are_counted_from_1904_if_the_workbook_says_so(sheet):
    """Old Macs did that."""

    def since_1904(book):
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    day = dt.date(2026, 11, 23)
    table = sheet(["objects.o.d"], [day], change=since_1904)
    assert table["objects.o.d"][0] == day


@pytest.mark.parametrize("number", [1234567890123456, 820982911946154508, -(10**17)])
def test_more_digits_than_a_workbook_stores_are_reported(sheet, number):
    """A rounded number is not sent."""
    cell = sheet(["objects.o.id"], [number])["objects.o.id"][0]
    assert isinstance(cell, ErrorCell)
    assert "Sheet!A2 contains a number of more than 15 digits" in cell.reason


def test_rich_text_is_read_as_its_text(sheet):
    """The fonts are ignored."""
    rich = CellRichText("bold ", TextBlock(InlineFont(b=True), "word"))
    assert sheet(["objects.o.t"], [rich])["objects.o.t"][0] == "bold word"


@pytest.mark.parametrize(("saved", "value"), [("<v>7</v>", 7), ("<v>0.30000000000000004</v>", 0.3)])
def test_a_formula_is_read_as_its_saved_value(sheet, saved, value):
    """It has the 15 digits that a workbook calculates with."""
    table = sheet(
        ["objects.o.n"], ["=1+1"], parts={SHEET: ("</f><v ?/>|</f><v></v>", f"</f>{saved}")}
    )
    assert table["objects.o.n"][0] == value


def test_a_formula_without_a_saved_value_is_an_error_cell(sheet):
    """Some programs save no value, and flxframe does not calculate."""
    cell = sheet(["objects.o.n"], ["=1+1"])["objects.o.n"][0]
    assert isinstance(cell, ErrorCell)
    assert (
        "Sheet!A2 contains a formula without a saved value: open the workbook in Excel"
        in cell.reason
    )


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!"])
def test_an_error_names_its_cell(sheet, error):
    """Its row can't be sent."""
    cell = sheet(["objects.o.n"], [error])["objects.o.n"][0]
    assert isinstance(cell, ErrorCell)
    assert cell.reason == f"Sheet!A2 shows the error {error}: fix it or clear the cell"


def test_a_title_above_the_header_is_skipped(sheet):
    """Rows keep the numbers that they have in the sheet."""
    table = sheet(["Orders of May"], [], ["eventHandle", "objects.o.id"], ["e", 7])
    assert list(table) == ["eventHandle", "objects.o.id"]
    assert table.attrs["flxframe"]["first_row"] == 4


def test_merged_headers_name_their_columns(sheet):
    """One name is merged over two rows, next to names in the lower row."""
    table = sheet(
        ["eventHandle", "Order", None],
        [None, "objects.o.id", "objects.o.sku"],
        ["e", 7, "x"],
        change=lambda book: [book.active.merge_cells(area) for area in ("A1:A2", "B1:C1")],
    )
    assert list(table) == ["eventHandle", "objects.o.id", "objects.o.sku"]
    assert len(table) == 1


def test_blank_rows_and_columns_at_the_end_are_dropped(sheet):
    """Formatted ones are dropped too; a blank row in between is kept, with its row number."""
    table = sheet(["objects.o.id", (None, "0.00")], [7, (None, "0.00")], [], [8], [(None, "0.00")])
    assert table["objects.o.id"].fillna(0).tolist() == [7, 0, 8]
    assert list(table) == ["objects.o.id"]


def test_hidden_rows_are_sent_and_reported(sheet):
    """A forgotten filter does not exclude rows from a run, and the user is warned."""

    def hide(book):
        book.active.row_dimensions[3].hidden = True

    with pytest.warns(UserWarning, match="the table includes 1 hidden row"):
        assert len(sheet(["objects.o.id"], [7], [8], change=hide)) == 2


def test_duplicate_headers_that_would_be_sent_are_an_error(sheet):
    """Unsent columns are kept under names that distinguish them."""
    assert list(sheet(["objects.o.id", "n", "n", None], [1, 2, 3, 4])) == [
        "objects.o.id",
        "n [column B]",
        "n [column C]",
        "Column D [no header]",
    ]
    with pytest.raises(TableError, match="columns A and C are both named"):
        sheet(["objects.o.id", "n", "objects.o.id"], [1, 2, 3])


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            ["sku", "n", None],
            r"'Column C \[no header\]' would be sent, but has no name: give it one in the file",
        ),
        (
            ["sku", "sku", "n"],
            r"'sku \[column A\]' would be sent, but shares its name with another: "
            "rename one in the file",
        ),
    ],
)
def test_a_column_without_a_name_of_its_own_is_not_sent(sheet, header, message):
    """If object_handle= sends all columns, the message says what to do in the sheet."""
    table = sheet(header, ["a", "b", "c"])
    with pytest.raises(TableError, match=message):
        preview(table, object_handle="order", event_handle="e")


def test_a_table_without_names_is_refused(sheet):
    """The first row of data is not used as names."""
    with pytest.raises(TableError, match=r"doesn't look like column names .B1 contains '7'"):
        sheet(["x", 7, 8], ["y", 9, 10])


def test_cells_without_references_are_counted(sheet):
    """Some programs omit references that follow from the order."""
    table = sheet(["objects.o.a", "objects.o.b"], [1, 2], parts={SHEET: (r' r="[A-Z]*[0-9]+"', "")})
    assert table.loc[0].tolist() == [1, 2]


def test_elements_with_a_prefix_are_read_too(sheet):
    """Some programs give every element a prefix."""
    prefixed = (
        r"(?s)<worksheet xmlns=(.*)",
        lambda match: re.sub(r"<(/?)(?=\w)", r"<\1x:", f"<worksheet xmlns:x={match[1]}"),
    )
    assert sheet(["objects.o.a"], ["x"], parts={SHEET: prefixed})["objects.o.a"][0] == "x"


def test_an_error_in_a_cell_without_a_reference_names_the_cell(sheet):
    """The order of the cells and rows says which cell it is."""
    table = sheet(
        ["objects.o.a", "objects.o.b"], [1, "#N/A"], parts={SHEET: (r' r="[A-Z]*[0-9]+"', "")}
    )
    reason = table["objects.o.b"][0].reason
    assert reason == "Sheet!B2 shows the error #N/A: fix it or clear the cell"


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        (-1, "the date is before the first one that a workbook supports"),
        (5_000_000, "the date is after the year 9999"),
    ],
)
def test_a_number_that_is_not_a_date_is_an_error_cell(sheet, number, problem):
    """Excel displays it as ####."""
    cell = sheet(["objects.o.d"], [(number, "yyyy-mm-dd")])["objects.o.d"][0]
    expected = f"Sheet!A2 contains {number}, formatted as a date, but {problem}: retype it"
    assert cell == ErrorCell(str(number), expected)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ('<c r="A2" t="d"><v>2026-11-23</v></c>', dt.date(2026, 11, 23)),
        ('<c r="A2" t="d"><v>soon</v></c>', "soon"),
        ('<c r="A2" t="str"><f>A3</f><v>_x0041_</v></c>', "A"),
        ('<c r="A2" t="b"><f>TRUE()</f><v>1</v></c>', True),
    ],
)
def test_other_types_of_cells_are_read(sheet, content, value):
    """These are ISO dates, and formulas that saved a text or a boolean."""
    table = sheet(["objects.o.a"], ["x"], parts={SHEET: (r'<c r="A2".*?</c>', content)})
    assert table["objects.o.a"][0] == value
