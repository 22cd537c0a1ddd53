"""The Excel Tables of a worksheet."""

import openpyxl
import pytest
from openpyxl.worksheet.table import Table

from flxframe import preview
from flxframe.files.grid import TableRange
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.files.xlsx.tables import read_tables
from flxframe.files.xlsx.workbook import Workbook

ROWS = [["objects.o.number", "objects.o.qty"], ["1", 2], ["2", 3], ["Total", 5]]


@pytest.fixture
def book(tmp_path):
    """Return a function that writes a sheet with an Excel Table, and returns its path."""

    def write(rows=ROWS, ref="A1:B4", totals=1, **cells):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        for place, value in cells.items():
            book.active[place] = value
        table = Table(displayName="Orders", ref=ref, totalsRowCount=totals or None)
        book.active.add_table(table)
        path = tmp_path / "t.xlsx"
        book.save(path)
        return path

    return write


def test_a_table_is_listed_without_its_totals_row(book):
    """Its range includes the totals row."""
    with Workbook(book()) as workbook:
        tables = read_tables(workbook, workbook.sheets[0])
    assert tables == [TableRange("Orders", 1, 3, 1, 2, 4)]


def test_a_totals_row_is_not_sent_and_survives(book, tmp_path):
    """It is still there in the written workbook."""
    path = book()
    table = read_table(path)
    assert table["objects.o.number"].tolist() == ["1", "2"]
    table["run.status"] = "ok"
    done = write_results(table, tmp_path / "done.xlsx", template=path)
    sheet = openpyxl.load_workbook(done).active
    assert [cell.value for cell in sheet[4]][:2] == ["Total", 5]
    assert len(read_table(done)) == 2


def test_rows_below_a_table_are_not_sent_and_reported(book):
    """They would have been orders."""
    path = book(totals=0, ref="A1:B3", B9="checked by Ann")
    shown = preview(path, event_handle="e")
    assert len(shown.rows) == 2
    assert shown.remarks == ["2 rows below the Excel Table Orders, 4 and 9, are not sent."]


def test_a_table_without_request_fields_is_the_table(book):
    """A title above it and notes next to it are not part of it."""
    rows = [["Orders", "of", "May"], [], ["No", "Qty"], ["1", 2], ["2", 3]]
    path = book(rows, "A3:B5", 0, D4="a note", D5="another")
    assert list(read_table(path)) == ["No", "Qty"]
    assert len(read_table(path)) == 2


def test_columns_next_to_a_table_belong_to_it(book):
    """Results of earlier versions of flxframe have such columns."""
    path = book(C1="run.status", C2="ok")
    assert list(read_table(path)) == ["objects.o.number", "objects.o.qty", "run.status"]


def test_a_lookup_table_is_not_the_table(book):
    """It is next to the orders, and contains none of them."""
    rows = [
        ["objects.o.number", "objects.o.country", None, "Code", "Name"],
        ["1", "CA", None, "CA", "Canada"],
        ["2", "US", None, None, None],
        ["3", "US", None, None, None],
    ]
    assert len(read_table(book(rows, "D1:E2", 0))) == 3
