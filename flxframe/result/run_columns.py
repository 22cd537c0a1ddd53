"""The ``run.*`` columns of a result, filled one outcome at a time. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import column_array
from flxframe.models import Outcome

_NO_HTTP_STATUS = 0
_NOT_COUNTED = -1
_NEVER = np.iinfo("int64").min
"""The time of a row that was never sent; as a time it is NaT."""


class RunColumns:
    """The ``run.*`` columns of a table, except the fingerprints.

    Parameters
    ----------
    rows : int
        The number of rows.

    Attributes
    ----------
    counts : Counter
        The number of rows of each status.
    changes : ndarray of int
        The number of fields that the workflow changed in each row.

    Examples
    --------
    >>> columns = RunColumns(2)
    >>> columns.add(1, Outcome("ok", 200))
    >>> columns.missing().tolist(), columns.counts["ok"]
    ([0], 1)
    """

    def __init__(self, rows: int) -> None:
        self.counts: Counter[str] = Counter()
        self.changes = np.full(rows, _NOT_COUNTED, dtype="int32")
        self._status = np.full(rows, None, dtype=object)
        self._error = np.full(rows, None, dtype=object)
        self._http_status = np.full(rows, _NO_HTTP_STATUS, dtype="int16")
        self._attempts = np.zeros(rows, dtype="int32")
        self._seconds = np.full(rows, np.nan)
        self._sent_at = np.full(rows, _NEVER, dtype="int64")
        self._recalled = np.zeros(rows, dtype=bool)

    def add(self, position: int, outcome: Outcome) -> None:
        """Add the outcome of a row; until its changes are counted, an ``ok`` changed nothing.

        An ``ok`` whose answer is not known has an error that says so.
        """
        previous = self._status[position]
        if previous is not None:
            self.counts[previous] -= 1
        self.counts[outcome.status] += 1

        self._status[position] = outcome.status
        self._error[position] = outcome.error
        self._http_status[position] = outcome.http_status or _NO_HTTP_STATUS
        self._attempts[position] = outcome.attempts
        if outcome.seconds is not None:
            self._seconds[position] = outcome.seconds
        if outcome.sent_at is not None:
            self._sent_at[position] = round(outcome.sent_at * 1000)
        self._recalled[position] = outcome.recalled
        if outcome.status == "ok" and outcome.error is None:
            self.changes[position] = 0

    def missing(self) -> np.ndarray[Any, Any]:
        """Return the positions of the rows that have no outcome yet."""
        return np.flatnonzero(self._status == None)  # noqa: E711  elementwise

    def arrays(self, changes: np.ndarray[Any, Any]) -> dict[str, Any]:
        """Return the columns by name, given the number of changes of each row."""
        return {
            "run.status": column_array(list(self._status)),
            "run.http_status": _nullable(self._http_status, _NO_HTTP_STATUS),
            "run.error": column_array(list(self._error)),
            "run.changes": _nullable(changes, _NOT_COUNTED),
            "run.attempts": self._attempts.astype("int64"),
            "run.seconds": self._seconds,
            "run.sent_at": pd.array(self._sent_at.view("M8[ms]")).tz_localize("UTC"),
            "run.recalled": self._recalled,
        }


def _nullable(numbers: np.ndarray[Any, Any], missing: int) -> Any:
    """Return integers as a column in which one number is missing."""
    integers = numbers.astype("int64")
    return pd.arrays.IntegerArray(integers, integers == missing)
