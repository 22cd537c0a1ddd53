"""The 15 digits that spreadsheet programs keep of a number. Pure."""

from __future__ import annotations

from flxframe.models import ErrorCell

MAX_DIGITS = 15
MAX_INTEGER = 10**MAX_DIGITS - 1
"""A longer integer has lost its last digits in a workbook, or will lose them."""


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
