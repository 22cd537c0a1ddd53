"""The merged ranges and the tables of an .ods file."""

import zipfile

import pytest

from flxframe.exceptions import FileError
from flxframe.files.grid import SheetRanges, TableRange
from flxframe.files.ods_ranges import read_ranges
from flxframe.files.reading import read_table

HEAD = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
    "<office:spreadsheet>"
)
MANIFEST = '<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
TAIL = "</office:spreadsheet></office:body></office:document-content>"
COVERED = "<table:covered-table-cell/>"


def cell(text, attributes=""):
    """Return a cell with a text."""
    value = f'office:value-type="string" {attributes}'
    return f"<table:table-cell {value}><text:p>{text}</text:p></table:table-cell>"


def row(*cells):
    """Return a row of cells."""
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


@pytest.fixture
def ods(tmp_path):
    """Return a function that writes an .ods file with these rows."""

    def write(*rows, sheet="Orders", after=""):
        path = tmp_path / "orders.ods"
        with zipfile.ZipFile(path, "w") as package:
            package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            table = f'<table:table table:name="{sheet}">{"".join(rows)}</table:table>'
            package.writestr("META-INF/manifest.xml", MANIFEST)
            package.writestr("content.xml", HEAD + table + after + TAIL)
        return path

    return write


def test_merged_cells_over_rows_are_filled_down(ods):
    """Otherwise the second row would be sent without its number."""
    merged = 'table:number-rows-spanned="2" table:number-columns-spanned="1"'
    path = ods(
        row(cell("objects.o.n"), cell("objects.o.sku")),
        row(cell("1001", merged), cell("A")),
        row(COVERED, cell("B")),
    )
    with pytest.warns(UserWarning, match="number formats"):
        table = read_table(path)
    assert table["objects.o.n"].tolist() == ["1001", "1001"]
    assert table.attrs["flxframe"]["remarks"] == ["In A2:A3, merged cells were filled down."]


def test_repeated_cells_and_rows_are_counted(ods):
    """One element is written for several equal cells."""
    path = ods(
        '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>',
        row(
            '<table:table-cell table:number-columns-repeated="2"/>',
            cell("x", 'table:number-columns-spanned="2" table:number-rows-spanned="3"'),
        ),
    )
    assert read_ranges(path) == {"Orders": SheetRanges(merged=[(4, 3, 6, 4)])}


def database_range(address, attributes='table:name="Orders_1"'):
    """Return the XML of a database range."""
    attributes += f' table:target-range-address="{address}"'
    return f"<table:database-ranges><table:database-range {attributes}/></table:database-ranges>"


def test_a_database_range_is_the_table(ods):
    """Totals below it were sent as an order, but not from the same sheet saved as .xlsx."""
    path = ods(
        row(cell("Order"), cell("Country")),
        row(cell("1001"), cell("CA")),
        row(cell("1002"), cell("CA")),
        row(),
        row(cell("2 orders")),
        after=database_range("Orders.A1:Orders.B3"),
    )
    with pytest.warns(UserWarning, match="number formats"):
        table = read_table(path)
    assert table["Order"].tolist() == ["1001", "1002"]
    remark = "1 row below the database range Orders_1, 5, is not sent."
    assert table.attrs["flxframe"]["remarks"] == [remark]


@pytest.mark.parametrize(
    ("sheet", "address"),
    [
        ("Orders", "Orders.A1:Orders.B3"),
        ("Orders", "$Orders.$A$1:.$B$3"),
        ("It's 1.5", "'It''s 1.5'.A1:'It''s 1.5'.B3"),
    ],
)
def test_the_sheet_of_a_database_range_is_found(ods, sheet, address):
    """Names with other characters than letters are quoted."""
    path = ods(sheet=sheet, after=database_range(address))
    table = TableRange("Orders_1", 1, 3, 1, 2, kind="database range")
    assert read_ranges(path) == {sheet: SheetRanges(tables=[table])}


@pytest.mark.parametrize(
    "after",
    [
        database_range("Orders.A1:Orders.B3", 'table:name="__Anonymous_Sheet_DB__0"'),
        database_range("Orders.A1:Orders.B3", 'table:name="x" table:contains-header="false"'),
        database_range("Orders.A1:Orders.B3", 'table:name="x" table:orientation="column"'),
        database_range("#REF!"),
        database_range(""),
    ],
)
def test_other_database_ranges_are_not_tables(ods, after):
    """A filter alone does not say where a table ends."""
    assert read_ranges(ods(after=after)) == {}


@pytest.mark.parametrize("content", ["", "<a", "<a><b/>", '<a table:x="1"/>'])
def test_a_damaged_file_is_an_error(tmp_path, content):
    """Without its tables and merged cells, other rows would be sent."""
    path = tmp_path / "orders.ods"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("content.xml", content)
    with pytest.raises(FileError, match=r"orders\.ods is damaged"):
        read_ranges(path)


def test_a_file_that_is_not_a_zip_file_is_an_error(tmp_path):
    """It is not a workbook."""
    path = tmp_path / "orders.ods"
    path.write_bytes(b"PK")
    with pytest.raises(FileError, match=r"orders\.ods is damaged"):
        read_ranges(path)
