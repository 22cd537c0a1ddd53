"""Outcomes to a result: the table as the workflows left it, and what became of each row. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd

from flxframe import paths
from flxframe.cells import is_integral
from flxframe.outcomes import JSON, Outcome, RunWorkflowRequest
from flxframe.payloads import Plan

RUN_COLUMNS = ("run.status", "run.http_status", "run.error", "run.changed", "run.attempts", "run.seconds")

_GONE: Any = object()
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_PLAIN = {bool, int, float, str, type(None)}


class Results:
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

    def add(self, position: int, outcome: Outcome, request: RunWorkflowRequest | None = None) -> None:
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

    def frame(self) -> pd.DataFrame:
        """Return the result: the table's rows, order, index and columns, new fields, then the ``run.*`` columns."""
        table = self._plan.table
        result = table.drop(columns=[name for name in RUN_COLUMNS if name in table.columns])
        new: dict[Any, Any] = {}
        changed = {self._names[path]: dict(values) for path, values in self._changed.items()}
        changes = self._changes.copy()
        fresh: dict[paths.Path, Any] = {}
        for path, positions, values in self._new.columns():
            changes[positions] += 1
            if path in self._names:  # the table has the column, but not in the row that it was new for
                changed.setdefault(self._names[path], {}).update(zip(positions, values, strict=True))
            else:
                fresh[path] = useful_array(_spread(positions, values, len(table)))
        for name in result.columns:
            new[name] = _updated(table[name], changed[name]) if name in changed else result[name].array
        for path, array in fresh.items():
            name = paths.format(path)
            while name in new:  # a passenger has the name already
                name += " (answered)"
            new[name] = array
        new["run.status"] = useful_array(list(self._status))
        new["run.http_status"] = _nullable(self._http_status, self._http_status == 0)
        new["run.error"] = useful_array(list(self._error))
        new["run.changed"] = _nullable(changes, changes < 0)
        new["run.attempts"] = self._attempts.astype("int64")
        new["run.seconds"] = self._seconds
        # As series: of bare arrays of objects pandas would make texts, and fail where one holds half a character.
        series = {name: pd.Series(cells, index=table.index, dtype=cells.dtype) for name, cells in new.items()}
        frame = pd.DataFrame(series, index=table.index)
        frame.attrs.update(table.attrs)
        return frame

    def _take(self, position: int, sent: JSON, answered: JSON) -> int:
        """Note where the answer differs from what was sent, and return in how many fields, but for the new ones."""
        count = 0
        for path, before, after in differences(sent, answered, ("objects",)):
            owner = self._owner(path, sent)
            if owner is None and after is not _GONE:
                self._new.at(path).add(position, after)
                continue
            leaves = paths.flatten(before if after is _GONE else after, path)
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
            if above in self._names and paths.get(sent, above[1:], _GONE) is not _GONE:
                return above
        return None


def same(left: JSON, right: JSON) -> bool:
    """Say whether two JSON values are the same: 19.90 is 19.9, but true is not 1.

    Examples
    --------
    >>> same([7, {"a": 1.0}], [7.0, {"a": 1}]), same(True, 1)
    (True, False)
    """
    return next(differences(left, right, ()), None) is None


def count_changes(before: JSON, after: JSON) -> int:
    """Count the fields that differ.

    Examples
    --------
    >>> count_changes({"status": "", "note": "x"}, {"status": "Hold", "tags": ["a", "b"]})
    4
    """
    found = differences(before, after, ())
    return sum(len(paths.flatten(left if right is _GONE else right)) for _, left, right in found)


def differences(before: JSON, after: JSON, path: paths.Path) -> Iterator[tuple[paths.Path, JSON, JSON]]:
    """Yield the path of each place that differs, and what is there before and after, or a mark that nothing is."""
    pairs: Iterable[tuple[str | int, JSON, JSON]]
    if isinstance(before, dict) and isinstance(after, dict):
        new = [key for key in after if key not in before]
        pairs = [(key, before.get(key, _GONE), after.get(key, _GONE)) for key in [*before, *new]]
    elif isinstance(before, list) and isinstance(after, list):
        pairs = [(number, *pair) for number, pair in enumerate(zip_longest(before, after, fillvalue=_GONE))]
    else:
        if isinstance(before, bool) is not isinstance(after, bool) or before != after:
            yield path, before, after
        return
    for step, left, right in pairs:
        if left is _GONE or right is _GONE:
            yield (*path, step), left, right
        # Most fields are texts that stayed as they were; to see that at once is worth a line.
        elif type(left) is not str or left != right:
            yield from differences(left, right, (*path, step))


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
    return useful_array(cells)


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
    fits = array.ndim == 1 and all(_holds(array[position], value) for position, value in changed.items())
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


def useful_array(cells: list[Any]) -> Any:
    """Make a column of Python values: integers and booleans stay such beside missing values, texts stay texts.

    Parameters
    ----------
    cells : list
        The values; None, NaN, NaT and NA are missing.

    Examples
    --------
    >>> [str(useful_array([cell, None]).dtype) for cell in (7, True, 7.5)]
    ['Int64', 'boolean', 'float64']
    """
    types = set(map(type, cells))
    if float in types and types <= {float, type(None)}:
        return np.array(cells, dtype="float64")  # None becomes NaN
    no_number = float in types and any(math.isnan(cell) for cell in cells if type(cell) is float)
    if types <= _PLAIN and not no_number:  # nearly all columns; to ask each cell would take longer than all the rest
        missing = type(None) in types
        kinds = {kind.__name__ for kind in types - {type(None)}}
        values = cells
    else:
        found = [kind_of(cell) for cell in cells]
        missing = "missing" in found
        kinds = set(found) - {"missing"}
        values = [None if kind == "missing" else cell for kind, cell in zip(found, cells, strict=True)]
    if kinds == {"bool"}:
        return pd.array(values, dtype="boolean") if missing else np.array(values)
    filled = [value for value in values if value is not None] if missing else values
    if kinds == {"int"} and min(filled) >= -(2**63) and max(filled) < 2**63:
        return pd.array(values, dtype="Int64") if missing else np.array(values, dtype="int64")
    if kinds == {"float"}:
        return np.array([np.nan if value is None else value for value in values])
    if kinds == {"str"}:
        with suppress(UnicodeEncodeError):  # half a character, which only a column of objects can hold
            return pd.Series(values).array
    return pd.Series(values, dtype=object).array


def kind_of(cell: Any) -> str:
    """Return which kind of column a cell wants: bool, int, float, str or object; or that it is missing."""
    if isinstance(cell, (bool, np.bool_)):
        return "bool"
    if isinstance(cell, (int, np.integer)):
        return "int"
    if isinstance(cell, str):
        return "str"
    if cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell)):
        return "missing"
    return "float" if isinstance(cell, float) else "object"
