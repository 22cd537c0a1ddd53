"""Cells of delimited text in which a spreadsheet program left no value that can be sent. Pure.

=================  ========================================================
cell               what it was in the spreadsheet
=================  ========================================================
``#N/A``           an error value, in the language of the program
``########``       a value that was wider than its column
``4.68769E+17``    a long number, of which only the first digits are left
``1899-12-30``     a 0 that is formatted as a date
=================  ========================================================
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from flxframe.files.digits import MAX_INTEGER
from flxframe.models import ErrorCell

_MAX_COLUMN_WIDTH = 255

_ENGLISH = """#N/A #DIV/0! #VALUE! #REF! #NAME? #NUM! #NULL! #GETTING_DATA #SPILL! #CALC! #FIELD!
    #BLOCKED! #UNKNOWN! #CONNECT! #BUSY! #PYTHON! #EXTERNAL! #ERROR! #MACRO?"""
_TRANSLATED = """#NV #WERT! #BEZUG! #ZAHL! #ÜBERLAUF! #VALEUR! #NOM? #NOMBRE! #NUL! #N/D #¡VALOR!
    #¡REF! #¿NOMBRE? #¡NUM! #¡NULO! #¡DIV/0! #VALORE! #RIF! #NOME? #NULLO! #VALOR! #NÚM! #NULO!
    #N/B #WAARDE! #VERW! #NAAM? #GETAL! #LEEG! #DEEL/0!"""
_LIBREOFFICE = {f"Err:{number}" for number in range(501, 541)}
_TOO_NARROW = {"#" * width for width in range(3, _MAX_COLUMN_WIDTH + 1)}
_DAYS_ZERO = """1899-12-30 12/30/1899 30/12/1899 30.12.1899 30-12-1899
    1900-01-00 1/0/1900 01/00/1900 0/1/1900 00/01/1900 00.01.1900"""
_NO_TIME = ("", " 0:00", " 00:00", " 00:00:00")
_NO_DAYS = {day + time for day in _DAYS_ZERO.split() for time in _NO_TIME}
"""A 0 that is formatted as a date, as LibreOffice and Excel show it."""

ERROR_VALUES = frozenset(
    {*_ENGLISH.split(), *_TRANSLATED.split(), *_LIBREOFFICE, *_TOO_NARROW, *_NO_DAYS}
)
"""What a spreadsheet program writes for a cell that has no value or does not show it."""

_SHORTENED = re.compile(r"-?[0-9](?:\.[0-9]+)?E\+(?:1[1-9]|[2-9][0-9]|[1-9][0-9]{2})")
"""How spreadsheet programs show a number that is too long for its cell, from 12 digits on."""

_MAX_ID = 2**64
"""Ids have at most 64 bits; a larger number is a measurement."""


def error_cells(cells: AbstractSet[str]) -> dict[str, ErrorCell]:
    """Return the error cell of each cell that is an error value.

    Examples
    --------
    >>> error_cells({"7", "#N/A"})["#N/A"].reason
    'the cell shows the error #N/A: fix it in the spreadsheet, or clear it'
    """
    errors = {}
    for text in cells & ERROR_VALUES:
        reason = f"the cell shows the error {text}: fix it in the spreadsheet, or clear it"
        if text in _TOO_NARROW:
            reason = (
                f"the cell contains {text} because its column was too narrow to show the value: "
                "widen the column in the spreadsheet, and save the file again"
            )
        elif text in _NO_DAYS:
            reason = (
                f"the cell contains {text}, which is a 0 that is formatted as a date: enter the "
                "date in the spreadsheet, or clear the cell"
            )
        errors[text] = ErrorCell(text, reason)
    return errors


def is_shortened(text: str) -> bool:
    """Return whether a text is a number as a spreadsheet program shortens it.

    Examples
    --------
    >>> is_shortened("4.68769E+17"), is_shortened("1e3"), is_shortened("1.50E+05")
    (True, False, False)
    """
    return _SHORTENED.fullmatch(text) is not None


def has_lost_digits(text: str, number: float) -> bool:
    """Return whether a number is an id that a program has written with an exponent.

    Examples
    --------
    >>> has_lost_digits("4.68769e+17", 4.68769e17), has_lost_digits("1e3", 1000.0)
    (True, False)
    """
    has_exponent = "e" in text or "E" in text
    return has_exponent and MAX_INTEGER < abs(number) < _MAX_ID


def lost_digits(text: str) -> ErrorCell:
    """Return the error cell for a long number that was shortened."""
    return ErrorCell(
        text,
        f"the number {text} was shortened by the program that wrote the file, so its last digits "
        "are lost: format its column as text there, and export the file again",
    )
