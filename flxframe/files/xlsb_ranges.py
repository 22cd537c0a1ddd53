"""The merged ranges and the Excel Tables of an .xlsb file, which python-calamine does not return.

Its parts are sequences of binary records: a number, a length, and that many bytes. Only the few
that describe ranges are read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from flxframe.files.grid import Range, SheetRanges, TableRange
from flxframe.files.xlsx.workbook import Workbook, workbook_errors

_SHEET = 156
_MERGED = 176
_TABLE = 343

_NO_TEXT = 0xFFFFFFFF
_SHEET_HEAD = 8
_TABLE_NAME = 64
"""Where the texts of a record start."""


def read_ranges(path: Path) -> dict[str, SheetRanges]:
    """Return the ranges of each sheet.

    Raises
    ------
    FileError
        If the file is damaged.
    """
    with Workbook(path) as workbook, workbook_errors(path):
        return _read_ranges(workbook)


def _read_ranges(workbook: Workbook) -> dict[str, SheetRanges]:
    parts = dict(workbook.related(workbook.main, "/worksheet"))
    sheets = {}
    for record in _records(workbook.read(workbook.main), _SHEET):
        relation, end = _text(record, _SHEET_HEAD)
        name, _ = _text(record, end)
        part = parts.get(relation)
        if part is not None and workbook.has(part):
            sheets[name] = _sheet_ranges(workbook, part)
    return sheets


def _sheet_ranges(workbook: Workbook, part: str) -> SheetRanges:
    ranges = SheetRanges()
    for record in _records(workbook.read(part), _MERGED):
        ranges.merged.append(_corners(record))

    for _, table_part in workbook.related(part, "/table"):
        if not workbook.has(table_part):
            continue
        for record in _records(workbook.read(table_part), _TABLE):
            table = _table(record)
            if table is not None:
                ranges.tables.append(table)
    return ranges


def _records(part: bytes, kind: int) -> Iterator[bytes]:
    """Yield the content of each record of a kind."""
    position = 0
    while position < len(part):
        number = part[position]
        position += 1
        if number & 0x80:
            number = number & 0x7F | part[position] << 7
            position += 1

        size = shift = 0
        while True:
            byte = part[position]
            position += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift == 28:
                break

        end = position + size
        if end > len(part):
            raise EOFError("the part is cut short")
        if number == kind:
            yield part[position:end]
        position = end


def _corners(record: bytes) -> Range:
    """Return the range at the start of a record; its rows and columns are counted from 0."""
    top, bottom, left, right = struct.unpack_from("<4I", record)
    return top + 1, left + 1, bottom + 1, right + 1


def _table(record: bytes) -> TableRange | None:
    """Return an Excel Table that has a header."""
    top, left, bottom, right = _corners(record)
    has_header, has_totals = struct.unpack_from("<2I", record, 24)
    if not has_header:
        return None

    name, end = _text(record, _TABLE_NAME)
    displayed_name, _ = _text(record, end)
    totals_row = bottom if has_totals else None
    last_row = bottom - 1 if has_totals else bottom
    return TableRange(displayed_name or name or "Table", top, last_row, left, right, totals_row)


def _text(record: bytes, position: int) -> tuple[str, int]:
    """Return the text at a position of a record, and the position of its end."""
    (length,) = struct.unpack_from("<I", record, position)
    start = position + 4
    if length == _NO_TEXT:
        return "", start
    end = start + 2 * length
    return record[start:end].decode("utf-16-le"), end
