"""The cells of one sheet, column by column. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


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
        The merged ranges: first row, first column, last row, last column.
    """

    name: str
    columns: dict[int, list[Any]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    def put(self, row: int, column: int, value: Any) -> None:
        """Fill a cell; rows must come in order."""
        cells = self.columns.setdefault(column, [])
        if len(cells) < row - 1:
            cells.extend([None] * (row - 1 - len(cells)))

        if len(cells) < row:
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


def is_blank(cell: Any) -> bool:
    """Return whether a cell is empty or contains only white space.

    Examples
    --------
    >>> is_blank(None), is_blank(" "), is_blank(0)
    (True, True, False)
    """
    return cell is None or (isinstance(cell, str) and not cell.strip())
