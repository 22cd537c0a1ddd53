"""Spread the result of a folded table over its lines again. Pure: no network, no clock, no disk.

Each line gets its own item's answer and its group's outcome. Items beyond the lines are a list in
the first line's cell of a column such as ``objects.order.items[+]``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import column_array, kind_of
from flxframe.models import JSON, RUN_COLUMNS
from flxframe.request.fingerprints import parse
from flxframe.request.folding import Folded
from flxframe.request.items import aligned
from flxframe.result.build import unused_name
from flxframe.result.compare import count_changes, equal_cells
from flxframe.result.item_cells import Spread, spread_list
from flxframe.result.update import update_column
from flxframe.text import counted


def align_lists(folded: Folded, result: pd.DataFrame) -> pd.DataFrame:
    """Return the result of a folded table with each list as its lines will give it again.

    Lists whose items the workflow moved are noted in ``attrs["flxframe"]["notes"]`` of `result`.
    """
    columns, notes = {}, []
    for name, line_list in zip(folded.list_names, folded.lists, strict=True):
        cells, moved = [], 0
        for before, after in zip(folded.table[name].tolist(), result[name].tolist(), strict=True):
            if isinstance(after, list) and before != after:
                items, is_moved = aligned(before if isinstance(before, list) else [], after)
                cells.append(items or None)  # as the lines will give it: no item, no list
                moved += is_moved
            else:
                cells.append(after)

        columns[name] = pd.Series(cells, index=result.index, dtype=object)
        if moved:
            notes.append(
                f"{line_list.name}: the workflow moved items in {counted(moved, 'order')}; each "
                "row has its own item's answer"
            )

    if notes:
        facts = result.attrs.get("flxframe", {})
        result.attrs["flxframe"] = {**facts, "notes": [*facts.get("notes", []), *notes]}
    return result.assign(**columns)


def spread_lines(folded: Folded, result: pd.DataFrame) -> pd.DataFrame:
    """Return the result of a folded table as the result of its lines.

    Parameters
    ----------
    folded : Folded
        The table.
    result : DataFrame
        Its result: one row for each group.

    Returns
    -------
    DataFrame
        The rows, index and columns of the lines, new fields as new columns, and the ``run.*``
        columns.
    """
    lines = folded.lines
    spreads = []
    for number, line_list in enumerate(folded.lists):
        spreads.append(spread_list(folded, result, number, line_list))

    columns: dict[Any, Any] = {}
    for name in lines.columns:
        if name not in RUN_COLUMNS:
            columns[name] = lines[name].array
    for name in folded.table.columns:
        if name in columns and name not in folded.list_names:
            columns[name] = _shared_column(folded, result, name)
    for spread in spreads:
        columns.update(spread.columns)

    of_row = folded.groups.of_row
    for name in result.columns:
        if name not in folded.table.columns and name not in RUN_COLUMNS:
            columns[unused_name(name, columns)] = result[name].array[of_row]
    columns.update(_run_columns(folded, result, spreads))

    series = {}
    for name, cells in columns.items():
        series[name] = pd.Series(cells, index=lines.index, dtype=cells.dtype)
    frame = pd.DataFrame(series, index=lines.index)
    frame.attrs.update(_attributes(result, spreads))
    return frame


def _shared_column(folded: Folded, result: pd.DataFrame, name: Any) -> Any:
    """Return the cells of a column that the lines of a group share."""
    filled = folded.is_filled.get(name)
    values = {}
    pairs = zip(folded.table[name].tolist(), result[name].tolist(), strict=True)
    for number, (before, after) in enumerate(pairs):
        if equal_cells(before, after):
            continue
        for row in folded.groups.of(number):
            if filled is None or filled[row]:
                values[row] = _value(after)
    return update_column(folded.lines[name], values) if values else folded.lines[name].array


def _run_columns(folded: Folded, result: pd.DataFrame, spreads: list[Spread]) -> dict[str, Any]:
    """Return the ``run.*`` columns of the lines."""
    of_row = folded.groups.of_row
    columns = {}
    for name in RUN_COLUMNS:
        if name in result.columns:
            columns[name] = result[name].array[of_row]
    if "run.changes" in columns:
        columns["run.changes"] = _line_changes(folded, result, spreads)
    if "run.fingerprint" in columns:
        texts = _line_fingerprints(folded, result["run.fingerprint"].tolist())
        columns["run.fingerprint"] = column_array(texts)
    return columns


def _line_changes(folded: Folded, result: pd.DataFrame, spreads: list[Spread]) -> Any:
    """Return the number of changed fields of each line; shared ones count on the first."""
    changes = np.zeros(len(folded.lines), dtype="int64")
    for spread in spreads:
        changes += spread.changes
    firsts = folded.groups.rows[folded.groups.starts]
    changes[firsts] += _shared_changes(folded, result)

    of_row = folded.groups.of_row
    is_missing = result["run.changes"].isna().to_numpy(dtype=bool)[of_row]
    if "run.changes" in folded.lines.columns:
        # Nothing was sent for them now, and the table has their numbers.
        is_kept = result["run.recalled"].to_numpy(dtype=bool)[of_row] & (changes == 0)
        before = pd.to_numeric(folded.lines["run.changes"], errors="coerce").fillna(0)
        changes = np.where(is_kept, before.to_numpy(dtype="int64"), changes)
    return pd.arrays.IntegerArray(changes, is_missing)


def _shared_changes(folded: Folded, result: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return the number of changed fields of each group outside of its lists."""
    counts = np.zeros(len(folded.groups), dtype="int64")
    for name in result.columns:
        if name in RUN_COLUMNS or name in folded.list_names:
            continue
        after = result[name].tolist()
        if name not in folded.table.columns:
            counts += result[name].notna().to_numpy(dtype="int64")
            continue
        for number, (old, new) in enumerate(zip(folded.table[name].tolist(), after, strict=True)):
            if not equal_cells(old, new):
                counts[number] += count_changes(_value(old), _value(new))
    return counts


def _value(cell: Any) -> JSON:
    return None if kind_of(cell) == "missing" else cell


def _line_fingerprints(folded: Folded, texts: list[Any]) -> list[str]:
    """Return the fingerprint of each line: that of its group, with its number."""
    fingerprints: list[str] = [""] * len(folded.lines)
    for group, text in enumerate(texts):
        fingerprint = parse(text)
        rows = folded.groups.of(group)
        for line, row in enumerate(rows, 1):
            fingerprints[row] = str(replace(fingerprint, line=line, lines=len(rows)))
    return fingerprints


def _attributes(result: pd.DataFrame, spreads: list[Spread]) -> dict[Any, Any]:
    attributes = dict(result.attrs)
    names = [name for spread in spreads for name in spread.columns]
    facts = {**attributes.get("flxframe", {}), "line_columns": names}
    return {**attributes, "flxframe": facts}
