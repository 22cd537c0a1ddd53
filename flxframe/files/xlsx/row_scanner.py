"""Scan the cells of rows with one regular expression, several times faster than an XML parser.

Nearly all programs write a cell as ``<c r="A1" s="1" t="s"><v>7</v></c>``. A row with anything else
goes to the XML parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from flxframe.files.grid import Grid
from flxframe.files.references import position
from flxframe.files.xlsx.read_cells import CellReader
from flxframe.models import ErrorCell

_MAX_KNOWN_VALUES = 100_000
"""This many values are kept for each style; more are not worth the memory."""

_MAX_KNOWN_ATTRIBUTES = 10_000
"""Programs write far fewer; without a limit, a sheet could fill the memory with them."""

_ATTRIBUTES = r'(?: [A-Za-z0-9:]+="[^"<>&]*")*+'
_HEAD = re.compile(rf' r="([1-9][0-9]{{0,6}})"({_ATTRIBUTES}) ?(/?)')
_CELL = re.compile(
    rf"""<c[ ]r="([A-Z]{{1,3}})[0-9]++"({_ATTRIBUTES.replace(" ", "[ ]")})[ ]?(?:/>|>
        (?:<f{_ATTRIBUTES.replace(" ", "[ ]")}(/>|>[^<]*+</f>))?
        (?:<v>([^<]*+)</v>|<is><t(?:[ ]xml:space="preserve")?>([^<]*+)</t></is>)?
    </c>)""",
    re.VERBOSE,
)
_FIELDS = 1 + _CELL.groups
"""The pattern splits a row into texts between the cells, each followed by the groups of a cell."""


class UnusualError(Exception):
    """The XML is written in another way, so that only an XML parser can read it."""


class RowScanner:
    """Fill a grid with the cells of rows.

    Parameters
    ----------
    grid : Grid
        The grid.
    reader : CellReader
        Converts the content of a cell to its value.
    parse_row : callable
        Parses a row of any form, given its XML and the number of the row before it; returns its
        number.
    """

    def __init__(
        self, grid: Grid, reader: CellReader, parse_row: Callable[[str, int], int]
    ) -> None:
        self._grid = grid
        self._reader = reader
        self._parse_row = parse_row
        self._row = 0
        self._is_hidden: dict[str, bool] = {}
        self._columns: dict[str, list[Any]] = {}
        self._cells: dict[str, dict[str, str]] = {}
        self._values: dict[str, dict[str | None, Any]] = {}

    def scan(self, rows: str) -> None:
        """Fill the grid with the cells of some rows.

        Parameters
        ----------
        rows : str
            Their XML, without comments and entities of its own.

        Raises
        ------
        UnusualError
            If they are not a sequence of rows.
        """
        between, *texts = rows.split("<row")
        if between.strip():
            raise UnusualError
        for text in texts:
            head, _, content = text.partition(">")
            match = _HEAD.fullmatch(head)
            parts = _CELL.split(content)
            rest = "".join(parts[::_FIELDS]).strip()
            if match is None or rest != ("" if match[3] else "</row>"):
                self._parse(f"<row{text}")
                continue

            self._row = int(match[1])
            if self._hides(match[2]):
                self._grid.hidden.add(self._row)
            if len(parts) > 1:
                self._put_cells(parts)

    def _parse(self, xml: str) -> None:
        """Put the cells of a row into the grid with the XML parser."""
        try:
            self._row = self._parse_row(xml, self._row)
        except (expat.ExpatError, ValueError):
            raise UnusualError from None

    def _put_cells(self, parts: list[Any]) -> None:
        """Put the cells of a row into the grid, given its XML as `_CELL` splits it."""
        above = self._row - 1
        known_values = self._values
        known_columns = self._columns
        groups = (parts[number::_FIELDS] for number in range(1, _FIELDS))

        for name, attributes, formula, text, inline_text in zip(*groups, strict=True):
            content = text or inline_text
            if formula is None:
                if not content:
                    continue
                try:
                    value = known_values[attributes][content]
                except KeyError:
                    value = self._new_value(name, attributes, content)
            else:
                value = self._value(name, attributes, content, _formula(formula))
            if value is None:
                continue

            cells = known_columns.get(name)
            if cells is not None and len(cells) == above:
                cells.append(value)
            else:
                self._put(name, value)

    def _put(self, name: str, value: Any) -> None:
        """Put a value into a column that is new or has a gap."""
        column = position(f"{name}1")[1]
        self._grid.put(self._row, column, value)
        self._columns[name] = self._grid.columns[column]

    def _new_value(self, name: str, attributes: str, content: str) -> Any:
        """Return the value of a cell without a formula, and keep it for equal cells."""
        value = self._value(name, attributes, content, None)
        if not isinstance(value, ErrorCell):  # the message of an error names its cell
            values = self._values.setdefault(attributes, {})
            if len(values) >= _MAX_KNOWN_VALUES:
                values.clear()
            values[content] = value
        return value

    def _value(self, name: str, attributes: str, content: str | None, formula: str | None) -> Any:
        """Return the value of a cell; None if it is blank."""
        cell = self._cells.get(attributes)
        if cell is None:
            if len(self._cells) == _MAX_KNOWN_ATTRIBUTES:
                raise UnusualError
            cell = self._cells[attributes] = _attributes_of(f'<c r="A1"{attributes}/>')
        if content and "&" in content:
            content = _text_of(content)

        value = self._reader.value(cell, content, formula, f"{name}{self._row}")
        return None if value == "" else value

    def _hides(self, attributes: str) -> bool:
        """Return whether the attributes of a row hide it."""
        if attributes not in self._is_hidden:
            if len(self._is_hidden) == _MAX_KNOWN_ATTRIBUTES:
                self._is_hidden.clear()
            values = _attributes_of(f'<row r="1"{attributes}/>')
            self._is_hidden[attributes] = values.get("hidden") in ("1", "true")
        return self._is_hidden[attributes]


def _formula(xml: str) -> str:
    """Return the formula of a cell, given the XML after the name and attributes of its element."""
    formula = xml[1 : -len("</f>")] if xml.endswith("</f>") else ""
    return _text_of(formula) if "&" in formula else formula


def _attributes_of(xml: str) -> dict[str, str]:
    """Return the attributes of an element."""
    found: list[dict[str, str]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _, attributes: found.append(attributes)
    _parse(parser, xml)
    return found[0]


def _text_of(xml: str) -> str:
    """Return a text in which characters are escaped."""
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.CharacterDataHandler = found.append
    _parse(parser, f"<t>{xml}</t>")
    return "".join(found)


def _parse(parser: expat.XMLParserType, xml: str) -> None:
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        raise UnusualError from None
