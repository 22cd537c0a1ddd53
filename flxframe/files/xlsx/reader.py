"""The cells of a worksheet, each with its displayed value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from flxframe.files.digits import MAX_INTEGER, lost_digits, round_digits
from flxframe.files.grid import Grid
from flxframe.files.references import letters, position, span
from flxframe.files.xlsx import number_formats
from flxframe.files.xlsx.workbook import Sheet, Workbook, rich_text, unescape
from flxframe.models import ErrorCell

_CUT_MARK = " [cut by flxframe: a cell of a workbook holds no more]"
"""The end of a text that was cut to fit into a cell; such an incomplete text is never sent."""

_DIGITS = "0123456789"
_GENERAL = number_formats.parse("General")


def read_grid(workbook: Workbook, sheet: Sheet) -> Grid:
    """Read the cells of a worksheet.

    Parameters
    ----------
    workbook : Workbook
        The open workbook.
    sheet : Sheet
        One of its sheets.
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
    """Convert the cells of one sheet to values."""

    def __init__(self, workbook: Workbook, sheet: str) -> None:
        self._sheet = sheet
        self._strings = workbook.strings
        self._formats = workbook.formats
        self._date1904 = workbook.date1904
        self._columns: dict[str, int] = {}

    def cells(self, row: ET.Element, row_number: int) -> Iterator[tuple[int, Any]]:
        """Yield the column and the value of each cell of a row."""
        columns = self._columns
        column = 0
        for cell in row:
            reference = cell.get("r")
            if reference is None:  # some writers omit references that follow from the order
                column += 1
                reference = f"{letters(column)}{row_number}"
            else:
                name = reference.rstrip(_DIGITS)
                if name not in columns:
                    columns[name] = position(f"{name}1")[1]
                column = columns[name]

            yield column, self._value(cell, reference)

    def _value(self, cell: ET.Element, reference: str) -> Any:
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
            is_blank = formula is None or kind == "str"
            return None if is_blank else self._unsaved(formula, reference)
        if kind == "s":
            return self._text(self._strings[int(text)], cell.get("s"), reference)
        if kind == "n":
            return self._number(text, cell.get("s"), reference, is_formula=formula is not None)
        if kind == "inlineStr":
            return self._text(text, cell.get("s"), reference)
        return self._other(kind, text, reference)

    def _number(self, text: str, style: str | None, reference: str, *, is_formula: bool) -> Any:
        number_format = self._formats[int(style)] if style else _GENERAL
        number: int | float
        try:
            number = int(text)
        except ValueError:
            number = float(text)
            if is_formula:
                number = round_digits(number)
            if number.is_integer():
                number = int(number)

        if number_format.kind == "float":
            return float(number)
        if type(number) is int and abs(number) > MAX_INTEGER:
            return lost_digits(text, f"{self._sheet}!{reference}")
        if number_format.kind == "number":
            return number

        try:
            return number_formats.display_value(number, number_format, date1904=self._date1904)
        except ValueError as error:
            problem = f"contains {text}, formatted as a date, but {error}: retype it"
            return self._error(text, reference, problem)

    def _text(self, text: str, style: str | None, reference: str) -> Any:
        if text.endswith(_CUT_MARK):
            return self._error(
                text,
                reference,
                "contains only the start of a text that was too long for a workbook: retype it",
            )

        # write_results writes a long integer as text, because a workbook would round it.
        if (
            style
            and self._formats[int(style)].kind == "integer"
            and number_formats.INTEGER.fullmatch(text)
        ):
            return int(text)
        return text

    def _other(self, kind: str, text: str, reference: str) -> Any:
        if kind == "b":
            return text in ("1", "true")
        if kind == "e":
            problem = f"shows the error {text}: fix it or clear the cell"
            return self._error(text, reference, problem)
        if kind == "d":
            return _iso(text)
        return unescape(text)

    def _unsaved(self, formula: str | None, reference: str) -> ErrorCell:
        return self._error(
            f"={formula}",
            reference,
            "contains a formula without a saved value: open the workbook in Excel or LibreOffice, "
            "save it there, and use the saved file",
        )

    def _error(self, text: str, reference: str, problem: str) -> ErrorCell:
        return ErrorCell(text, f"{self._sheet}!{reference} {problem}")


def _iso(text: str) -> Any:
    kind = dt.datetime if "T" in text else dt.date
    try:
        return kind.fromisoformat(text)
    except ValueError:
        return text
