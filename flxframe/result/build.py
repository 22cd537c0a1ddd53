"""Outcomes to a result: the table as the workflows left it, and what became of each row. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import column_array, is_integral, kind_of
from flxframe.models import JSON, RUN_COLUMNS, Outcome, RunWorkflowRequest
from flxframe.request import paths
from flxframe.request.plan import Plan
from flxframe.result.compare import ABSENT, differences

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


class ResultBuilder:
    """Collects the outcomes of a table's rows, in any order, and makes the result of them.

    Only what differs from the table is kept, so that a long run's memory grows with what the workflows changed.

    Parameters
    ----------
    plan : Plan
        How the table's rows became requests.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._names = {path: name for name, path in plan.paths.items() if path[0] == "objects"}
        self._changed: dict[paths.Path, dict[int, JSON]] = {}
        self._new = paths.Tree()
        rows = len(plan.table)
        self._status = np.full(rows, None, dtype=object)
        self._error = np.full(rows, None, dtype=object)
        self._http_status = np.zeros(rows, dtype="int16")
        self._changes = np.full(rows, -1, dtype="int32")
        self._attempts = np.zeros(rows, dtype="int32")
        self._seconds = np.full(rows, np.nan)
        self.counts: Counter[str] = Counter()

    def add(
        self, position: int, outcome: Outcome, request: RunWorkflowRequest | None = None
    ) -> None:
        """Take in what became of a row.

        Parameters
        ----------
        position : int
            The row's position.
        outcome : Outcome
            What became of it.
        request : RunWorkflowRequest, optional
            What was sent; needed when the outcome has objects. An ``ok`` without them changed nothing.
        """
        if self._status[position] is not None:
            self.counts[self._status[position]] -= 1
        self._status[position] = outcome.status
        self.counts[outcome.status] += 1
        self._error[position] = outcome.error
        self._http_status[position] = outcome.http_status or 0
        self._attempts[position] = outcome.attempts
        if outcome.seconds is not None:
            self._seconds[position] = outcome.seconds
        if outcome.status == "ok":
            self._changes[position] = 0
        if request is not None and outcome.objects is not None:
            self._changes[position] = self._take(position, request.objects, outcome.objects)

    def missing(self) -> Iterator[int]:
        """Yield the positions of the rows that have no outcome yet."""
        return (int(position) for position in np.flatnonzero(self._status == None))  # noqa: E711  elementwise

    def frame(self, stopped: str | None = None) -> pd.DataFrame:
        """Return the result: the table's rows, order, index and columns, new fields, then the ``run.*`` columns.

        Parameters
        ----------
        stopped : str, optional
            Why the run stopped early, for ``attrs["flxframe"]["stopped"]``.
        """
        table = self._plan.table
        result = table.drop(columns=[name for name in RUN_COLUMNS if name in table.columns])
        new: dict[Any, Any] = {}
        changed = {self._names[path]: dict(values) for path, values in self._changed.items()}
        changes = self._changes.copy()
        fresh: dict[paths.Path, Any] = {}
        for path, positions, values in self._new.columns():
            changes[positions] += 1
            if (
                path in self._names
            ):  # the table has the column, but not in the row that it was new for
                changed.setdefault(self._names[path], {}).update(
                    zip(positions, values, strict=True)
                )
            else:
                fresh[path] = column_array(_spread(positions, values, len(table)))
        for name in result.columns:
            new[name] = (
                _updated(table[name], changed[name]) if name in changed else result[name].array
            )
        for path, array in fresh.items():
            name = paths.format(path)
            while name in new:  # a passenger has the name already
                name += " (answered)"
            new[name] = array
        new["run.status"] = column_array(list(self._status))
        new["run.http_status"] = _nullable(self._http_status, self._http_status == 0)
        new["run.error"] = column_array(list(self._error))
        new["run.changes"] = _nullable(changes, changes < 0)
        new["run.attempts"] = self._attempts.astype("int64")
        new["run.seconds"] = self._seconds
        # As series: of bare arrays of objects pandas would make texts, and fail where one holds half a character.
        series = {
            name: pd.Series(cells, index=table.index, dtype=cells.dtype)
            for name, cells in new.items()
        }
        frame = pd.DataFrame(series, index=table.index)
        frame.attrs.update(table.attrs)
        # The table may be the result of a run that stopped.
        facts = {
            key: value for key, value in table.attrs.get("flxframe", {}).items() if key != "stopped"
        }
        if stopped is not None:
            facts["stopped"] = stopped
        if facts:
            frame.attrs["flxframe"] = facts
        else:
            frame.attrs.pop("flxframe", None)
        return frame

    def _take(self, position: int, sent: JSON, answered: JSON) -> int:
        """Note where the answer differs from what was sent, and return in how many fields, but for the new ones."""
        count = 0
        for path, before, after in differences(sent, answered, ("objects",)):
            owner = self._owner(path, sent)
            if owner is None and after is not ABSENT:
                self._new.at(path).add(position, after)
                continue
            leaves = paths.flatten(before if after is ABSENT else after, path)
            count += len(leaves)
            owners = [owner] if owner is not None else [self._owner(leaf, sent) for leaf in leaves]
            for owner in owners:
                if owner is not None:
                    self._changed.setdefault(owner, {})[position] = paths.get(answered, owner[1:])
        return count

    def _owner(self, path: paths.Path, sent: JSON) -> paths.Path | None:
        """Find the column of this place: its own, or one above it that the row had filled as a whole."""
        if path in self._names:
            return path
        for length in range(len(path) - 1, 0, -1):
            above = path[:length]
            if above in self._names and paths.get(sent, above[1:], ABSENT) is not ABSENT:
                return above
        return None


