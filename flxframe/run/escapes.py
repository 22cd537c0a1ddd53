r"""Decode the escapes of a text, of any length, and find where each character was. Pure.

=============  =============================  ======================================
escaped in     such as                        encoded again
=============  =============================  ======================================
URLs           ``%2d``                        ``%252d``
HTML           ``&#45;  &#x2d;  &minus;``     ``&amp;#45;``
JSON           ``\u002d  \/``                 ``\\u002d  \\/``
=============  =============================  ======================================

A server can fill an answer with any of them, so all are decoded at once, by arrays: a Python
function for each of millions of escapes would take a minute.
"""

from __future__ import annotations

import html.entities
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

Codes: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]
Places: TypeAlias = np.ndarray[Any, np.dtype[np.intp]]

MAX_LENGTH = 32
"""The characters of the longest escape that is decoded."""

_MAX_LAYERS = 4
_MAX_ZEROS = 6
_NOT_ASCII = 255

_NOTHING = 0
"""Marks what belongs to the escape that ends after it."""

_LEFT_OUT = b"\0\\"

_PERCENT, _AMPERSAND, _HASH, _ZERO, _SEMICOLON, _BACKSLASH, _X = b"%&#0;\\x"
_LOWER = 32
"""The bit that makes a letter small, and leaves a digit as it is."""

_NOT_A_DIGIT = 16
_DIGITS = bytearray([_NOT_A_DIGIT]) * 256
for _digit in b"0123456789abcdefABCDEF":
    _DIGITS[_digit] = int(chr(_digit), 16)

_NAMES: dict[int, list[tuple[bytes, int]]] = {}
"""The names of characters in HTML, by their first two letters as a number."""

for _text, _meaning in html.entities.html5.items():
    if _text.endswith(";") and len(_meaning) == 1 and _meaning.isascii():
        _name = _text.encode()
        _NAMES.setdefault(_name[0] + 256 * _name[1], []).append((_name, ord(_meaning)))

_IS_REFERENCE = np.zeros(256, bool)
_IS_REFERENCE[[_HASH, *(pair % 256 for pair in _NAMES)]] = True


class Decoded:
    """A text with its escapes decoded.

    Parameters
    ----------
    codes : ndarray
        The codes of the text's characters, that of an escaped character at the end of its escape.
    layers : list of ndarray
        The codes before each layer of its encoding was removed, with `_NOTHING` for what was.
    """

    def __init__(self, codes: Codes, layers: list[Codes]) -> None:
        self.characters = codes.tobytes().translate(None, _LEFT_OUT)
        self._codes = codes
        self._layers = layers

    def ends(self) -> Places:
        """Return the position in the text where each character ends."""
        places = np.flatnonzero((self._codes != _NOTHING) & (self._codes != _BACKSLASH))
        for codes in reversed(self._layers):
            places = np.flatnonzero(codes)[places]
        return places + 1


def decode_escapes(text: str) -> Iterator[Decoded]:
    r"""Yield a text as it is, then decoded, then decoded after each layer of its encoding.

    Backslashes are left out, since any number of them can be in front of a character.

    Parameters
    ----------
    text : str
        The text.

    Examples
    --------
    >>> [decoded.characters for decoded in decode_escapes("a%252d&lt;")]
    [b'a%252d&lt;', b'a%2d<', b'a-<']
    >>> list(decode_escapes(r"\u0061\/%2db"))[1].ends().tolist()
    [6, 8, 11, 12]
    """
    codes = _codes_of(text)
    yield Decoded(codes, [])
    if not any(mark in text for mark in "%&\\"):
        return

    layers: list[Codes] = []
    for _ in range(_MAX_LAYERS):
        yield Decoded(_decode(codes), layers)

        codes, is_changed = _remove_layer(codes)
        if not is_changed:
            return
        layers = [*layers, codes]
        codes = np.frombuffer(codes.tobytes().translate(None, b"\0"), np.uint8)


def _codes_of(text: str) -> Codes:
    """Return the codes of a text's characters, and one code for all others than Latin."""
    try:
        return np.frombuffer(text.encode("latin-1"), np.uint8)
    except UnicodeEncodeError:
        wide = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        codes: Codes = np.minimum(wide, _NOT_ASCII).astype(np.uint8)
        return codes


def _remove_layer(codes: Codes) -> tuple[Codes, bool]:
    """Decode what encoding twice adds; return the codes, and whether there was anything."""
    codes = codes.copy()
    is_changed = False
    for escape, code in ((b"%25", _PERCENT), (b"&amp;", _AMPERSAND)):
        is_start = _starts(codes, escape)
        if is_start is not None:
            is_changed = True
            _replace(codes, is_start, len(escape), code)
    return codes, is_changed


