"""Convert values to JSON text and back without losing digits. Pure: no network, clock or disk."""

from __future__ import annotations

import json
import math
import re
import sys
import uuid
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from flxframe.models import JSON
from flxframe.request.sizes import MAX_DIGITS, is_short, is_too_deep

_SAFE_DIGITS = 15
"""A float keeps every number of this many digits."""

_COMPACT: dict[str, Any] = {"ensure_ascii": False, "allow_nan": False, "separators": (",", ":")}
_ENCODER = json.JSONEncoder(**_COMPACT)
_SORTING_ENCODER = json.JSONEncoder(**_COMPACT, sort_keys=True)


def encode(value: JSON, *, sort_keys: bool = False) -> str:
    """Write a value as compact JSON; a Decimal keeps all its digits.

    Examples
    --------
    >>> encode({"price": Decimal("19.90"), "id": 820982911946154508})
    '{"price":19.90,"id":820982911946154508}'
    """
    encoder = _SORTING_ENCODER if sort_keys else _ENCODER
    try:
        return encoder.encode(value)
    except TypeError:
        return _encode_decimals(value, sort_keys=sort_keys)


def encode_cell(value: JSON) -> str:
    """Write a value as JSON with spaces, as people read it in a cell of a file.

    Infinity is written as Python does, so that it comes back and is refused again.

    Examples
    --------
    >>> encode_cell([Decimal("19.90"), "é"]), encode_cell([7, "é"])
    ('[19.90,"é"]', '[7, "é"]')
    """
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError:  # the standard library can't write a Decimal as a number
        return encode(value)


def _encode_decimals(value: JSON, *, sort_keys: bool) -> str:
    decimals: list[str] = []
    mark = uuid.uuid4().hex

    def replace(number: Any) -> str:
        # The standard library can't write a Decimal as a number, so a random text replaces it.
        if not isinstance(number, Decimal):
            raise TypeError(f"a {type(number).__name__} is not a JSON value")
        decimals.append(str(number))
        return f"{mark}{len(decimals) - 1}"

    def restore(match: re.Match[str]) -> str:
        return decimals[int(match[1])]

    text = json.dumps(value, **_COMPACT, sort_keys=sort_keys, default=replace)
    return re.sub(f'"{mark}([0-9]+)"', restore, text)


def decode(text: str | bytes) -> JSON:
    """Read JSON without losing a digit: a number that a float would round becomes a Decimal.

    A number of more than 4,300 digits, such as 1e999999, becomes the text that it was written as:
    calculating with it would take minutes. An unpaired surrogate becomes U+FFFD.

    Raises
    ------
    ValueError
        If the text is not valid JSON, which NaN and Infinity are not, or is nested too deeply.

    Examples
    --------
    >>> decode("[1.5, 0.12345678901234567890]")
    [1.5, Decimal('0.12345678901234567890')]
    """
    try:
        if isinstance(text, bytes):
            encoding = json.detect_encoding(text)  # as json.loads does
            text = text.decode(encoding, "surrogatepass")
        value = _decode(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None

    if is_too_deep(value):
        raise ValueError("it is nested too deeply")
    if "\\ud" in text.lower():
        return _replace_surrogates(value)
    return value


def _decode(text: str) -> JSON:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # an integer is too long; calling a function for each takes half the time
        return _LONG_INTEGER_DECODER.decode(text)


def _replace_surrogates(value: JSON) -> JSON:
    """Replace unpaired surrogates, which columns of texts and files cannot contain."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_replace_surrogates(item) for item in value]
    if isinstance(value, dict):
        members = {}
        for key, item in value.items():
            members[_replace_surrogates(key)] = _replace_surrogates(item)
        return members
    return value


def parse_fraction(digits: str) -> float | Decimal | str:
    """Return a float if it keeps all digits, otherwise a Decimal, or the text if it is too long.

    Examples
    --------
    >>> parse_fraction("2.50"), parse_fraction("1e-400"), parse_fraction("1e999999")
    (2.5, Decimal('1E-400'), '1e999999')
    """
    number = float(digits)
    size = abs(number)
    if len(digits) <= _SAFE_DIGITS and sys.float_info.min <= size <= sys.float_info.max:
        return number
    if len(digits) > MAX_DIGITS:
        return digits

    try:
        exact = Decimal(digits)
    except InvalidOperation:  # the exponent has 19 digits or more
        return digits
    if math.isfinite(number) and Decimal(repr(number)) == exact:
        return number
    return exact if is_short(exact) else digits


def parse_integer(digits: str) -> int | str:
    """Return an integer, or its text if it is too long for Python to convert."""
    try:
        return int(digits)
    except ValueError:
        return digits


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not valid JSON")


# Created once, because creating a decoder takes as long as decoding an answer.
_OPTIONS: dict[str, Any] = {"parse_float": parse_fraction, "parse_constant": _refuse_constant}
_DECODER = json.JSONDecoder(**_OPTIONS)
_LONG_INTEGER_DECODER = json.JSONDecoder(**_OPTIONS, parse_int=parse_integer)
