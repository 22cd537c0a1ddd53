"""Fingerprints: one short text that names a row's sending and digests what it was left with. Pure.

::

    fx + base32 + -n/m for line n of the m lines of an order

    of               flags      1 byte   status, whether the run had ended
                     id        10 bytes  random, the sending's own
                     content    8 bytes  of the canonical content that the row was left with
                     options    6 bytes  one for each argument that decides the content
                     place      3 bytes
                     token      4 bytes
                     occasion   3 bytes
                     check sum  2 bytes  also of n/m
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flxframe.models import STATUSES, Status
from flxframe.request.identity import tag
from flxframe.request.token import Token

ID_SIZE = 10
CONTENT_SIZE = 8
OTHER_LINES = b"\xff" * CONTENT_SIZE
"""The content of an order that has fewer or other lines than when its fingerprint was written."""
TOKEN_TAG_SIZE = 4

OPTIONS = ("event_handle", "draft", "params", "columns", "object_handle", "blanks", "group_by")
"""The arguments that decide a row's content; each has a byte. `workflow_id` goes with the event."""

_PREFIX = "fx"
_PLACE_SIZE = 3
_OCCASION_SIZE = 3
_CHECK_SIZE = 2
_SIZES = (1, ID_SIZE, CONTENT_SIZE, len(OPTIONS), _PLACE_SIZE, TOKEN_TAG_SIZE, _OCCASION_SIZE)
_LINE = re.compile(r"([0-9]{1,6})/([0-9]{1,6})").fullmatch
_ENDED = 0x80
_STATUS_BITS = 0x07
_FIELDS = ("", "id", "content", "options", "place", "token", "occasion")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A row's sending, and digests of what the row was left with.

    Parameters
    ----------
    status : str
        The row's status at the time.
    ended : bool
        Whether the run had ended: each of its rows had its outcome.
    id : bytes
        The 10 random bytes that name the sending.
    content : bytes
        8 bytes of the digest of the canonical content; zeros if the row was not a valid request.
    options : bytes
        One byte for each of `OPTIONS`.
    place, token, occasion : bytes
        Tags of where the row went, with which token, and on which occasion.
    line, lines : int
        The number of the line in its order, from 1, and the number of lines; 0 for a whole row.

    Examples
    --------
    >>> tags = {"place": b"url", "token": b"tokn", "occasion": b"day"}
    >>> mark = Fingerprint("ok", True, b"0123456789", b"contents", b"options", **tags)
    >>> parse(str(mark)) == mark
    True
    """

    status: Status
    ended: bool
    id: bytes
    content: bytes
    options: bytes
    place: bytes
    token: bytes
    occasion: bytes
    line: int = 0
    lines: int = 0

    def __str__(self) -> str:
        flags = STATUSES.index(self.status) | (_ENDED if self.ended else 0)
        parts = [bytes([flags])]
        parts += [getattr(self, name) for name in _FIELDS[1:]]

        payload = b"".join(parts)
        place = f"-{self.line}/{self.lines}" if self.lines else ""
        return _PREFIX + _encoded(payload + _check_sum(payload, place)) + place


def parse(text: str) -> Fingerprint:
    """Read a fingerprint; letter case and surrounding spaces do not matter.

    Raises
    ------
    ValueError
        If it is not a fingerprint, or a character of it was changed.
    """
    code, dash, numbers = text.strip().lower().partition("-")
    line = _LINE(numbers)
    payload = _decoded(code.removeprefix(_PREFIX))
    if not code.startswith(_PREFIX) or len(payload) != sum(_SIZES) + _CHECK_SIZE:
        raise ValueError("it is not a fingerprint of flxframe")

    payload, check = payload[:-_CHECK_SIZE], payload[-_CHECK_SIZE:]
    number = payload[0] & _STATUS_BITS
    is_damaged = _check_sum(payload, dash + numbers) != check or bool(dash) is (line is None)
    # The last character has bits to spare, which the check sum does not see.
    is_damaged |= _encoded(payload + check) != code.removeprefix(_PREFIX)
    if is_damaged or number >= len(STATUSES):
        raise ValueError("it was changed")

    fields: dict[str, Any] = {}
    start = 1
    for name, size in zip(_FIELDS[1:], _SIZES[1:], strict=True):
        fields[name] = payload[start : start + size]
        start += size
    if line is not None:
        fields |= {"line": int(line[1]), "lines": int(line[2])}
    return Fingerprint(status=STATUSES[number], ended=bool(payload[0] & _ENDED), **fields)


def _decoded(code: str) -> bytes:
    padding = "=" * (-len(code) % 8)
    try:
        return base64.b32decode(f"{code}{padding}".upper())
    except (binascii.Error, ValueError):
        return b""


def _encoded(payload: bytes) -> str:
    return base64.b32encode(payload).decode().rstrip("=").lower()


def _check_sum(payload: bytes, place: str) -> bytes:
    return hashlib.sha256(payload + place.encode()).digest()[:_CHECK_SIZE]


def option_tags(options: Mapping[str, object]) -> bytes:
    """Return a byte for each of `OPTIONS`, which differs if the argument's value does.

    Parameters
    ----------
    options : Mapping
        The values by name. Two values with the same repr are the same.
    """
    return b"".join(tag(repr(options[name]), 1) for name in OPTIONS)


def place_tag(place: str) -> bytes:
    """Return the tag of a base URL."""
    return tag(place, _PLACE_SIZE)


def token_tag(token: Token) -> bytes:
    """Return the tag of a token, which does not reveal it."""
    return tag(f"token\0{token.reveal()}", TOKEN_TAG_SIZE)


def occasion_tag(occasion: str | None) -> bytes:
    """Return the tag of an occasion; zeros if there is none."""
    return bytes(_OCCASION_SIZE) if occasion is None else tag(occasion, _OCCASION_SIZE)
