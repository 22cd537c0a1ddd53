"""The rows of a worksheet's XML, with some cells changed. Pure: no network, no clock, no disk.

Unchanged text is copied: formulas with their saved values, styles, and other programs' additions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from flxframe.files.references import column_number, letters
from flxframe.files.xlsx import cell_values
from flxframe.files.xlsx.change import Change
from flxframe.files.xlsx.marks import CHANGED_FILL, FAILED_FILL
from flxframe.files.xlsx.styles import Stylesheet
from flxframe.files.xlsx.xml_edit import attribute, escape, with_attribute

_STYLE = re.compile(r"""\ss=["'](\d+)""")
_COLUMN = re.compile(r"""\sr=["']\$?([A-Z]+)""")
_POSITION = re.compile(r"""\s(?:r|spans)=(?:"[^"]*"|'[^']*')""")

_column_number = lru_cache(maxsize=16_384)(column_number)


@dataclass(frozen=True, slots=True)
class _Row:
    """The change to one row.

    Parameters
    ----------
    number : int
        Its number.
    is_header : bool
        Whether it is the row of the names.
    values : dict
        The new values, by column.
    fill : str or None
        The fill of the whole row.
    fills : mapping
        The fills of single cells, by column.
    """

    number: int
    is_header: bool
    values: dict[int, Any]
    fill: str | None
    fills: Mapping[int, str]


class RowWriter:
    """Writes the rows of a sheet.

    Parameters
    ----------
    change : Change
        The change to the sheet.
    styles : Stylesheet
        The workbook's styles.
    prefix : str
        The prefix of the sheet's elements.
    date1904 : bool
        Whether days are counted from 1904.
    column_styles : dict
        The style of new cells, by column.
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
        self._table = frozenset(change.table_columns)

        self._values: dict[int, dict[int, Any]] = {}
        for (row, column), value in change.cells.items():
            self._values.setdefault(row, {})[column] = value
        self._fills: dict[int, dict[int, str]] = {}
        for row, column in change.changed_cells:
            self._fills.setdefault(row, {})[column] = CHANGED_FILL

        self._row_pattern = _element(f"{prefix}row")
        self._cell_pattern = _element(f"{prefix}c")

    def write(self, data: str) -> Iterator[str]:
        """Yield the rows: the existing ones, edited where they change, and new ones."""
        change = self._change
        pending = sorted({change.header_row, *change.rows}, reverse=True)
        end = number = 0
        for match in self._row_pattern.finditer(data):
            number_text = attribute(f"<row{match[1]}>", "r")
            number = int(number_text or number + 1)
            yield data[end : match.start()]
            end = match.end()

            while pending and pending[-1] < number:
                yield self._edited(pending.pop(), "", "")
            if pending and pending[-1] == number:
                yield self._edited(pending.pop(), match[1], match[2] or "")
            else:
                yield match[0]

        yield data[end:]
        while pending:
            yield self._edited(pending.pop(), "", "")

    def _edited(self, number: int, attributes: str, content: str) -> str:
        """Return the XML of a row with its change.

        Parameters
        ----------
        number : int
            The row's number.
        attributes, content : str
            The attributes of the existing row, and its cells.
        """
        row = self._row(number)
        cells = self._existing_cells(row, content)
        cells += self._new_cells(row, attributes, cells)
        cells.sort(key=itemgetter(0))

        attributes = _POSITION.sub("", attributes).rstrip()
        if not cells and not attributes:
            return ""
        p = self._prefix
        content = "".join([xml for _, xml in cells])
        return f'<{p}row r="{number}"{attributes}>{content}</{p}row>'

    def _row(self, number: int) -> _Row:
        values = self._change.values(number)
        values.update(self._values.get(number, {}))
        is_header = number == self._change.header_row
        if number in self._change.failed_rows:
            return _Row(number, is_header, values, FAILED_FILL, {})

        fills = self._fills.get(number, {})
        return _Row(number, is_header, values, None, fills)

    def _existing_cells(self, row: _Row, content: str) -> list[tuple[int, str]]:
        """Return the row's existing cells, by column, and remove their values from the row."""
        cells = []
        column = 0
        for match in self._cell_pattern.finditer(content):
            column = self._column(match[1], column)
            style_match = _STYLE.search(match[1])
            style = int(style_match[1]) if style_match else 0

            if column in row.values:
                value = row.values.pop(column)
                xml = self._cell(row, column, value, style, is_new=False)
            else:
                xml = self._restyled(row, column, match[0], style)
            cells.append((column, xml))
        return cells

    def _new_cells(
        self, row: _Row, attributes: str, existing_cells: list[tuple[int, str]]
    ) -> list[tuple[int, str]]:
        """Return the cells that the row does not have yet, by column."""
        values = row.values
        if row.fill is not None:
            existing_columns = {column for column, _ in existing_cells}
            for column in self._table - existing_columns - values.keys():
                values[column] = None

        style_match = _STYLE.search(attributes)
        row_style = int(style_match[1]) if style_match else None
        if row.is_header and values:
            row_style = self._title_style(existing_cells)

        cells = []
        for column, value in values.items():
            style = row_style
            if style is None:
                style = self._column_styles.get(column, 0)
            if xml := self._cell(row, column, value, style, is_new=True):
                cells.append((column, xml))
        return cells

    def _title_style(self, titles: list[tuple[int, str]]) -> int:
        """Return the style of a new name: that of the last existing name."""
        if not titles:
            return self._styles.bold()
        _, xml = titles[-1]
        return int(attribute(xml, "s") or 0)

    def _column(self, attributes: str, previous: int) -> int:
        match = _COLUMN.search(attributes)
        if match is None:
            return previous + 1
        return _column_number(match[1])

    def _restyled(self, row: _Row, column: int, xml: str, style: int) -> str:
        """Return an existing cell with the same value, but with the fill of this run."""
        if row.is_header or column not in self._table:
            return xml
        new_style = self._styles.unmarked(style)
        fill = row.fills.get(column, row.fill)
        if fill is not None:
            new_style = self._styles.style(new_style, mark=fill)
        if new_style == style:
            return xml
        return with_attribute(xml, "s", str(new_style))

    def _cell(self, row: _Row, column: int, value: Any, style: int, *, is_new: bool) -> str:
        """Return the XML of a cell with a new value; an empty text if no cell is needed."""
        entry = cell_values.entry(value, date1904=self._date1904)
        style = self._styles.unmarked(style)
        fill = row.fills.get(column, row.fill)
        look = self._styles.looks[style]
        code = cell_values.code_for(entry, look, is_new=is_new)
        if fill is not None or code is not None:
            style = self._styles.style(style, mark=fill, code=code)

        p = self._prefix
        start = f'<{p}c r="{letters(column)}{row.number}"'
        if style:
            start += f' s="{style}"'
        if not entry.kind:
            return f"{start}/>" if style else ""
        if entry.kind == "inlineStr":
            text = cell_values.xml_text(entry.text)
            text = f'<{p}t xml:space="preserve">{text}</{p}t>'
            return f'{start} t="inlineStr"><{p}is>{text}</{p}is></{p}c>'

        if entry.kind != "n":
            start += f' t="{entry.kind}"'
        return f"{start}><{p}v>{escape(entry.text)}</{p}v></{p}c>"


def _element(tag: str) -> re.Pattern[str]:
    """Return a pattern of elements: their attributes and their content."""
    return re.compile(
        rf"<{tag}(?=[\s/>])([^>]*?)(?:/>|>(.*?)</{tag}>)",
        re.DOTALL,
    )
