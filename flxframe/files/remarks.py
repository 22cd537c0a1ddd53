"""Remarks on a table of a sheet: facts that a user needs to know before its rows are sent. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from flxframe.files.grid import Grid, Range, is_blank
from flxframe.files.layout import Layout, blank_rows_of
from flxframe.files.references import reference
from flxframe.text import counted

_MAX_PLACES = 4
_MIN_ROWS = 2


def remarks_on(grid: Grid, layout: Layout, filled: Sequence[Range]) -> list[str]:
    """Return the remarks on a table, each a sentence.

    Parameters
    ----------
    grid : Grid
        The cells of the sheet.
    layout : Layout
        The position of the table.
    filled : sequence
        The merged ranges whose value was filled down.
    """
    remarks = []
    if filled:
        places = []
        for top, left, bottom, right in filled[: _MAX_PLACES + 1]:
            places.append(f"{reference(top, left)}:{reference(bottom, right)}")
        remarks.append(f"In {_some(places, len(filled))}, merged cells were filled down.")

    first_row = layout.header_row + 1
    if _has_labels(grid, layout, first_row):
        remarks.append(
            f"Row {first_row} has texts where the rows below it have none: delete it from the file "
            "if it is a second row of names."
        )

    if layout.table is None:
        rows = _rows_after_a_blank(grid, layout)
        if rows:
            remarks.append(
                f"{counted(len(rows), 'row')} after a blank row, {_some(rows, len(rows))}, would "
                "be sent too."
            )
        return remarks

    rows = _rows_below(grid, layout)
    if rows:
        verb = "is" if len(rows) == 1 else "are"
        remarks.append(
            f"{counted(len(rows), 'row')} below the {layout.table.kind} {layout.table.name}, "
            f"{_some(rows, len(rows))}, {verb} not sent."
        )
    return remarks


def _has_labels(grid: Grid, layout: Layout, row: int) -> bool:
    """Return whether a row has only different texts, and the rows below it no text in a column."""
    texts = {}
    for column in layout.columns.values():
        cells = grid.columns.get(column, [])
        text = cells[row - 1] if len(cells) >= row else None
        if isinstance(text, str) and not is_blank(text):
            texts[column] = text.strip()
        elif len(cells) >= row:  # it has another value, or none although there are some below
            return False
    if len(set(texts.values())) < len(texts):
        return False

    for column in texts:
        cells = grid.columns[column]
        has_text = any(isinstance(cell, str) for cell in islice(cells, row, layout.last_row))
        if not has_text and len(cells) >= row + _MIN_ROWS:  # usually the next cell is a text
            return True
    return False


def _rows_after_a_blank(grid: Grid, layout: Layout) -> list[int]:
    """Return the filled rows of a table that follow its first blank row."""
    blank_rows = blank_rows_of(grid, layout)
    if not blank_rows:
        return []
    rows = range(blank_rows[0] + 1, layout.last_row + 1)
    blank = set(blank_rows)
    return [row for row in rows if row not in blank]


def _rows_below(grid: Grid, layout: Layout) -> list[int]:
    """Return the filled rows below an Excel Table, in its columns, without its totals row."""
    rows = set()
    for column in layout.columns.values():
        cells = grid.columns.get(column, [])
        for row in range(layout.last_row + 1, len(cells) + 1):
            if not is_blank(cells[row - 1]):
                rows.add(row)

    if layout.table is not None:
        rows.discard(layout.table.totals_row or 0)
    return sorted(rows)


def _some(places: Sequence[object], count: int) -> str:
    """Return the first of some places as text.

    Examples
    --------
    >>> _some([86, 87], 2), _some([3, 4, 5, 6, 7, 8], 6)
    ('86 and 87', '3, 4, 5, 6 and 2 more')
    """
    texts = list(map(str, places[:_MAX_PLACES]))
    if count > len(texts):
        texts.append(f"{count - len(texts)} more")
    *first, last = texts
    return f"{', '.join(first)} and {last}" if first else last
