"""Sendings of a journal as arrays, one per column. Pure: no network, no clock, no disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from flxframe.journal.known import DTYPES, Array
from flxframe.models import STATUSES

COLUMNS = "id, key, left, uid, nth, status, attempts, token_tag, draft, sent_at, run"
"""The columns of a sending that become arrays, as a query names them."""

NO_ANSWER = -1
"""The code of a sending without an answer."""

SIZES = {"keys": 16, "lefts": 16, "uids": 10}
"""The bytes of each digest and each id."""

_NAMES = (
    *("sendings", "keys", "lefts", "uids", "nth", "codes", "tries", "token_tags", "drafts"),
    *("sent_at", "runs"),
)
_CODES: dict[str | None, int] = {status: code for code, status in enumerate(STATUSES)}
_CODE_OF_STATUS = {**_CODES, None: NO_ANSWER}


def to_arrays(records: Sequence[Sequence[Any]]) -> dict[str, Array]:
    """Return records with `COLUMNS` as arrays, named as in `KnownRows`.

    Raises
    ------
    KeyError or ValueError
        If the journal is damaged: a status is not one, or a digest has another length.
    """
    columns: list[Sequence[Any]] = list(zip(*records, strict=True)) or [()] * len(_NAMES)
    codes = [_CODE_OF_STATUS[status] for status in columns[5]]
    values = dict(zip(_NAMES, (*columns[:5], codes, *columns[6:]), strict=True))

    arrays = {}
    for name in _NAMES:
        if name in SIZES and set(map(len, values[name])) - {SIZES[name]}:
            raise ValueError("a digest of another length")
        arrays[name] = np.array(values[name], dtype=DTYPES[name])
    return arrays


def join(chunks: list[dict[str, Array]]) -> dict[str, Array]:
    """Return the arrays of several chunks as one each, which is empty if there are none."""
    joined = {}
    for name in _NAMES:
        empty = np.zeros(0, dtype=DTYPES[name])
        parts = [chunk[name] for chunk in chunks]
        joined[name] = np.concatenate([*parts, empty])
    return joined


def is_among(values: Array, ordered: Array) -> Array:
    """Return whether each value is in a sorted array, which np.isin would sort for each chunk."""
    if not len(ordered):
        return np.zeros(len(values), dtype=bool)
    places = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    return np.equal(ordered[places], values)


def split(digests: bytes, size: int) -> list[bytes]:
    """Return the digests that are one after the other in a text of bytes.

    Examples
    --------
    >>> split(b"aabbcc", 2)
    [b'aa', b'bb', b'cc']
    """
    return [bytes(digests[start : start + size]) for start in range(0, len(digests), size)]
