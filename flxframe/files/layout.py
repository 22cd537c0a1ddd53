"""Where a sheet's table is: its header, the names of its columns, its rows. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from flxframe.dtypes import column_array
from flxframe.exceptions import TableError
from flxframe.files.grid import Grid, _is_blank
from flxframe.files.references import letters, reference
from flxframe.request.fields import FIELDS

_TOP = 100
"""How many rows from the top may be a title; the header is sought among them."""


_REQUEST_FIELD = re.compile(r"eventHandle|(objects|params)([.\[].+)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a sheet's table stands.

    Parameters
    ----------
    header_row : int
        The row of the names; the rows of the table follow it.
    last_row : int
        The last row that holds anything.
    columns : dict
        The sheet's column of each name.
    """

    header_row: int
    last_row: int
    columns: dict[str, int]


def layout(grid: Grid, *, where: str, header_row: int | None = None) -> Layout:
    """Find the header and the names of the columns.

    Parameters
    ----------
    grid : Grid
        The sheet's cells.
    where : str
        File and sheet, for messages.
    header_row : int, optional
        The row of the names, when it isn't plain which it is.

    Raises
    ------
    TableError
        If it isn't plain which row holds the names, or two columns claim one request field.
    """
    row = _header_row(grid, where) if header_row is None else header_row
    if row > grid.height or row < 1:
        raise TableError(
            f"{where} has no row {row}, so header_row={row} can't be the row of the column names"
        )
    names = grid.row(row)
    for top, left, bottom, _ in grid.merged:
        if top < row <= bottom and left not in names and left in grid.row(top):
            names[left] = grid.row(top)[left]
    used = sorted(
        {
            *names,
            *(
                column
                for column, cells in grid.columns.items()
                if any(not _is_blank(c) for c in cells[row:])
            ),
        }
    )
    titles = column_names(
        [names.get(column) for column in used], [letters(column) for column in used], where
    )
    return Layout(row, max(row, grid.height), dict(zip(titles, used, strict=True)))


def frame(grid: Grid, place: Layout) -> pd.DataFrame:
    """Make the table of a sheet's cells; blank rows between filled ones are kept, so that row numbers stay true."""
    rows = place.last_row - place.header_row
    table = {}
    for name, column in place.columns.items():
        cells = grid.columns.get(column, [])[place.header_row : place.last_row]
        table[name] = column_array(cells + [None] * (rows - len(cells)), join_numbers=True)
    return pd.DataFrame(table, index=pd.RangeIndex(rows))


def column_names(titles: Sequence[Any], places: Sequence[str], where: str) -> list[str]:
    """Name the columns of a header.

    A column without a name travels along under a name that can't be sent, as do columns that share a name.

    Parameters
    ----------
    titles : sequence
        What the header's cells hold.
    places : sequence of str
        Where each column is, such as ``C``.
    where : str
        File and sheet, for messages.

    Raises
    ------
    TableError
        If two columns have the name of one request field.

    Examples
    --------
    >>> column_names(["sku", None, "note", "note"], "ABCD", "orders.csv")
    ['sku', 'Column B [no header]', 'note [column C]', 'note [column D]']
    """
    texts = ["" if title is None else str(title).strip() for title in titles]
    counts = Counter(text for text in texts if text)
    for text, count in counts.items():
        if count > 1 and is_request_field(text):
            first, second = [
                place for title, place in zip(texts, places, strict=True) if title == text
            ][:2]
            raise TableError(
                f"{where}: columns {first} and {second} are both named {text!r}, and only one can be sent: rename or "
                "delete one of them"
            )
    # The brackets make a name that is no path: if such a column is about to be sent, that is an error that names it.
    return [
        f"Column {place} [no header]"
        if not text
        else f"{text} [column {place}]"
        if counts[text] > 1
        else text
        for text, place in zip(texts, places, strict=True)
    ]


def is_request_field(name: str) -> bool:
    """Say whether a column of this name is sent without being asked for."""
    return re.split(r"[.\[]", name, maxsplit=1)[0] in FIELDS


def names_requests(grid: Grid) -> bool:
    """Say whether a sheet has a header with request fields in it."""
    return any(
        _has_request_field(grid.row(row).values()) for row in range(1, min(grid.height, _TOP) + 1)
    )


def _header_row(grid: Grid, where: str) -> int:
    """Find the header: the first row that names request fields, else the first that is as wide as a table's."""
    top = {row: grid.row(row) for row in range(1, min(grid.height, _TOP) + 1)}
    widest = max(map(len, top.values()), default=0)
    for row, cells in top.items():
        if _has_request_field(cells.values()):
            return _down(grid, row)
    for row, cells in top.items():
        if cells and len(cells) >= min(widest, max(2, (widest + 1) // 2)):
            odd = next(
                (column for column, cell in cells.items() if not isinstance(cell, str)), None
            )
            if odd is None:
                return _down(grid, row)
            raise TableError(
                f"{where}: row {row} doesn't look like column names ({reference(row, odd)} holds {str(cells[odd])!r}): "
                "put the names above the rows, or say which row holds them with header_row= (--header-row)"
            )
    raise TableError(
        f"{where} has nothing in its first {_TOP} rows: say which row holds the column names with header_row= "
        "(--header-row)"
    )


def _down(grid: Grid, row: int) -> int:
    """Go from the upper row of a header of two, where some names are merged over both, to the lower one."""
    return max(
        (bottom for top, _, bottom, _ in grid.merged if top == row and bottom <= row + 3),
        default=row,
    )


def _has_request_field(cells: Iterable[Any]) -> bool:
    return any(isinstance(cell, str) and _REQUEST_FIELD.fullmatch(cell.strip()) for cell in cells)
