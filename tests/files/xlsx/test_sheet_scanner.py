"""Sheets are read piece by piece; a sheet of another form is left to the XML parser."""

import pytest
import xlsxwriter

from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.files.xlsx.reader import parsed_grid, scanned_grid
from flxframe.files.xlsx.row_scanner import UnusualError
from flxframe.files.xlsx.workbook import Workbook
from tests.benchmarks.files import example
from tests.conftest import ROOT
from tests.files.raw_books import HEADER, MAIN, raw_book

BOOKS = [ROOT / "sample_data" / "orders.xlsx"]
BOOKS += [ROOT / "tests" / "data" / name for name in ("orders.xlsx", "seen.xlsx")]
SHEET = "xl/worksheets/sheet1.xml"
ROW = '<row r="2"><c r="A2"><v>7</v></c></row>'


def assert_scanned(path):
    """Check that a scanner reads all sheets of a workbook like the parser."""
    with Workbook(path) as workbook:
        for sheet in workbook.sheets:
            scanned = scanned_grid(workbook, sheet)
            assert repr(scanned) == repr(parsed_grid(workbook, sheet))


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.name)
def test_the_workbooks_of_the_tests_are_scanned_as_they_are_parsed(path):
    """Excel, LibreOffice and other programs saved them."""
    assert_scanned(path)


def test_the_workbooks_of_each_library_are_scanned(tmp_path):
    """None of them needs the slow parser."""
    table = example(200)
    write_results(table, tmp_path / "own.xlsx")
    table.to_excel(tmp_path / "openpyxl.xlsx", index=False, engine="openpyxl")
    table.to_excel(tmp_path / "xlsxwriter.xlsx", index=False, engine="xlsxwriter")
    result = table.assign(**{"run.status": "ok", "objects.order.count0": 7})
    write_results(result, tmp_path / "edited.xlsx", template=tmp_path / "openpyxl.xlsx")

    for name in ("own", "openpyxl", "xlsxwriter", "edited"):
        assert_scanned(tmp_path / f"{name}.xlsx")


def test_a_sheet_of_many_pieces_is_scanned_as_it_is_parsed(tmp_path):
    """Its pieces can end inside a tag and inside a character."""
    book = xlsxwriter.Workbook(
        tmp_path / "t.xlsx", {"in_memory": True, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet("Orders")
    for row in range(9_000):
        texts = ["é€😀" * (row % 7), row, None, "a & b\r\n<c>" if row % 50 == 0 else row / 7]
        sheet.write_row(row, 0, texts)
    sheet.set_row(8_000, None, None, {"hidden": True})
    sheet.merge_range(5, 5, 7, 7, "merged")
    book.close()

    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>{"é€😀" * (row % 7)}</t></is></c>'
        "</row>\r\n"
        for row in range(1, 30_000)
    )
    raw_book(
        tmp_path / "inline.xlsx", rows, after='<mergeCells><mergeCell ref="A1:B3"/></mergeCells>'
    )
    assert_scanned(tmp_path / "t.xlsx")
    assert_scanned(tmp_path / "inline.xlsx")


@pytest.mark.parametrize(
    "xml",
    [
        f'<?xml version="1.0" encoding="UTF-8" ?>\r\n<worksheet {MAIN}>{{}}</worksheet>',
        f"\ufeff<worksheet {MAIN}>{{}}</worksheet>\r\n",
        f"<worksheet {MAIN}>{{}}<rowBreaks><brk id='1'/></rowBreaks></worksheet>",
    ],
)
def test_usual_frames_are_scanned(tmp_path, xml):
    """What is around the rows is left to the parser."""
    rows = xml.format(f"<sheetData>{HEADER}{ROW}</sheetData>")
    assert_scanned(raw_book(tmp_path / "t.xlsx", "", parts={SHEET: rows}))


@pytest.mark.parametrize(
    ("xml", "number"),
    [
        (f'<?xml version="1.0" encoding="UTF-16"?><worksheet {MAIN}>{{}}</worksheet>', 7),
        (f'<?xml version="1.0" encoding="iso-8859-1"?><worksheet {MAIN}>{{}}</worksheet>', 7),
        (f'<!DOCTYPE worksheet [<!ENTITY n "8">]><worksheet {MAIN}>{{}}</worksheet>', 8),
        (f"<worksheet {MAIN}><!-- <sheetData> -->{{}}</worksheet>", 7),
        (f"<worksheet {MAIN}>{{}}</worksheet>", 7),
    ],
)
def test_unusual_sheets_are_parsed(tmp_path, xml, number):
    """Other encodings, entities of the sheet's own, and comments need a parser."""
    row = ROW if number == 7 else ROW.replace("7", "&n;")
    text = xml.format(f"<sheetData>{HEADER}<!-- é -->{row}</sheetData>")
    encoding = "utf-16" if "UTF-16" in xml else "iso-8859-1" if "iso" in xml else "utf-8"
    path = raw_book(tmp_path / "t.xlsx", "", parts={SHEET: text.encode(encoding)})

    with Workbook(path) as workbook, pytest.raises(UnusualError):
        scanned_grid(workbook, workbook.sheets[0])
    assert read_table(path)["objects.order.a"].tolist() == [number]


def test_a_sheet_with_prefixes_is_parsed(tmp_path):
    """LibreOffice and Excel do not write them, but some libraries do."""
    row = '<x:row r="1"><x:c r="A1"><x:v>7</x:v></x:c></x:row>'
    rows = f"<x:sheetData>{row}</x:sheetData>"
    text = f"<x:worksheet xmlns:x={MAIN.partition('=')[2]}>{rows}</x:worksheet>"
    path = raw_book(tmp_path / "t.xlsx", "", parts={SHEET: text})
    with Workbook(path) as workbook, pytest.raises(UnusualError):
        scanned_grid(workbook, workbook.sheets[0])
