"""The columns of a sheet that new columns can use. Pure: no network, no clock, no disk.

A new column must not cover anything: neither values nor formulas that display nothing, merged
boxes, notes or other tables. It must be visible, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from flxframe.files.references import MAX_COLUMN, column_number, letters
from flxframe.files.xlsx.xml_edit import attribute, child, children, root

Area = tuple[int, int, int, int]
"""The first row, first column, last row and last column of a range."""


_COLUMN = re.compile(r"""\sr\s*=\s*["']\$?([A-Za-z]+)""")


def last_filled_column(rows: str, prefix: str) -> int:
    """Return the last column with a cell that contains a value or a formula; 0 if there is none.

    Parameters
    ----------
    rows : str
        The rows of a sheet's XML.
    prefix : str
        The prefix of its elements.

    Examples
    --------
    >>> last_filled_column('<row><c r="A1"><v>1</v></c><c r="B1" s="1"/></row>', "")
    1
    """
    cell = re.compile(rf"<{prefix}c(?=[\s/>])[^>]*?(?:/>|>(.*?)</{prefix}c>)", re.DOTALL)
    opening = f"<{prefix}c"
    last = 0
    last_cells: tuple[str, ...] = ()
    for row in rows.split(f"</{prefix}row>"):
        # Most rows are as wide as the one before.
        start = row.rfind(opening)
        if start < 0 or row.startswith(last_cells, start):
            continue

        filled = _last_filled(row, opening, cell, last)
        if filled > last:
            last = filled
            last_cells = tuple(f'{opening} r="{letters(last)}{digit}' for digit in range(1, 10))
    return last


def _last_filled(row: str, opening: str, cell: re.Pattern[str], last: int) -> int:
    """Return the last filled column of a row, if it is after another one, otherwise that one.

    The cells of a row are in order, so that only the last ones have to be looked at.
    """
    start = len(row)
    while (start := row.rfind(opening, 0, start)) >= 0:
        if row[start + len(opening)] not in " />\t\r\n":  # <color ...>
            continue

        reference = _COLUMN.search(row, start, row.find(">", start))
        if reference is None:  # only counting the cells gives its column
            return max(last, _count_filled(cell, row))
        column = column_number(reference[1].upper())
        if column <= last:
            return last

        match = cell.match(row, start)
        if match and match[1]:
            return column
    return last


def _count_filled(cell: re.Pattern[str], row: str) -> int:
    last = number = 0
    for match in cell.finditer(row):
        column = _COLUMN.search(match[0], 0, match[0].find(">"))
        number = column_number(column[1].upper()) if column else number + 1
        if match[1]:
            last = max(last, number)
    return last


def filled_rows(rows: str, prefix: str, columns: Iterable[str]) -> dict[str, set[int]]:
    """Return the rows in which some columns, given by their letters, are filled."""
    names = "|".join(columns)
    pattern = re.compile(
        rf"""<{prefix}c\s[^>]*?\br=["']({names})(\d+)["'][^>]*(?<!/)>(?!</)""", re.IGNORECASE
    )
    filled: dict[str, set[int]] = {}
    for match in pattern.finditer(rows):
        filled.setdefault(match[1].upper(), set()).add(int(match[2]))
    return filled


def last_covered_column(areas: Iterable[Area], *, rows: range, right: int) -> int:
    """Return the last column of the areas in the way of new columns; 0 if there is none.

    Those are the areas in the table's rows, and those that begin to the right of the table.

    Parameters
    ----------
    areas : iterable of tuple
        Merged boxes, notes and other tables.
    rows : range
        The rows of the table, with its header.
    right : int
        The last column of the table.

    Examples
    --------
    >>> last_covered_column([(1, 1, 1, 9), (9, 5, 9, 6)], rows=range(2, 5), right=3)
    6
    """
    last = 0
    for top, left, bottom, end in areas:
        is_next_to_it = top < rows.stop and bottom >= rows.start
        if is_next_to_it or left > right:
            last = max(last, end)
    return last


def first_visible(frame: str, first: int, count: int) -> int:
    """Return the first column, from a column on, where there are enough visible ones in a row.

    Parameters
    ----------
    frame : str
        The worksheet without its rows.
    first : int
        The column to start from.
    count : int
        The number of columns.
    """
    group = child(frame, root(frame), "cols")
    for element in children(frame, group) if group else []:
        tag = frame[element.start : element.end]
        if attribute(tag, "hidden") not in ("1", "true"):
            continue

        start, end = int(attribute(tag, "min") or 1), int(attribute(tag, "max") or 1)
        # Sheets are often hidden from a column on; there, new columns are displayed.
        if start < first + count and first <= end < MAX_COLUMN:
            first = end + 1
    return first
