"""The merged ranges of the sheets of an .ods file, which python-calamine does not return."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any
from xml.parsers import expat

from flxframe.files.merges import Range

_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_CHUNK = 2**20
_ERRORS = (zipfile.BadZipFile, KeyError, OSError, EOFError, ValueError, NotImplementedError)


def merged_ranges(path: Path) -> dict[str, list[Range]]:
    """Return the merged ranges of each sheet; none if the file cannot be parsed."""
    finder = _Finder()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = finder.start
    try:
        with zipfile.ZipFile(path) as package, package.open("content.xml") as file:
            while chunk := file.read(_CHUNK):
                parser.Parse(chunk)
    except (*_ERRORS, expat.ExpatError):  # python-calamine itself reports a damaged file
        return {}
    return finder.ranges


class _Finder:
    """Finds merged cells while the elements of a document start."""

    def __init__(self) -> None:
        self.ranges: dict[str, list[Range]] = {}
        self._sheet: list[Range] = []
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
            self._sheet = self.ranges[attributes.get(f"{_TABLE}name", "")] = []
            self._next_row = 1

    def _add_cell(self, attributes: dict[str, Any]) -> None:
        column = self._next_column
        self._next_column += _count(attributes, "number-columns-repeated")
        height = _count(attributes, "number-rows-spanned")
        width = _count(attributes, "number-columns-spanned")
        if height > 1 or width > 1:
            self._sheet.append((self._row, column, self._row + height - 1, column + width - 1))


def _count(attributes: dict[str, Any], name: str) -> int:
    return int(attributes.get(_TABLE + name, 1))
