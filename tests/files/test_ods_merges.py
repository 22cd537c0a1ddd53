"""The merged ranges of the sheets of an .ods file."""

import zipfile

import pytest

from flxframe.files.ods_merges import merged_ranges
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

    def write(*rows):
        path = tmp_path / "orders.ods"
        with zipfile.ZipFile(path, "w") as package:
            package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            sheet = f'<table:table table:name="Orders">{"".join(rows)}</table:table>'
            package.writestr("META-INF/manifest.xml", MANIFEST)
            package.writestr("content.xml", HEAD + sheet + TAIL)
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
    assert merged_ranges(path) == {"Orders": [(4, 3, 6, 4)]}


@pytest.mark.parametrize("content", ["<a", '<a table:x="1"/>'])
def test_a_damaged_file_has_no_ranges(tmp_path, content):
    """Reading its cells reports the damage."""
    path = tmp_path / "orders.ods"
    path.write_bytes(b"PK")
    assert merged_ranges(path) == {}
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("content.xml", content)
    assert merged_ranges(path) == {}
