"""The Excel Tables (ListObjects) of a worksheet."""

from __future__ import annotations

from contextlib import suppress
from xml.etree import ElementTree as ET

from flxframe.files.grid import TableRange
from flxframe.files.references import area
from flxframe.files.xlsx.workbook import Sheet, Workbook


def read_tables(workbook: Workbook, sheet: Sheet) -> list[TableRange]:
    """Return the Excel Tables of a worksheet that have a header.

    Parameters
    ----------
    workbook : Workbook
        The open workbook.
    sheet : Sheet
        One of its sheets.
    """
    tables = []
    for _, part in workbook.related(sheet.part, "/table"):
        if not workbook.has(part):
            continue
        element = workbook.parse(part)
        with suppress(ValueError):  # without a valid range, it is not a table
            table = _table(element)
            if table is not None:
                tables.append(table)
    return tables


def _table(element: ET.Element) -> TableRange | None:
    if element.get("headerRowCount", "1") == "0":
        return None
    top, left, bottom, right = area(element.get("ref", ""))
    totals = int(element.get("totalsRowCount", "0"))
    name = element.get("displayName") or element.get("name") or "Table"
    totals_row = bottom if totals else None
    return TableRange(name, top, bottom - totals, left, right, totals_row)
