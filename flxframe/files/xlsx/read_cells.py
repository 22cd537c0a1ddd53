"""The displayed value of a cell, given its content."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

from flxframe.files.digits import MAX_INTEGER, exact_number, lost_digits, round_digits
from flxframe.files.xlsx import number_formats
from flxframe.files.xlsx.iso_values import parse_iso
from flxframe.files.xlsx.strings import unescape
from flxframe.files.xlsx.workbook import Workbook
from flxframe.models import ErrorCell

_NUMBER = re.compile(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*")
_MAX_NUMBER_LENGTH = 400
_GENERAL = number_formats.parse("General")


class CellReader:
    """Convert the cells of one sheet to values.

    Parameters
    ----------
    workbook : Workbook
        The open workbook.
    sheet : str
        The name of the sheet, for messages.
    """

    def __init__(self, workbook: Workbook, sheet: str) -> None:
        self._sheet = sheet
        self._strings = workbook.strings
        self._formats: dict[str | None, number_formats.Format] = {
            str(number): number_format for number, number_format in enumerate(workbook.formats)
        }
        self._date1904 = workbook.date1904

    def value(
        self, cell: dict[str, str], text: str | None, formula: str | None, reference: str
    ) -> Any:
        """Return the displayed value of a cell.

        Parameters
        ----------
        cell : dict
            The attributes of its element.
        text, formula : str or None
            Its saved value and its formula.
        reference : str
            Its position, for messages.
        """
        kind = cell.get("t", "n")
        if not text:
            is_blank = formula is None or kind == "str"
            return None if is_blank else self._unsaved(formula, reference)
        if kind == "s":
            return self._text(self._shared(text), cell.get("s"))
        if kind == "n":
            return self._number(text, cell.get("s"), reference, is_formula=formula is not None)
        if kind in ("inlineStr", "str"):
            return self._text(unescape(text), cell.get("s"))
        return self._other(kind, text, cell.get("s"), reference)

    def _shared(self, text: str) -> str:
        if not text.isdecimal():  # int() would take a minus, which counts from the end
            text = text.strip()
            if not text.isdecimal():
                raise ValueError(f"{text!r} is not the number of a text")
        return self._strings[int(text)]

    def _number(self, text: str, style: str | None, reference: str, *, is_formula: bool) -> Any:
        number_format = self._formats.get(style, _GENERAL)
        number: int | float
        if len(text) < 16 and text.isdecimal() and text.isascii():
            number = int(text)
        else:
            parsed = _parse(text)
            if parsed is None:
                problem = f"contains {text[:50]!r} as a number, which it is not: retype it"
                return self._error(text, reference, problem)

            number = parsed
            if is_formula and type(number) is float:
                number = round_digits(number)
            if type(number) is float and number.is_integer():
                number = int(number)

        kind = number_format.kind
        if kind == "float":
            return float(number)
        if type(number) is int and abs(number) > MAX_INTEGER:
            return lost_digits(text, f"{self._sheet}!{reference}")
        if kind == "number":
            return number
        return self._formatted(number, text, number_format, reference)

    def _formatted(
        self,
        number: int | float,
        text: str,
        number_format: number_formats.Format,
        reference: str,
    ) -> Any:
        try:
            return number_formats.display_value(number, number_format, date1904=self._date1904)
        except ValueError as error:
            problem = f"contains {text}, formatted as a date, but {error}"
            return self._error(text, reference, problem)

    def _text(self, text: str, style: str | None) -> Any:
        if style is None:
            return text

        number_format = self._formats.get(style, _GENERAL)
        # write_results writes a long number as text, because a workbook would round it.
        if number_format.kind == "number text" and number_formats.NUMBER.fullmatch(text):
            return exact_number(text)
        if number_format.texts is not None:
            return number_format.texts.show_text(text)
        return text

    def _other(self, kind: str, text: str, style: str | None, reference: str) -> Any:
        if kind == "b":
            return text in ("1", "true")
        if kind == "e":
            problem = f"shows the error {text}: fix it or clear the cell"
            return self._error(text, reference, problem)
        if kind == "d":
            return self._iso(text, style)
        return unescape(text)

    def _iso(self, text: str, style: str | None) -> Any:
        """Return the value of an ISO date, time or duration as its number format shows it."""
        value = parse_iso(text)
        if value is None:
            return text
        if isinstance(value, dt.timedelta):
            return number_formats.elapsed(value)

        kind = self._formats.get(style, _GENERAL).kind
        if isinstance(value, dt.datetime) and kind == "date":
            return value.date()
        if isinstance(value, dt.datetime) and kind == "time":
            return value.timetz()
        return value

    def _unsaved(self, formula: str | None, reference: str) -> ErrorCell:
        return self._error(
            f"={formula}",
            reference,
            "contains a formula without a saved value: open the workbook in Excel or LibreOffice, "
            "save it there, and use the saved file",
        )

    def _error(self, text: str, reference: str, problem: str) -> ErrorCell:
        return ErrorCell(text, f"{self._sheet}!{reference} {problem}")


def _parse(text: str) -> int | float | None:
    """Return the number of a text, or None if it is not one."""
    if len(text) > _MAX_NUMBER_LENGTH or not _NUMBER.fullmatch(text):
        return None
    try:
        return int(text)
    except ValueError:
        number = float(text)
        return number if math.isfinite(number) else None
