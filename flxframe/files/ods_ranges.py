"""The merged ranges and the tables of an .ods file, which python-calamine does not return."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.parsers import expat

from flxframe.files.detect import damaged
from flxframe.files.grid import SheetRanges, TableRange
from flxframe.files.references import area

_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_AUTOFILTER = "__Anonymous_"
"""How the name of a range starts that only has a filter."""

_CHUNK = 2**20
_ERRORS = (zipfile.BadZipFile, KeyError, OSError, EOFError, ValueError, NotImplementedError)


def read_ranges(path: Path) -> dict[str, SheetRanges]:
    """Return the ranges of each sheet that has any.

    The tables are its database ranges. Which row is a totals row is not recorded.

    Raises
    ------
    FileError
        If the file is damaged.
    """
    finder = _Finder()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = finder.start
    try:
        with zipfile.ZipFile(path) as package, package.open("content.xml") as file:
            while chunk := file.read(_CHUNK):
                parser.Parse(chunk)
            parser.Parse(b"", True)
    except (*_ERRORS, expat.ExpatError):
        raise damaged(path) from None
    return dict(finder.ranges)


class _Finder:
    """Finds merged cells and database ranges while the elements of a document start."""

    def __init__(self) -> None:
        self.ranges: defaultdict[str, SheetRanges] = defaultdict(SheetRanges)
        self._sheet = ""
        self._row = self._next_row = self._next_column = 1

    def start(self, name: str, attributes: dict[str, Any]) -> None:
        """Take the start of an element."""
        if name in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            self._add_cell(attributes)
        elif name == f"{_TABLE}table-row":
            self._row = self._next_row
            self._next_row += _count(attributes, "number-rows-repeated")
            self._next_column = 1
        elif name == f"{_TABLE}table":
            self._sheet = attributes.get(f"{_TABLE}name", "")
            self._next_row = 1
        elif name == f"{_TABLE}database-range":
            self._add_table(attributes)

    def _add_cell(self, attributes: dict[str, Any]) -> None:
        column = self._next_column
        self._next_column += _count(attributes, "number-columns-repeated")
        height = _count(attributes, "number-rows-spanned")
        width = _count(attributes, "number-columns-spanned")
        if height > 1 or width > 1:
            corners = (self._row, column, self._row + height - 1, column + width - 1)
            self.ranges[self._sheet].merged.append(corners)

    def _add_table(self, attributes: dict[str, Any]) -> None:
        """Add a database range with a header, unless it is only a filter."""
        name = attributes.get(f"{_TABLE}name", "")
        is_headed = attributes.get(f"{_TABLE}contains-header") != "false"
        is_upright = attributes.get(f"{_TABLE}orientation") != "column"
        if not is_headed or not is_upright or name.startswith(_AUTOFILTER):
            return

        address = attributes.get(f"{_TABLE}target-range-address", "")
        first, _, last = address.rpartition(":")
        sheet, _, first_cell = first.rpartition(".")
        with suppress(ValueError):  # a range that was deleted
            top, left, bottom, right = area(f"{first_cell}:{last.rpartition('.')[2]}")
            table = TableRange(name, top, bottom, left, right, kind="database range")
            self.ranges[_unquoted(sheet)].tables.append(table)


def _unquoted(sheet: str) -> str:
    """Return the name of a sheet in an address.

    Examples
    --------
    >>> _unquoted("$'Bob''s orders'"), _unquoted("Orders")
    ("Bob's orders", 'Orders')
    """
    name = sheet.removeprefix("$")
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def _count(attributes: dict[str, Any], name: str) -> int:
    return int(attributes.get(_TABLE + name, 1))