def _spread(positions: list[int], values: list[JSON], rows: int) -> list[JSON]:
    """Put the values of some rows into a column of all rows."""
    if positions == list(range(rows)):
        return values
    cells: list[JSON] = [None] * rows
    for position, value in zip(positions, values, strict=True):
        cells[position] = value
    return cells


def _nullable(values: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> Any:
    return pd.arrays.IntegerArray(values.astype("int64"), missing)


def _updated(column: pd.Series[Any], changed: dict[int, Any]) -> Any:
    """Put changed cells into a column, and keep its dtype where it can hold them as they are."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        changed = {position: _as_timestamp(value) for position, value in changed.items()}
    cells = column.tolist()
    if is_integral(column):
        cells = [None if math.isnan(cell) else int(cell) for cell in cells]
    # A category would drop a word that it doesn't know, and a blank column's dtype says nothing.
    elif not isinstance(column.dtype, pd.CategoricalDtype) and not column.isna().all():
        kept = _kept(column, changed)
        if kept is not None:
            return kept
    for position, value in changed.items():
        cells[position] = value
    return column_array(cells)


def _kept(column: pd.Series[Any], changed: dict[int, Any]) -> Any:
    cells = column.tolist()
    for position, value in changed.items():
        cells[position] = value
    try:
        with np.errstate(all="ignore"):  # a number beyond a small float is seen below
            array = pd.Series(cells, dtype=column.dtype).array
    except Exception:
        # A missing value among plain integers, a number beyond the dtype, a list among Arrow's dates: each library has
        # its own errors, and none may cost a run its answers.
        return None
    # A dtype may also bend what it can't hold: an integer column takes "5" for 5.
    fits = array.ndim == 1 and all(
        _holds(array[position], value) for position, value in changed.items()
    )
    return array if fits else None


def _holds(cell: Any, value: Any) -> bool:
    kinds = {kind_of(cell), kind_of(value)}
    if kinds == {"missing"}:
        return True
    return (len(kinds) == 1 or kinds == {"int", "float"}) and bool(cell == value)


def _as_timestamp(value: Any) -> Any:
    try:
        # Pandas takes "now" and "12:00" for points in time too, and "nat" for none.
        return pd.Timestamp(value) if isinstance(value, str) and _ISO_DATE.match(value) else value
    except ValueError:
        return value
