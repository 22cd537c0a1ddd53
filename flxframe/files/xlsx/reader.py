"""The cells of a worksheet, each with its displayed value."""

from __future__ import annotations

from contextlib import suppress

from flxframe.files.grid import Grid
from flxframe.files.merges import hide_merged
from flxframe.files.references import MAX_COLUMN, area, letters, position
from flxframe.files.xlsx.read_cells import CellReader
from flxframe.files.xlsx.row_scanner import RowScanner, UnusualError
from flxframe.files.xlsx.sheet_scanner import scan_sheet
from flxframe.files.xlsx.strings import Tags, new_parser
from flxframe.files.xlsx.tables import read_tables
from flxframe.files.xlsx.workbook import Sheet, Workbook

_DIGITS = "0123456789"
_TRUE = ("1", "true")


def read_grid(workbook: Workbook, sheet: Sheet) -> Grid:
    """Read the cells of a worksheet.

    Parameters
    ----------
    workbook : Workbook
        The open workbook.
    sheet : Sheet
        One of its sheets.

    Raises
    ------
    TableError
        If a cell is outside of every sheet, or far below all others.
    """
    try:
        grid = scanned_grid(workbook, sheet)
    except UnusualError:
        grid = parsed_grid(workbook, sheet)

    hide_merged(grid)
    grid.tables = read_tables(workbook, sheet)
    return grid


def scanned_grid(workbook: Workbook, sheet: Sheet) -> Grid:
    """Read the cells of a worksheet that is written in the usual way.

    Raises
    ------
    UnusualError
        If it is not.
    """
    grid = Grid(sheet.name, file=str(workbook.path))
    cells = CellReader(workbook, sheet.name)
    reader = _SheetReader(grid, cells)
    scanner = RowScanner(grid, cells, reader.parse_row)
    with workbook.open(sheet.part) as file:
        scan_sheet(file, scanner, new_parser(reader))
    return grid


def parsed_grid(workbook: Workbook, sheet: Sheet) -> Grid:
    """Read the cells of a worksheet with an XML parser, however it is written."""
    grid = Grid(sheet.name, file=str(workbook.path))
    reader = _SheetReader(grid, CellReader(workbook, sheet.name))
    with workbook.open(sheet.part) as file:
        new_parser(reader).ParseFile(file)
    return grid


class _SheetReader:
    """Fill a grid with the cells of a worksheet, while its XML is parsed."""

    def __init__(self, grid: Grid, reader: CellReader) -> None:
        self._grid = grid
        self._reader = reader
        self._tags = Tags()
        self._columns: dict[str, int] = {}
        self._row = 0
        self._column = 0

        self._cell: dict[str, str] | None = None
        self._text: str | None = None
        self._formula: str | None = None
        self._inline: list[str] | None = None
        self._parts: list[str] | None = None
        self._is_hint = False

    def parse_row(self, xml: str, row_before: int) -> int:
        """Read one row, given its XML and the number of the row before it; return its number."""
        self._row = row_before
        new_parser(self).Parse(xml, True)
        return self._row

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Start an element."""
        tag = self._tags[name]
        if tag == "c":
            self._cell = attributes
            self._text = self._formula = self._inline = None
        elif tag == "v":
            self._parts = []
        elif tag == "row":
            self._start_row(attributes)
        elif self._cell is not None:
            self._start_in_cell(tag)
        elif tag == "mergeCell":
            with suppress(ValueError):  # a range that is not one merges nothing
                self._grid.merged.append(area(attributes.get("ref", "A1")))

    def end(self, name: str) -> None:
        """End an element."""
        tag = self._tags[name]
        if tag == "v":
            self._text = "".join(self._parts or ())
            self._parts = None
        elif tag == "c":
            self._end_cell()
        elif self._cell is not None:
            self._end_in_cell(tag)

    def data(self, text: str) -> None:
        """Add characters to the current text."""
        if self._parts is not None:
            self._parts.append(text)

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        if number is None:
            self._row += 1
        elif number.isdecimal() and int(number) > 0:
            self._row = int(number)
        else:
            raise ValueError(f"{number!r} is not the number of a row")
        self._column = 0
        if attributes.get("hidden") in _TRUE:
            self._grid.hidden.add(self._row)

    def _start_in_cell(self, tag: str) -> None:
        if tag == "is":
            self._inline = []
        elif tag == "rPh":
            self._is_hint = True
        elif tag == "f" or (tag == "t" and not self._is_hint):
            self._parts = []

    def _end_in_cell(self, tag: str) -> None:
        if tag == "f":
            self._formula = "".join(self._parts or ())
        elif tag == "t" and self._inline is not None:
            self._inline += self._parts or ()
        elif tag == "rPh":
            self._is_hint = False
        if tag in ("f", "t"):
            self._parts = None

    def _end_cell(self) -> None:
        cell, self._cell = self._cell, None
        if cell is None:
            return
        reference = cell.get("r")
        if reference is None:  # some writers omit references that follow from the order
            column = self._column + 1
        else:
            name = reference.rstrip(_DIGITS)
            column = self._columns.get(name) or self._new_column(name)
        self._column = column

        text, formula = self._text, self._formula
        if self._inline is not None:
            text = "".join(self._inline)
        if text is None and formula is None:
            return
        if reference is None:
            reference = f"{letters(min(column, MAX_COLUMN))}{self._row}"
        value = self._reader.value(cell, text, formula, reference)
        if value is not None and value != "":
            self._grid.put(self._row, column, value)

    def _new_column(self, name: str) -> int:
        column = position(f"{name}1")[1]
        self._columns[name] = column
        return column
