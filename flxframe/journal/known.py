"""The rows that a journal knows, and the rows that a run is about to send. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np

from flxframe.models import STATUSES, RunWorkflowRequest

Array: TypeAlias = np.ndarray[Any, Any]

IN_FLIGHT = 100
"""The code of a row without an answer whose run is live elsewhere."""

SILENT = 101
"""The code of a row without an answer whose run is on another host, and silent for long."""

DTYPES = {
    "keys": "S16",
    "lefts": "S16",
    "nth": "int64",
    "codes": "int8",
    "sendings": "int64",
    "uids": "S10",
    "tries": "int32",
    "run_ended": "bool",
    "token_tags": "int64",
    "drafts": "bool",
    "sent_at": "float64",
    "runs": "int64",
}
"""The dtypes of the columns of `KnownRows`."""

_OK = STATUSES.index("ok")


@dataclass(frozen=True, slots=True)
class Intent:
    """A row that a run is about to send.

    Parameters
    ----------
    position : int
        The row's position in the table.
    request : RunWorkflowRequest
        Its request.
    uid : bytes
        The random id of the sending, 10 bytes.
    key : bytes
        The row's identity, 16 bytes.
    nth : int
        Its number among the rows with this key.
    left : bytes
        The digest of what the row is left with, 16 bytes; before an answer, of what is sent.
    token_tag : int
        A tag of the token, of 32 bits.
    label : str, optional
        The values that identify the row for the user, as JSON.
    """

    position: int
    request: RunWorkflowRequest
    uid: bytes
    key: bytes
    nth: int
    left: bytes
    token_tag: int
    label: str | None = None


@dataclass(frozen=True, slots=True)
class KnownRows:
    """Rows of a journal, one entry per key and number, sorted by both.

    Parameters
    ----------
    keys, lefts, uids : ndarray of bytes
        The identity of each row, the digest of what it was left with, and the id of its sending.
    nth : ndarray of int
        Its number among the rows with this key.
    codes : ndarray of int
        The status of its last sending, or of the one that was ok, as a position in `STATUSES`,
        or `IN_FLIGHT` or `SILENT`.
    sendings : ndarray of int
        The number of that sending in the journal.
    tries : ndarray of int
        The number of requests of all its sendings.
    run_ended : ndarray of bool
        Whether the run of that sending gave each of its rows an outcome.
    token_tags : ndarray of int
        The tag of the token; -1 if it is not known.
    drafts : ndarray of bool
        Whether the draft version was run.
    sent_at : ndarray of float
        When it was sent, in seconds since the epoch.
    runs : ndarray of int
        The number of its run in the journal.
    """

    keys: Array
    lefts: Array
    nth: Array
    codes: Array
    sendings: Array
    uids: Array
    tries: Array
    run_ended: Array
    token_tags: Array
    drafts: Array
    sent_at: Array
    runs: Array

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.nth)


def no_known_rows() -> KnownRows:
    """Return the known rows of a run without a journal."""
    return KnownRows(**{name: np.empty(0, dtype=dtype) for name, dtype in DTYPES.items()})


def reduce_sendings(sendings: KnownRows) -> KnownRows:
    """Reduce sendings to rows: the last sending of each row, or the one that was ok.

    Parameters
    ----------
    sendings : KnownRows
        One entry per sending, in any order.
    """
    is_ok = sendings.codes == _OK
    order = np.lexsort((sendings.sendings, is_ok, sendings.nth, sendings.keys))
    keys, nth = sendings.keys[order], sendings.nth[order]

    is_last = np.ones(len(order), dtype=bool)
    is_last[:-1] = (keys[1:] != keys[:-1]) | (nth[1:] != nth[:-1])
    del keys, nth

    ends = np.flatnonzero(is_last)
    totals = np.cumsum(sendings.tries[order], dtype="int64")[ends]
    tries = np.diff(totals, prepend=0).astype("int32")

    rows = order[ends]
    values = {}
    for field in fields(sendings):
        values[field.name] = getattr(sendings, field.name)[rows]
    return KnownRows(**{**values, "tries": tries})
