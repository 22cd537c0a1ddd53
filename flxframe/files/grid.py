"""The cells of one sheet, column by column. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Grid:
    """The cells of one sheet, column by column, as a person sees them; rows and columns are counted from 1.

    Parameters
    ----------
    name : str
        The sheet's name.
    columns : dict
        For each column that holds anything, its cells from row 1 on; None is blank. It ends at its last filled cell.
    hidden : set of int
        The rows that are hidden, by a filter or by hand.
    merged : list of tuple
        The merged ranges: first row, first column, last row, last column.
    """

    name: str
    columns: dict[int, list[Any]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    def put(self, row: int, column: int, value: Any) -> None:
        """Fill a cell; rows come in order."""
        cells = self.columns.setdefault(column, [])
        if len(cells) < row - 1:
            cells.extend([None] * (row - 1 - len(cells)))
        if len(cells) < row:
            cells.append(value)
        else:
            cells[row - 1] = value

    @property
    def height(self) -> int:
        """The last row that holds anything."""
        return max(map(len, self.columns.values()), default=0)

    def row(self, number: int) -> dict[int, Any]:
        """Return the filled cells of a row."""
        return {
            column: cells[number - 1]
            for column, cells in sorted(self.columns.items())
            if len(cells) >= number and not _is_blank(cells[number - 1])
        }


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
