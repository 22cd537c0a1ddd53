"""The cells of one sheet, column by column. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flxframe.exceptions import TableError
from flxframe.files.references import MAX_COLUMN, MAX_ROW, letters, reference

_MAX_PADDING = 4_000_000
"""This many blank cells above filled ones are accepted in any sheet."""

_MAX_PADDING_RATIO = 20

Range = tuple[int, int, int, int]
"""First row, first column, last row, last column."""


@dataclass(frozen=True, slots=True)
class TableRange:
    """An Excel Table (a ListObject) or the like in a sheet, with its header.

    Parameters
    ----------
    name : str
        Its name.
    header_row, last_row : int
        The row of the names, and the last row without its totals row.
    first_column, last_column : int
        Its columns.
    totals_row : int or None
        Its totals row.
    kind : str
        What the program calls it.
    """

    name: str
    header_row: int
    last_row: int
    first_column: int
    last_column: int
    totals_row: int | None = None
    kind: str = "Excel Table"


@dataclass(slots=True)
class SheetRanges:
    """The ranges of a sheet.

    Parameters
    ----------
    merged : list of tuple
        The merged ranges.
    tables : list of TableRange
        The tables.
    """

    merged: list[Range] = field(default_factory=list)
    tables: list[TableRange] = field(default_factory=list)


@dataclass(slots=True)
class Grid:
    """The cells of one sheet as they are displayed; rows and columns are counted from 1.

    Parameters
    ----------
    name : str
        The name of the sheet.
    columns : dict
        The cells of each column that has any, from row 1 to its last filled cell; None is blank.
    hidden : set of int
        The rows that are hidden, by a filter or manually.
    merged : list of tuple
        The merged ranges.
    tables : list of TableRange
        The Excel Tables of the sheet.
    file : str
        The file, for messages.
    """

    name: str
    columns: dict[int, list[Any]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    merged: list[Range] = field(default_factory=list)
    tables: list[TableRange] = field(default_factory=list)
    file: str = "the workbook"
    _padding: int = 0

    def put(self, row: int, column: int, value: Any) -> None:
        """Fill a cell; rows must come in order.

        Raises
        ------
        TableError
            If the cell is outside of every sheet, or far below all others.
        """
        cells = self.columns.get(column)
        if cells is None:
            cells = self._new_column(row, column)

        gap = row - 1 - len(cells)
        if gap > 0:
            self._pad(cells, gap, row, column)
            gap = 0
        if gap == 0:
            cells.append(value)
        else:
            cells[row - 1] = value

    @property
    def height(self) -> int:
        """The last row that has a filled cell."""
        return max(map(len, self.columns.values()), default=0)

    def row(self, number: int) -> dict[int, Any]:
        """Return the filled cells of a row, by their columns."""
        filled = {}
        for column, cells in sorted(self.columns.items()):
            if len(cells) >= number and not is_blank(cells[number - 1]):
                filled[column] = cells[number - 1]
        return filled

    def _new_column(self, row: int, column: int) -> list[Any]:
        if column > MAX_COLUMN:
            raise self._outside(row, column)
        cells = self.columns[column] = []
        return cells

    def _pad(self, cells: list[Any], gap: int, row: int, column: int) -> None:
        """Add blank cells, unless a few cells would fill the memory with blank ones."""
        if row > MAX_ROW:
            raise self._outside(row, column)

        self._padding += gap
        if self._padding > _MAX_PADDING:
            filled = sum(map(len, self.columns.values())) + gap - self._padding
            if self._padding > _MAX_PADDING + _MAX_PADDING_RATIO * filled:
                raise stray_cell(self, row, column)
        cells.extend([None] * gap)

    def _outside(self, row: int, column: int) -> TableError:
        return TableError(
            f"{self.file}, sheet {self.name!r} has a cell in row {row}, column {letters(column)}, "
            f"but a sheet has at most {MAX_ROW} rows and {MAX_COLUMN} columns: open it in Excel or "
            "LibreOffice and save it again"
        )


def stray_cell(grid: Grid, row: int, column: int) -> TableError:
    """Return the error for a filled cell that is far below all others."""
    return TableError(
        f"{grid.file}, sheet {grid.name!r}: {reference(row, column)} is filled, but nearly all "
        "rows above it are blank: clear the cell, or delete the blank rows above it"
    )


def is_blank(cell: Any) -> bool:
    """Return whether a cell is empty or contains only white space.

    Examples
    --------
    >>> is_blank(None), is_blank(" "), is_blank(0)
    (True, True, False)
    """
    return cell is None or (isinstance(cell, str) and not cell.strip())
