"""The digits of numbers: all of them, or the 15 that spreadsheet programs keep. Pure."""

from __future__ import annotations

from decimal import Decimal

from flxframe.models import ErrorCell
from flxframe.request.json_text import parse_fraction, parse_integer

MAX_DIGITS = 15
MAX_INTEGER = 10**MAX_DIGITS - 1
"""A longer integer has lost its last digits in a workbook, or will lose them."""


def exact_number(text: str) -> int | float | Decimal | ErrorCell:
    """Return the number of a JSON text without losing a digit.

    Parameters
    ----------
    text : str
        A number as JSON writes it.

    Returns
    -------
    int, float, Decimal or ErrorCell
        A Decimal where a float would round the number; an error cell if it is too long to be sent.

    Examples
    --------
    >>> [exact_number(text) for text in ("820982911946154508", "1.10", "0.12345678901234567890")]
    [820982911946154508, 1.1, Decimal('0.12345678901234567890')]
    """
    is_integer = text.isdecimal() or text.lstrip("-").isdecimal()
    number = parse_integer(text) if is_integer else parse_fraction(text)
    return _too_long(number) if isinstance(number, str) else number


def _too_long(text: str) -> ErrorCell:
    return ErrorCell(
        text,
        f"the number {text[:20]}... has too many digits or too large an exponent to be sent; "
        "fix the cell",
    )


def round_digits(number: float) -> float:
    """Return a float as a workbook shows it.

    Examples
    --------
    >>> round_digits(0.1 + 0.2)
    0.3
    """
    return float(f"{number:.15g}")


def lost_digits(text: str, place: str) -> ErrorCell:
    """Return the error cell for an integer that is too long for a workbook.

    Parameters
    ----------
    text : str
        The integer, with the digits that the workbook kept.
    place : str
        The sheet and the cell, such as ``Orders!C7``.
    """
    return ErrorCell(
        text,
        f"{place} contains a number of more than {MAX_DIGITS} digits, but a workbook stores only "
        f"the first {MAX_DIGITS}: format the cell as text and retype the number",
    )
