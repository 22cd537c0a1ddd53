"""The cells of a worksheet's XML, each as a person sees it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from flxframe.files.digits import MAX_INTEGER, lost_digits, round_digits
from flxframe.files.grid import Grid
from flxframe.files.references import position, span
from flxframe.files.xlsx import number_formats
from flxframe.files.xlsx.workbook import Sheet, Workbook, rich_text, unescape
from flxframe.models import ErrorCell

CUT = " [cut by flxframe: a cell of a workbook holds no more]"
"""Ends a text that was too long for a cell, so that what is left of it is never sent for the whole."""


_DIGITS = "0123456789"


_INTEGER = re.compile(r"-?[1-9][0-9]*")


_NUMBER = number_formats.parse("General")


def read_grid(workbook: Workbook, sheet: Sheet) -> Grid:
    """Read a worksheet's cells.

    Parameters
    ----------
    workbook : Workbook
        The opened workbook.
    sheet : Sheet
        Which of its sheets.
    """
    grid = Grid(sheet.name)
    reader = _Reader(workbook, sheet.name)
    row_number = 0
    with workbook.open(sheet.part) as file:
        for _, element in ET.iterparse(file):  # noqa: S314  expat refuses entity bombs
            tag = element.tag
            if tag.endswith("}row"):
                row_number = int(element.get("r") or row_number + 1)
                if element.get("hidden") in ("1", "true"):
                    grid.hidden.add(row_number)
                for column, value in reader.cells(element, row_number):
                    if value is not None and value != "":
                        grid.put(row_number, column, value)
                element.clear()
            elif tag.endswith("}mergeCell"):
                grid.merged.append(span(element.get("ref", "A1")))
    return grid


class _Reader:
    """Turns the cells of one sheet into values."""

    def __init__(self, workbook: Workbook, sheet: str) -> None:
        self._sheet = sheet
        self._strings = workbook.strings
        self._formats = workbook.formats
        self._date1904 = workbook.date1904
        self._columns: dict[str, int] = {}

    def cells(self, row: ET.Element, row_number: int) -> Iterator[tuple[int, Any]]:
        """Yield the column and the value of each cell of a row."""
        column = 0
        for cell in row:
            reference = cell.get("r")
            if reference is None:  # some writers leave out what follows from the order
                column += 1
            else:
                name = reference.rstrip(_DIGITS)
                column = self._columns.get(name) or self._columns.setdefault(
                    name, position(f"{name}1")[1]
                )
            yield (
                column,
                self._value(
                    cell, f"{self._sheet}!{reference or f'{column}. cell of row {row_number}'}"
                ),
            )

    def _value(self, cell: ET.Element, place: str) -> Any:
        kind = cell.get("t", "n")
        text = formula = None
        for child in cell:
            tag = child.tag
            if tag.endswith("}v"):
                text = child.text
            elif tag.endswith("}f"):
                formula = child.text or ""
            elif tag.endswith("}is"):
                text = rich_text(child)
        if text is None:
            return _unsaved(formula, place) if formula is not None and kind != "str" else None
        if kind == "s":
            return self._text(self._strings[int(text)], cell.get("s"), place)
        if kind == "n":
            return self._number(text, cell.get("s"), place, is_formula=formula is not None)
        if kind == "inlineStr":
            return self._text(text, cell.get("s"), place)
        if kind == "b":
            return text in ("1", "true")
        if kind == "e":
            return ErrorCell(text, f"{place} shows the error {text}: mend it or clear the cell")
        if kind == "d":
            return _iso(text)
        return unescape(text)

    def _number(self, text: str, style: str | None, place: str, *, is_formula: bool) -> Any:
        look = self._formats[int(style)] if style else _NUMBER
        number: int | float
        try:
            number = int(text)
        except ValueError:
            number = float(text)
            if is_formula:
                number = round_digits(number)
            if number.is_integer():
                number = int(number)
        if look.kind == "float":
            return float(number)
        if type(number) is int and abs(number) > MAX_INTEGER:
            return lost_digits(text, place)
        if look.kind == "number":
            return number
        try:
            return number_formats.shown(number, look, date1904=self._date1904)
        except ValueError as error:
            return ErrorCell(
                text, f"{place} holds {text}, formatted as a date, but it is {error}: type it anew"
            )

    def _text(self, text: str, style: str | None, place: str) -> Any:
        if text.endswith(CUT):
            return ErrorCell(
                text,
                f"{place} holds only the beginning of a text that was too long for a workbook: type it anew",
            )
        if style and self._formats[int(style)].kind == "integer" and _INTEGER.fullmatch(text):
            return int(text)  # write_results wrote it as text, lest the workbook round it
        return text


def _unsaved(formula: str, place: str) -> ErrorCell:
    return ErrorCell(
        f"={formula}",
        f"{place} holds a formula without a saved value: open the workbook in Excel or LibreOffice, save it there, use "
        "that file",
    )


def _iso(text: str) -> Any:
    try:
        return dt.datetime.fromisoformat(text) if "T" in text else dt.date.fromisoformat(text)
    except ValueError:
        return text
