"""Checksums of a journal's records, so that a changed byte is noticed. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from flxframe.journal.schema import FIXED_FIELDS


def checksum(values: Sequence[Any], start: int = 0) -> int:
    """Return the CRC-32 of values, continuing the one of the values before them.

    Examples
    --------
    >>> checksum(("a", 1.5, b"x", None)) == checksum(["a", 1.5, b"x", None])
    True
    """
    # Not repr(): which letters it escapes depends on the version of Python.
    return zlib.crc32(ascii(tuple(values)).encode("ascii"), start)


def sending_checksum(*values: Any) -> int:
    """Return the checksum of a sending, given its fields in the order of `SENDING_FIELDS`."""
    return checksum(values[FIXED_FIELDS:], checksum(values[:FIXED_FIELDS]))
