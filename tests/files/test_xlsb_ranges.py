"""The merged ranges and the Excel Tables of an .xlsb file."""

import struct
import zipfile

import pytest

from flxframe.exceptions import FileError
from flxframe.files.grid import SheetRanges, TableRange
from flxframe.files.reading import read_table
from flxframe.files.xlsb_ranges import read_ranges
from tests.conftest import DATA
from tests.files.raw_books import PACKAGE, relations

pytest.importorskip("python_calamine")

TYPE = "application/vnd.ms-excel"
TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.bin" ContentType="{TYPE}.sheet.binary.macroEnabled.main"/>'
    f'<Override PartName="/xl/worksheets/sheet1.bin" ContentType="{TYPE}.worksheet"/>'
    f'<Override PartName="/xl/tables/table1.bin" ContentType="{TYPE}.table"/></Types>'
)


def record(kind, content=b""):
    """Return a record: its number and its length, 7 bits per byte, and its content."""
    head = [kind] if kind < 0x80 else [kind & 0x7F | 0x80, kind >> 7]
    size = len(content)
    while size >= 0x80:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*head, size]) + content


def numbers(*values):
    """Return integers of 4 bytes each."""
    return struct.pack(f"<{len(values)}I", *values)


def text(value):
    """Return a text with its length."""
    return numbers(len(value)) + value.encode("utf-16-le")


def cell_records(rows):
    """Return the records of rows of texts and numbers; None is blank."""
    records = []
    for number, cells in enumerate(rows):
        head = numbers(number, 0) + b"\x2c\x01\0\0\0" + numbers(1, 0, len(cells) - 1)
        records.append(record(0, head))
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                records.append(record(6, numbers(column, 0) + text(cell)))
            elif cell is not None:
                records.append(record(5, numbers(column, 0) + struct.pack("<d", cell)))
    return records


def table_part(corners, *, totals, name="T"):
    """Return the part of an Excel Table."""
    head = numbers(*corners, 0, 1, 1, totals, 0, *[0xFFFFFFFF] * 6, 0)
    texts = numbers(0xFFFFFFFF) + text(name) + numbers(*[0xFFFFFFFF] * 4)
    columns = []
    for column in range(corners[3] - corners[2] + 1):
        content = numbers(column + 1, 0, *[0xFFFFFFFF] * 3, 0, 0xFFFFFFFF)
        columns.append(record(347, content + text(f"c{column}") + numbers(*[0xFFFFFFFF] * 4)))
        columns.append(record(348))
    start = record(345, numbers(len(columns) // 2))
    return b"".join([record(343, head + texts), start, *columns, record(346), record(344)])


@pytest.fixture
def xlsb(tmp_path):
    """Return a function that writes an .xlsb file with these rows."""

    def write(*rows, merged=(), table=None):
        width = max(map(len, rows))
        sheet = [
            record(129),
            record(148, numbers(0, len(rows) - 1, 0, width - 1)),
            record(145),
            *cell_records(rows),
            record(146),
        ]
        if merged:
            ranges = [record(176, numbers(*corners)) for corners in merged]
            sheet += [record(177, numbers(len(merged))), *ranges, record(178)]
        if table is not None:
            part = record(660, numbers(1)) + record(661, text("table")) + record(662)
            sheet.append(part)
        sheet.append(record(130))

        bundle = record(156, numbers(0, 1) + text("worksheet") + text("Orders"))
        path = tmp_path / "orders.xlsb"
        with zipfile.ZipFile(path, "w") as package:
            package.writestr("[Content_Types].xml", TYPES)
            package.writestr("_rels/.rels", relations(officeDocument="xl/workbook.bin"))
            main = record(131) + record(143) + bundle + record(144) + record(132)
            package.writestr("xl/workbook.bin", main)
            sheets = relations(worksheet="worksheets/sheet1.bin")
            package.writestr("xl/_rels/workbook.bin.rels", sheets)
            package.writestr("xl/worksheets/sheet1.bin", b"".join(sheet))
            tables = relations(table="../tables/table1.bin")
            package.writestr("xl/worksheets/_rels/sheet1.bin.rels", tables)
            if table is not None:
                package.writestr("xl/tables/table1.bin", table)
        return path

    return write


def test_merged_cells_over_rows_are_filled_down(xlsb):
    """Otherwise the second row would be sent without its number."""
    path = xlsb(
        ("objects.o.n", "objects.o.sku"),
        ("1001", "A"),
        (None, "B"),
        ("1002", "C"),
        merged=[(1, 2, 0, 0)],
    )
    with pytest.warns(UserWarning, match="number formats"):
        table = read_table(path)
    assert table["objects.o.n"].tolist() == ["1001", "1001", "1002"]
    assert table.attrs["flxframe"]["remarks"] == ["In A2:A3, merged cells were filled down."]


def test_a_value_that_a_merge_hides_is_not_read(xlsb):
    """It is not displayed."""
    path = xlsb(("objects.o.n", "objects.o.b"), ("1001", "hidden"), merged=[(1, 1, 0, 1)])
    with pytest.warns(UserWarning, match="number formats"):
        table = read_table(path)
    assert table.astype(object).to_numpy(na_value=None).tolist() == [["1001", None]]


def test_the_totals_row_of_a_table_is_not_a_row(xlsb):
    """It would be sent as an order."""
    path = xlsb(
        ("objects.o.n", "objects.o.qty"),
        ("1", 2),
        ("2", 3),
        ("Total", 5),
        (None, None),
        ("note", None),
        table=table_part((0, 3, 0, 1), totals=1),
    )
    with pytest.warns(UserWarning, match="number formats"):
        table = read_table(path)
    assert table["objects.o.qty"].tolist() == [2, 3]
    remark = "1 row below the Excel Table T, 6, is not sent."
    assert table.attrs["flxframe"]["remarks"] == [remark]


def test_a_table_without_a_totals_row_ends_at_its_last_row(xlsb):
    """The name is the displayed one."""
    path = xlsb(("a",), ("b",), table=table_part((0, 1, 0, 0), totals=0, name="Orders"))
    assert read_ranges(path) == {"Orders": SheetRanges(tables=[TableRange("Orders", 1, 2, 1, 1)])}


def test_a_file_of_another_program_has_its_ranges():
    """Each sheet is found, here without ranges."""
    assert read_ranges(DATA / "orders.xlsb") == {"Orders": SheetRanges(), "Chart": SheetRanges()}


@pytest.mark.parametrize("end", [1, 40, 80])
def test_a_damaged_part_is_an_error(xlsb, end):
    """Without its tables and merged cells, other rows would be sent."""
    path = xlsb(("a",), ("b",), table=table_part((0, 1, 0, 0), totals=0)[:end])
    with pytest.raises(FileError, match=r"orders\.xlsb is damaged"):
        read_ranges(path)
