"""What differs between two values, and between two tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import check_unique, kind_of
from flxframe.exceptions import TableError
from flxframe.models import JSON, RUN_COLUMNS
from flxframe.request import paths
from flxframe.request.cells import to_json_or_text

_GONE: Any = object()


def equal_json(left: JSON, right: JSON) -> bool:
    """Return whether two JSON values are equal: 19.90 is 19.9, but true is not 1.

    Examples
    --------
    >>> equal_json([7, {"a": 1.0}], [7.0, {"a": 1}]), equal_json(True, 1)
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


def differences(
    before: JSON, after: JSON, path: paths.Path
) -> Iterator[tuple[paths.Path, JSON, JSON]]:
    """Yield the path of each place that differs, and what is there before and after, or a mark that nothing is."""
    pairs: Iterable[tuple[str | int, JSON, JSON]]
    if isinstance(before, dict) and isinstance(after, dict):
        new = [key for key in after if key not in before]
        pairs = [(key, before.get(key, _GONE), after.get(key, _GONE)) for key in [*before, *new]]
    elif isinstance(before, list) and isinstance(after, list):
        pairs = [
            (number, *pair)
            for number, pair in enumerate(zip_longest(before, after, fillvalue=_GONE))
        ]
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


def changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """List the fields that differ between two tables of the same rows.

    Input against result shows what the workflows did; a live result against a ``draft=True`` result shows what
    publishing the draft would change. Rows that didn't come back ``ok`` from either are left out: nothing is known
    of what the workflow would have done to them.

    Parameters
    ----------
    before, after : DataFrame
        Tables with the same number of rows; rows are matched by position.

    Returns
    -------
    DataFrame
        One row a changed field: `row` (its position), `column`, `before`, `after`. A field that only one of the
        tables has is missing (NA) in the other.

    Raises
    ------
    TableError
        If one is no table, or has two columns of one name, or they have different numbers of rows.

    Examples
    --------
    >>> before = pd.DataFrame({"objects.order.status": ["Open", "Open"]})
    >>> after = pd.DataFrame({"objects.order.status": ["Open", "Hold"]})
    >>> changes(before, after)
       row                column before after
    0    1  objects.order.status   Open  Hold
    """
    _check_table("changes()", before)
    _check_table("changes()", after)
    if len(before) != len(after):
        raise TableError(
            f"`before` has {len(before)} rows and `after` has {len(after)}: changes() needs the same rows in the same "
            "order; give it the table and the result that came of it"
        )
    check_unique(before)
    check_unique(after)
    known = _ok(before) & _ok(after)
    columns = [*before.columns, *(name for name in after.columns if name not in before.columns)]
    found: list[tuple[int, Any, Any, Any]] = []
    for name in columns:
        if name in RUN_COLUMNS:
            continue
        left, right = _cells(before, name), _cells(after, name)
        found += [
            (position, name, left[position], right[position])
            for position in range(len(before))
            if known[position] and not _alike(left[position], right[position])
        ]
    found.sort(key=lambda change: change[0])
    frame = pd.DataFrame(found, columns=["row", "column", "before", "after"], dtype=object)
    return frame.astype({"row": "int64", "column": "str"})


def _check_table(who: str, table: object) -> None:
    if not isinstance(table, pd.DataFrame):
        raise TableError(
            f"{who} wants a DataFrame, such as run_workflows returns, not {table!r:.60}; read_table makes one of a file"
        )


def _ok(table: pd.DataFrame) -> np.ndarray[Any, Any]:
    if "run.status" not in table.columns:
        return np.ones(len(table), dtype=bool)
    return np.array([status == "ok" for status in table["run.status"].tolist()], dtype=bool)


def _cells(table: pd.DataFrame, name: Any) -> list[Any]:
    if name not in table.columns:
        return [pd.NA] * len(table)
    return [pd.NA if kind_of(cell) == "missing" else cell for cell in table[name].tolist()]


def _alike(left: Any, right: Any) -> bool:
    if left is right:
        return True
    if left is pd.NA or right is pd.NA:
        return False
    if type(left) is type(right) and isinstance(left, (str, int, float)):
        return bool(left == right)
    return equal_json(to_json_or_text(left), to_json_or_text(right))
