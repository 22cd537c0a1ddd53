"""The rows of a worksheet's XML, with some of their cells changed. Pure: no network, no clock, no disk.

What isn't changed is copied as text: formulas with their saved values, styles, and what other programs added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flxframe.files.references import column_number, letters
from flxframe.files.xlsx import cell_values, xml_edit
from flxframe.files.xlsx.styles import CHANGED_FILL, FAILED_FILL, Stylesheet

_STYLE = re.compile(r"""\ss=["'](\d+)""")


_COLUMN = re.compile(r"""\sr=["']\$?([A-Z]+)""")


_PLACED = re.compile(r"""\s(?:r|spans)=(?:"[^"]*"|'[^']*')""")


@dataclass(slots=True)
class Change:
    """What is to become of a sheet's cells; rows and columns are counted from 1.

    Parameters
    ----------
    rows : range
        The rows of the table.
    columns : dict
        The columns that are written anew, each with the cells of all rows.
    cells : dict
        By row and column, cells that are written one by one.
    header : dict
        New names, by column.
    header_row : int
        Where they go.
    marked : set
        By row and column, what is marked as changed.
    troubled : set
        The rows that are filled red.
    table : list of int
        All columns of the table, those that it had and those that are new.
    """

    rows: range
    columns: dict[int, list[Any]]
    cells: dict[tuple[int, int], Any]
    header: dict[int, str]
    header_row: int
    marked: set[tuple[int, int]]
    troubled: set[int]
    table: list[int]

    def values(self, row: int) -> dict[int, Any]:
        """Return the cells that are written in a row, by their columns."""
        if row == self.header_row:
            return dict(self.header)
        if row not in self.rows:
            return {}
        position = row - self.rows.start
        return {column: cells[position] for column, cells in self.columns.items()}


class RowWriter:
    """Writes the rows of a sheet.

    Parameters
    ----------
    change : Change
        What is to become of them.
    styles : Stylesheet
        The workbook's styles.
    prefix : str
        The prefix of the sheet's elements.
    date1904 : bool
        Whether days are counted from 1904.
    column_styles : dict
        The style of the cells of a column that are not there.
    """

    def __init__(
        self,
        change: Change,
        styles: Stylesheet,
        *,
        prefix: str,
        date1904: bool,
        column_styles: dict[int, int],
    ) -> None:
        self._change = change
        self._styles = styles
        self._prefix = prefix
        self._date1904 = date1904
        self._column_styles = column_styles
        self._numbers: dict[str, int] = {}
        self._table = frozenset(change.table)
        self._changed: dict[int, dict[int, Any]] = {}
        for (row, column), value in change.cells.items():
            self._changed.setdefault(row, {})[column] = value
        p = prefix
        self._row = re.compile(rf"<{p}row(?=[\s/>])([^>]*?)(?:/>|>(.*?)</{p}row>)", re.DOTALL)
        self._cell = re.compile(rf"<{p}c(?=[\s/>])([^>]*?)(?:/>|>(.*?)</{p}c>)", re.DOTALL)
        self._header_style: int | None = None

    def write(self, data: str) -> Iterator[str]:
        """Yield the rows, those that were there and those that must be."""
        wanted = iter(sorted({self._change.header_row, *self._change.rows}))
        following = next(wanted, None)
        last = number = 0
        for match in self._row.finditer(data):
            number = int(xml_edit.attribute(f"<row{match[1]}>", "r") or number + 1)
            yield data[last : match.start()]
            last = match.end()
            while following is not None and following < number:
                yield self._edited(following, "", "")
                following = next(wanted, None)
            if following == number:
                yield self._edited(number, match[1], match[2] or "")
                following = next(wanted, None)
            else:
                yield match[0]
        yield data[last:]
        while following is not None:
            yield self._edited(following, "", "")
            following = next(wanted, None)

    def _edited(self, row: int, attributes: str, inner: str) -> str:
        values = self._change.values(row)
        if row in self._changed:
            values.update(self._changed[row])
        mark = FAILED_FILL if row in self._change.troubled else None
        own = _STYLE.search(attributes)
        cells: list[tuple[int, str]] = []
        column = 0
        for match in self._cell.finditer(inner):
            column = self._column(match[1], column)
            base = _STYLE.search(match[1])
            style = int(base[1]) if base else 0
            if column in values:
                cells.append(
                    (column, self._made(row, column, values.pop(column), style, mark, is_new=False))
                )
            else:
                cells.append((column, self._kept(row, column, match[0], style, mark)))
        there = {column for column, _ in cells}
        if mark is not None:
            values.update(
                (column, None)
                for column in self._change.table
                if column not in there and column not in values
            )
        for column, value in values.items():
            base_style = int(own[1]) if own else self._column_styles.get(column, 0)
            if row == self._change.header_row:
                base_style = self._title_style(cells)
            made = self._made(row, column, value, base_style, mark, is_new=True)
            cells += [(column, made)] if made else []
        cells.sort(key=lambda cell: cell[0])
        rest = _PLACED.sub("", attributes).rstrip()
        p = self._prefix
        if not cells and not rest:
            return ""
        return f'<{p}row r="{row}"{rest}>{"".join(cell for _, cell in cells)}</{p}row>'

    def _title_style(self, cells: list[tuple[int, str]]) -> int:
        """Return the style of a new name: that of the last name before it."""
        if self._header_style is None:
            found = xml_edit.attribute(cells[-1][1], "s") if cells else None
            self._header_style = int(found or 0) if cells else self._styles.bold()
        return self._header_style

    def _column(self, attributes: str, last: int) -> int:
        found = _COLUMN.search(attributes)
        if found is None:
            return last + 1
        if found[1] not in self._numbers:
            self._numbers[found[1]] = column_number(found[1])
        return self._numbers[found[1]]

    def _kept(self, row: int, column: int, xml: str, style: int, mark: str | None) -> str:
        if row == self._change.header_row or column not in self._table:
            return xml
        if mark is None and (row, column) in self._change.marked:
            mark = CHANGED_FILL
        wanted = self._styles.unmarked(style)
        if mark is not None:
            wanted = self._styles.style(wanted, mark=mark)
        return xml if wanted == style else xml_edit.with_attribute(xml, "s", str(wanted))

    def _made(
        self, row: int, column: int, value: Any, style: int, mark: str | None, *, is_new: bool
    ) -> str:
        """Return the XML of a cell of ours; none if it would say nothing."""
        if mark is None and (row, column) in self._change.marked:
            mark = CHANGED_FILL
        found = cell_values.entry(value, date1904=self._date1904)
        base = style if row == self._change.header_row else self._styles.unmarked(style)
        code = cell_values.code_for(found, self._styles.looks[base], is_new=is_new)
        if mark is not None or code is not None:
            base = self._styles.style(base, mark=mark, code=code)
        p = self._prefix
        start = f'<{p}c r="{letters(column)}{row}"' + (f' s="{base}"' if base else "")
        if not found.kind:
            return f"{start}/>" if base else ""
        if found.kind == "inlineStr":
            text = cell_values.xml_text(found.text)
            return f'{start} t="inlineStr"><{p}is><{p}t xml:space="preserve">{text}</{p}t></{p}is></{p}c>'
        kind = "" if found.kind == "n" else f' t="{found.kind}"'
        return f"{start}{kind}><{p}v>{xml_edit.escape(found.text)}</{p}v></{p}c>"