def _starts(codes: Codes, word: bytes) -> np.ndarray[Any, np.dtype[np.bool_]] | None:
    """Return whether a word starts at each code where it would fit; None if it never does."""
    count = len(codes) - len(word) + 1
    if count <= 0:
        return None

    is_start = codes[:count] == word[0]
    for offset, code in enumerate(word[1:], 1):
        if not is_start.any():
            return None
        is_start &= codes[offset : count + offset] == code
    return is_start if is_start.any() else None


def _replace(
    codes: Codes, is_start: np.ndarray[Any, np.dtype[np.bool_]], length: int, code: Codes | int
) -> None:
    """Put a code at the end of each escape, and nothing at the rest of it."""
    count = len(is_start)
    mask = np.uint8(0) - is_start.view(np.uint8)  # 255 where an escape starts
    for offset in range(length):
        codes[offset : count + offset] &= ~mask
    codes[length - 1 : count + length - 1] |= mask & np.asarray(code, np.uint8)


def _decode(codes: Codes) -> Codes:
    """Return the codes with each escape replaced."""
    values = codes.copy()
    digits = np.frombuffer(codes.tobytes().translate(_DIGITS), np.uint8)
    for escape in (b"%", rb"\u00", rb"\U00"):
        is_start = _starts(codes, escape)
        length = len(escape)
        if is_start is not None and len(codes) > length + 1:
            first, second = digits[length:-1], digits[length + 1 :]
            is_start = is_start[: len(first)] & ((first | second) < _NOT_A_DIGIT)
            _replace(values, is_start, length + 2, (first << np.uint8(4)) | second)

    starts = np.flatnonzero(codes[:-1] == _AMPERSAND)
    starts = starts[_IS_REFERENCE[codes[starts + 1]]]
    if len(starts):
        _decode_references(codes, starts, values)
    return values


def _decode_references(codes: Codes, starts: Places, values: Codes) -> None:
    """Replace HTML's references, such as ``&#45;``, in the values."""
    codes = np.concatenate([codes, np.zeros(MAX_LENGTH, np.uint8)])
    pairs = codes[starts + 1] + np.uint16(256) * codes[starts + 2]
    is_present = np.zeros(2**16, bool)
    is_present[pairs] = True

    for pair, names in _NAMES.items():
        if is_present[pair]:
            of_pair = starts[pairs == pair]
            for name, code in names:
                named = of_pair
                for offset, letter in enumerate(name[2:], 3):
                    named = named[codes[named + offset] == letter]
                _put(values, named, named + len(name), code)

    for base in (10, 16):
        _decode_numbers(codes, starts[pairs % 256 == _HASH], values, base)


def _decode_numbers(codes: Codes, starts: Places, values: Codes, base: int) -> None:
    """Replace HTML's references by number, in decimal or hexadecimal digits."""
    is_hexadecimal = codes[starts + 2] | _LOWER == _X
    starts = starts[is_hexadecimal if base == 16 else ~is_hexadecimal]
    digits = np.frombuffer(codes.tobytes().translate(_DIGITS), np.uint8)
    first = _after_zeros(codes, starts + (3 if base == 16 else 2))

    numbers = np.zeros(len(starts), np.uint16)
    for length in (1, 2, 3):
        digit = digits[first + length - 1]
        is_digit = digit < base
        starts, first = starts[is_digit], first[is_digit]
        numbers = numbers[is_digit] * np.uint16(base) + digit[is_digit]

        is_end = (codes[first + length] == _SEMICOLON) & (numbers < 128)
        _put(values, starts[is_end], first[is_end] + length, numbers[is_end].astype(np.uint8))


def _after_zeros(codes: Codes, places: Places) -> Places:
    """Return the places after leading zeros."""
    with_zero = np.flatnonzero(codes[places] == _ZERO)
    for _ in range(_MAX_ZEROS):
        places[with_zero] += 1
        with_zero = with_zero[codes[places[with_zero]] == _ZERO]
    return places


def _put(values: Codes, starts: Places, ends: Places, code: Codes | int) -> None:
    """Put a code at the end of each escape, and nothing at the rest of it."""
    values[ends] = code
    while len(starts):
        values[starts] = _NOTHING
        is_inside = starts + 1 < ends
        starts, ends = starts[is_inside] + 1, ends[is_inside]
