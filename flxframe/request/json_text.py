"""JSON text of a request, and an answer back, without losing a digit. Pure."""

from __future__ import annotations

import json
import math
import re
import uuid
from decimal import Decimal
from typing import Any, NoReturn

from flxframe.models import JSON
from flxframe.request.cells import is_too_deep

_COMPACT: dict[str, Any] = {"ensure_ascii": False, "allow_nan": False, "separators": (",", ":")}


_ENCODERS = [json.JSONEncoder(**_COMPACT, sort_keys=sort_keys) for sort_keys in (False, True)]


def encode(value: JSON, *, sort_keys: bool = False) -> str:
    """Write a value as compact JSON; a Decimal keeps every digit that it has.

    Examples
    --------
    >>> encode({"price": Decimal("19.90"), "id": 820982911946154508})
    '{"price":19.90,"id":820982911946154508}'
    """
    try:
        return _ENCODERS[sort_keys].encode(value)
    except TypeError:
        return _encode_decimals(value, sort_keys=sort_keys)


def _encode_decimals(value: JSON, *, sort_keys: bool) -> str:
    decimals: list[str] = []
    mark = uuid.uuid4().hex

    def stand_in(number: Any) -> str:
        # The standard library writes no Decimal as a number, so a mark that no text can hold stands in for it.
        if not isinstance(number, Decimal):
            raise TypeError(f"a {type(number).__name__} is no value of JSON")
        decimals.append(str(number))
        return f"{mark}{len(decimals) - 1}"

    text = json.dumps(value, **_COMPACT, sort_keys=sort_keys, default=stand_in)
    return re.sub(f'"{mark}([0-9]+)"', lambda match: decimals[int(match[1])], text)


def decode(text: str | bytes) -> JSON:
    """Read JSON; a number whose digits a float can't hold becomes a Decimal, half a character the mark U+FFFD.

    Raises
    ------
    ValueError
        If it is no JSON; NaN and Infinity are not.

    Examples
    --------
    >>> decode("[1.5, 0.12345678901234567890]")
    [1.5, Decimal('0.12345678901234567890')]
    """
    try:
        if isinstance(text, bytes):
            text = text.decode(json.detect_encoding(text), "surrogatepass")  # as json.loads does
        value = _DECODER.decode(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if is_too_deep(value):
        raise ValueError("it is nested too deeply")
    return _whole_characters(value) if "\\ud" in text.lower() else value


def _whole_characters(value: JSON) -> JSON:
    """Mark what was cut in the middle of a character: no column of texts could hold it, and no file."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole_characters(item) for item in value]
    if isinstance(value, dict):
        return {_whole_characters(key): _whole_characters(item) for key, item in value.items()}
    return value


def _exact(digits: str) -> float | Decimal:
    number = float(digits)
    if len(digits) <= 15 or (math.isfinite(number) and Decimal(repr(number)) == Decimal(digits)):
        return number if math.isfinite(number) else Decimal(digits)
    return Decimal(digits)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


# Made once: to make one for each answer takes as long as to read it.
_DECODER = json.JSONDecoder(parse_float=_exact, parse_constant=_no_constant)
