"""Find the differences of two values or tables. Pure: no network, no clock, no disk."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from flxframe.dtypes import check_unique, kind_of
from flxframe.exceptions import TableError
from flxframe.frames import Frame, as_frame
from flxframe.models import JSON, RUN_COLUMNS
from flxframe.request import nested, paths
from flxframe.request.cells import to_json_or_text
from flxframe.request.fingerprints import parse
from flxframe.request.line_columns import EACH, MORE
from flxframe.text import counted

ABSENT: Any = object()
"""Marks a path that exists in only one of two values."""

_Pair: TypeAlias = tuple[str | int, JSON, JSON]


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
    count = 0
    for _, old, new in differences(before, after, ()):
        value = old if new is ABSENT else new
        count += len(nested.flatten(value))
    return count


def differences(
    before: JSON, after: JSON, path: paths.Path
) -> Iterator[tuple[paths.Path, JSON, JSON]]:
    """Yield the path of each place that differs, with its values before and after.

    Parameters
    ----------
    before, after : JSON
        The values to compare.
    path : tuple
        The path of the two values; each yielded path starts with it.

    Yields
    ------
    tuple
        The path, the value before and the value after; `ABSENT` where one of them does not exist.

    Examples
    --------
    >>> list(differences({"tags": ["a", "b"]}, {"tags": ["a", "c"]}, ()))
    [(('tags', 1), 'b', 'c')]
    """
    if isinstance(before, dict) and isinstance(after, dict):
        pairs = _pairs_of_dicts(before, after)
    elif isinstance(before, list) and isinstance(after, list):
        pairs = _pairs_of_lists(before, after)
    else:
        # Python's True equals 1, JSON's does not.
        if isinstance(before, bool) is not isinstance(after, bool) or before != after:
            yield path, before, after
        return

    for step, old, new in pairs:
        if old is ABSENT or new is ABSENT:
            yield (*path, step), old, new
        # Nearly all fields are unchanged texts, and a recursive call for each would be slow.
        elif type(old) is not str or old != new:
            yield from differences(old, new, (*path, step))


def _pairs_of_dicts(before: dict[str, JSON], after: dict[str, JSON]) -> list[_Pair]:
    pairs: list[_Pair] = [(key, value, after.get(key, ABSENT)) for key, value in before.items()]
    pairs += [(key, ABSENT, value) for key, value in after.items() if key not in before]
    return pairs


def _pairs_of_lists(before: list[JSON], after: list[JSON]) -> list[_Pair]:
    items = zip_longest(before, after, fillvalue=ABSENT)
    return [(number, old, new) for number, (old, new) in enumerate(items)]


def changes(before: Frame, after: Frame) -> pd.DataFrame:
    """List the fields that differ between two tables of the same rows.

    Compare an input with its result to see what the workflows changed, or a live result with a
    ``draft=True`` result to see what publishing the draft would change. Rows that are not ``ok`` in
    both tables are left out, because their changes are not known.

    Parameters
    ----------
    before, after : DataFrame
        Tables with the same number of rows; rows are matched by position.

    Returns
    -------
    DataFrame
        One row per changed field: `row` (its position), `column`, `before`, `after`. A field that
        only one of the tables has is missing (NA) in the other. A field that the lines of an order
        share is listed once, in the first one.

    Raises
    ------
    TableError
        If one of them is not a table or has two columns with the same name, or if they have
        different numbers of rows.

    Examples
    --------
    >>> before = pd.DataFrame({"objects.order.status": ["Open", "Open"]})
    >>> after = pd.DataFrame({"objects.order.status": ["Open", "Hold"]})
    >>> changes(before, after)
       row                column before after
    0    1  objects.order.status   Open  Hold
    """
    before = as_frame(before, "changes()")
    after = as_frame(after, "changes()")
    if len(before) != len(after):
        rows_before = counted(len(before), "row")
        rows_after = counted(len(after), "row")
        raise TableError(
            f"`before` has {rows_before} and `after` has {rows_after}: changes() compares "
            "the same rows in the same order; pass a table and its own result"
        )
    check_unique(before)
    check_unique(after)

    positions = np.flatnonzero(_is_ok(before) & _is_ok(after)).tolist()
    names = dict.fromkeys([*before.columns, *after.columns])
    fields: list[tuple[int, Any, Any, Any]] = []
    for name in names:
        if name not in RUN_COLUMNS:
            fields += _changed_cells(name, before, after, positions)

    fields = _without_repeats(fields, after)
    fields.sort(key=lambda field: field[0])
    frame = pd.DataFrame(fields, columns=["row", "column", "before", "after"], dtype=object)
    return frame.astype({"row": "int64", "column": "str"})


def _without_repeats(
    fields: list[tuple[int, Any, Any, Any]], after: pd.DataFrame
) -> list[tuple[int, Any, Any, Any]]:
    """Return changed fields, those that the lines of an order share once."""
    orders = order_ids(after)
    if orders is None:
        return fields

    # A result from a file: columns with names of their own are not known to be shared.
    unknown = [name for name in after.columns if not _is_shared(name)]
    lines = set(after.attrs.get("flxframe", {}).get("line_columns", unknown))
    kept, seen = [], set()
    for field in fields:
        row, name = field[:2]
        shared = (orders[row], name)
        if name in lines or shared not in seen:
            kept.append(field)
        seen.add(shared)
    return kept


def _is_shared(name: Any) -> bool:
    """Return whether a column's own name says that the lines of an order share it."""
    if not isinstance(name, str) or not name.startswith("objects."):
        return False
    return EACH not in name and MORE not in name


def order_ids(result: pd.DataFrame) -> list[Any] | None:
    """Return what names the order of each line of a result; None if its rows are not lines."""
    if "run.fingerprint" not in result.columns:
        return None
    texts = result["run.fingerprint"].tolist()
    if not any(isinstance(text, str) and "/" in text for text in texts):
        return None

    ids = []
    for position, text in enumerate(texts):
        try:
            fingerprint = parse(text) if isinstance(text, str) else None
        except ValueError:
            fingerprint = None
        ids.append(position if fingerprint is None else fingerprint.id)
    return ids


def _is_ok(table: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return whether each row is ok; in a table without ``run.status``, all rows are."""
    if "run.status" not in table.columns:
        return np.ones(len(table), dtype=bool)

    statuses = table["run.status"].tolist()
    return np.array([status == "ok" for status in statuses], dtype=bool)


def _changed_cells(
    name: Any, before: pd.DataFrame, after: pd.DataFrame, positions: list[int]
) -> Iterator[tuple[int, Any, Any, Any]]:
    """Yield the position, the column and the old and new value of each changed cell of a column."""
    old_cells = _cells(before, name)
    new_cells = _cells(after, name)

    for position in positions:
        old = old_cells[position]
        new = new_cells[position]
        if not equal_cells(old, new):
            yield position, name, old, new


def _cells(table: pd.DataFrame, name: Any) -> list[Any]:
    """Return the cells of a column, each missing one as NA."""
    if name not in table.columns:
        return [pd.NA] * len(table)

    cells: list[Any] = table[name].tolist()
    for position, cell in enumerate(cells):
        if kind_of(cell) == "missing":
            cells[position] = pd.NA
    return cells


def equal_cells(left: Any, right: Any) -> bool:
    """Return whether two cells are equal as JSON; NA is only equal to itself."""
    if left is right:
        return True
    if left is pd.NA or right is pd.NA:
        return False
    if type(left) is type(right) and isinstance(left, (str, int, float)):
        return bool(left == right)
    return equal_json(to_json_or_text(left), to_json_or_text(right))
