r"""The canonical form of content: equal for what files may spell differently. Pure.

A result that is written to a file and read again does not have the same cells: 7.0 became 7, a list
became text. Its rows are still the same rows, so fingerprints digest this form (see `canonical`).

Equal, as Python values of JSON:

==============================  ==============================  ===============================
value                           equal value                     reason
==============================  ==============================  ===============================
``"a\r\nb"``                  ``"a\nb"``                     line ends are ``\n``
``7``                           ``7.0``                         a number counts by its value
``0``                           ``-0.0``                        zero has no sign
``0.1 + 0.2``                   ``0.3``                         a float counts by 15 digits
``Decimal("19.90")``            ``19.9``                        a Decimal counts by its value
``123456789012345678``          ``"123456789012345678"``        over 15 digits, files keep a text
``Decimal("0." + "3" * 18)``    ``"0." + "3" * 18``             so they do for long fractions
``"2026-12-01T00:00:00"``       ``"2026-12-01"``                midnight is its date
``{"a": 1, "b": None}``         ``{"a": 1}``                    null is nothing
``{"a": 1, "b": ""}``           ``{"a": 1}``                    an empty text is nothing
``{"a": 1, "b": {"c": None}}``  ``{"a": 1}``                    nothing but blanks is nothing
``[1, {"c": None}]``            ``[1]``                         in lists too
``'[1, "x"]'``                  ``[1, "x"]``                    a JSON text is its value
==============================  ==============================  ===============================

Not equal:

==============================  ==============================  ===============================
value                           other value                     reason
==============================  ==============================  ===============================
``10**30 + 1``                  ``10**30 + 2``                  integers are exact
``"00123"``                     ``123``                         what a cell shows is sent
``"7"``                         ``7``                           text is not a number
``True``                        ``1``                           nor is a boolean
``{"tags": []}``                ``{}``                          an empty list is a value
``{"tags": {}}``                ``{}``                          an empty object is a value
``"2026-12-01T00:00:00Z"``      ``"2026-12-01"``                with an offset it is an instant
``[1, 2]``                      ``[2, 1]``                      order matters
``"a "``                        ``"a"``                         spaces matter
==============================  ==============================  ===============================
"""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from flxframe.models import JSON
from flxframe.request.json_text import decode, encode

_SAFE_DIGITS = 15
_MAX_SAFE_INTEGER = 10**_SAFE_DIGITS - 1
_MAX_EXPONENT = 400
"""A number with a longer exponent keeps its exponent, since its digits would fill the memory."""

_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)[T ]00:00(?::00(?:\.0+)?)?")


class _Nothing(enum.Enum):
    NOTHING = "nothing"


_NOTHING: Final = _Nothing.NOTHING


def canonical_text(value: JSON) -> str:
    """Return the canonical form of a value as JSON text; two values are equal if theirs are.

    Examples
    --------
    >>> canonical_text({"n": 7.0, "note": None, "price": Decimal("19.90")})
    '{"n":7,"price":19.9}'
    """
    form = _canonical(value)
    return encode(None if form is _NOTHING else form, sort_keys=True)


def _canonical(value: JSON) -> JSON:
    if value is None:
        return _NOTHING
    convert = _CONVERTERS.get(type(value))
    if convert is None:
        convert = _canonical_object if isinstance(value, Mapping) else _itself
    return convert(value)


def _itself(value: JSON) -> JSON:
    return value


def _canonical_object(value: Mapping[str, JSON]) -> JSON:
    members = {}
    for key, item in value.items():
        form = _canonical(item)
        if form is not _NOTHING:
            members[key] = form

    return members if members or not value else _NOTHING


def _canonical_array(value: list[JSON] | tuple[JSON, ...]) -> JSON:
    items = []
    for item in value:
        form = _canonical(item)
        if form is not _NOTHING:
            items.append(form)

    return items if items or not value else _NOTHING


def _canonical_string(text: str) -> JSON:
    if not text:
        return _NOTHING
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")

    # Most texts are short names, and testing a character is fast.
    if text[0] in "{[" and text[-1] in "}]":
        return _canonical_json_text(text)
    if "T00:00" in text or " 00:00" in text:
        midnight = _MIDNIGHT.fullmatch(text)
        return text if midnight is None else midnight[1]
    return text


def _canonical_json_text(text: str) -> JSON:
    try:
        return _canonical(decode(text))
    except ValueError:
        return text


def _canonical_integer(number: int) -> JSON:
    if -_MAX_SAFE_INTEGER <= number <= _MAX_SAFE_INTEGER:
        return number
    return str(Decimal(number)) if number.bit_length() < _MAX_EXPONENT * 4 else hex(number)


def _canonical_float(number: float) -> JSON:
    if number.is_integer() and abs(number) <= _MAX_SAFE_INTEGER:
        return int(number)
    if not math.isfinite(number):
        return _NOTHING
    return _canonical_decimal(Decimal(f"{number:.{_SAFE_DIGITS}g}"))


def _canonical_decimal(number: Decimal) -> JSON:
    if not number.is_finite():
        return _NOTHING

    sign, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    shorter = text.rstrip("0")
    if not shorter:
        return 0

    exponent = int(exponent) + len(text) - len(shorter)
    minus = "-" if sign else ""
    if abs(exponent) > _MAX_EXPONENT:
        return f"{minus}{shorter}E{exponent}"
    if exponent >= 0:
        return _canonical_integer(int(f"{minus}{shorter}") * 10**exponent)

    # JSON text has no Decimal: a number that a float keeps is read as a float.
    near = float(f"{minus}{shorter}e{exponent}")
    if len(shorter) <= _SAFE_DIGITS:
        return near
    if Decimal(repr(near)) == number:
        return _canonical_float(near)
    whole, fraction = shorter[:exponent], shorter[exponent:].rjust(-exponent, "0")
    return f"{minus}{whole or '0'}.{fraction}"  # as files keep it, like a long integer


_CONVERTERS: dict[type, Callable[[Any], JSON]] = {
    str: _canonical_string,
    bool: _itself,
    int: _canonical_integer,
    float: _canonical_float,
    dict: _canonical_object,
    list: _canonical_array,
    tuple: _canonical_array,
    Decimal: _canonical_decimal,
}
