"""The sizes of values that are safe to calculate with and to traverse. Pure."""

from __future__ import annotations

from decimal import Decimal

from flxframe.models import JSON

MAX_DIGITS = 4_300
"""The digits of the largest number. Python does not convert longer integers to text, and one with a
huge exponent, such as 1e999999, would take minutes wherever it becomes an integer."""

_MAX_DEPTH = 100
"""Deeper values are not safe to traverse, and no order is nested that deeply."""


def is_short(number: Decimal) -> bool:
    """Return whether a number has at most `MAX_DIGITS` digits, also if written without an exponent.

    Examples
    --------
    >>> is_short(Decimal("1e999")), is_short(Decimal("1e999999"))
    (True, False)
    """
    _, digits, _ = number.as_tuple()
    return len(digits) <= MAX_DIGITS and abs(number.adjusted()) < MAX_DIGITS


def is_too_deep(value: JSON, limit: int = _MAX_DEPTH) -> bool:
    """Return whether a value is nested too deeply to be traversed safely.

    Examples
    --------
    >>> is_too_deep([[[7]]], limit=2), is_too_deep([[7]], limit=2)
    (True, False)
    """
    if not isinstance(value, (dict, list)):
        return False
    if limit == 0:
        return True

    items = value.values() if isinstance(value, dict) else value
    nested = [item for item in items if isinstance(item, (dict, list))]
    return any(is_too_deep(item, limit - 1) for item in nested)
