"""The rows of a journal, as arrays. Pure: no network, no clock, no disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, Any]

IN_FLIGHT = 100
"""The code of a row that a live run elsewhere has sent, without an answer yet."""

SILENT = 101
"""The code of a row whose run is of another computer, has not ended, and was silent for long."""


@dataclass(frozen=True, slots=True)
class KnownRows:
    """The rows of a journal that were looked up, each once, with its last sending.

    Parameters
    ----------
    keys, lefts : ndarray of 16 bytes
        The digests that identify each row; see `flxframe.request.identity`.
    nth : ndarray of int
        Its number among equal rows.
    codes : ndarray of int
        Its status, as a position in `STATUSES`, or `IN_FLIGHT`, or `SILENT`.
    sendings : ndarray of int
        The number of its last sending in the file, or of the one that was ok.
    uids : ndarray of 10 bytes
        The id of that sending.
    tries : ndarray of int
        The number of requests that were sent for it.
    run_ended : ndarray of bool
        Whether the run of that sending has ended, and was not stopped or killed.
    token_tags : ndarray of int
        The tag of its token; -1 if it is not known.
    drafts : ndarray of bool
        Whether it ran the draft version.
    sent_at : ndarray of float
        When it was sent, in seconds since the epoch.
    runs : ndarray of int
        The number of its run.
    of_ids : dict
        The index of the row that each id names, also those of earlier sendings.
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
    of_ids: dict[bytes, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.nth)


def no_known_rows() -> KnownRows:
    """Return the known rows of a run without a journal."""
    return KnownRows(
        keys=np.empty(0, dtype="S16"),
        lefts=np.empty(0, dtype="S16"),
        nth=np.empty(0, dtype="int32"),
        codes=np.empty(0, dtype="int8"),
        sendings=np.empty(0, dtype="int64"),
        uids=np.empty(0, dtype="S10"),
        tries=np.empty(0, dtype="int32"),
        run_ended=np.empty(0, dtype=bool),
        token_tags=np.empty(0, dtype="int64"),
        drafts=np.empty(0, dtype=bool),
        sent_at=np.empty(0, dtype="float64"),
        runs=np.empty(0, dtype="int64"),
    )
