"""Convert values to JSON text and back without losing digits. Pure: no network, clock or disk."""

from __future__ import annotations

import json
import math
import re
import uuid
from decimal import Decimal
from typing import Any, NoReturn

from flxframe.models import JSON
from flxframe.request.cells import is_too_deep

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

    An unpaired surrogate becomes U+FFFD.

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
        value = _DECODER.decode(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None

    if is_too_deep(value):
        raise ValueError("it is nested too deeply")
    if "\\ud" in text.lower():
        return _replace_surrogates(value)
    return value


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


def _parse_exactly(digits: str) -> float | Decimal:
    """Return a float if it keeps all digits, otherwise a Decimal."""
    number = float(digits)
    if not math.isfinite(number):
        return Decimal(digits)

    if len(digits) <= _SAFE_DIGITS or Decimal(repr(number)) == Decimal(digits):
        return number
    return Decimal(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not valid JSON")


# Created once, because creating a decoder takes as long as decoding an answer.
_DECODER = json.JSONDecoder(parse_float=_parse_exactly, parse_constant=_refuse_constant)
