"""Spread the result of a folded table over its lines again. Pure: no network, no clock, no disk.

Each line gets its own item's answer and its group's outcome. Items beyond the lines are a list in
the first line's cell of a column such as ``objects.order.items[+]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import column_array, kind_of
from flxframe.models import JSON, RUN_COLUMNS, Outcome, RunWorkflowRequest
from flxframe.request import paths
from flxframe.request.fingerprints import parse
from flxframe.request.folding import Folded
from flxframe.request.items import aligned, match_items
from flxframe.request.line_columns import EACH, MORE, LineList
from flxframe.result.build import ResultBuilder
from flxframe.result.compare import count_changes, equal_cells
from flxframe.result.update import update_column
from flxframe.text import counted

_ITEM = "item"
_ITEMS = ("objects", _ITEM)


@dataclass(frozen=True)
class _ItemPlan:
    """The columns of a list's items, as a table of its own."""

    table: pd.DataFrame
    paths: dict[Any, paths.Path]


@dataclass
class _Spread:
    """What a list's cells become in the lines.

    Parameters
    ----------
    columns : dict
        The columns of the lines, with their new cells; new ones too.
    changes : ndarray of int
        The number of changed fields of each line.
    """

    columns: dict[Any, Any]
    changes: np.ndarray[Any, Any]


def align_lists(folded: Folded, result: pd.DataFrame) -> pd.DataFrame:
    """Return the result of a folded table with each list in the order in which it was sent.

    Lists whose items the workflow moved are noted in ``attrs["flxframe"]["notes"]``.
    """
    columns, notes = {}, []
    for name, line_list in zip(folded.list_names, folded.lists, strict=True):
        cells, moved = [], 0
        for before, after in zip(folded.table[name].tolist(), result[name].tolist(), strict=True):
            if isinstance(before, list) and isinstance(after, list) and before != after:
                items, is_moved = aligned(before, after)
                cells.append(items)
                moved += is_moved
            else:
                cells.append(after)

        columns[name] = pd.Series(cells, index=result.index, dtype=object)
        if moved:
            notes.append(
                f"{line_list.name}: the workflow moved items in {counted(moved, 'order')}; each "
                "row has its own item's answer"
            )

    table = result.assign(**columns)
    if notes:
        facts = table.attrs.get("flxframe", {})
        table.attrs["flxframe"] = {**facts, "notes": [*facts.get("notes", []), *notes]}
    return table


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
        spreads.append(_spread_list(folded, result, number, line_list))

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
            columns[_unused(name, columns)] = result[name].array[of_row]
    columns.update(_run_columns(folded, result, spreads))

    series = {}
    for name, cells in columns.items():
        series[name] = pd.Series(cells, index=lines.index, dtype=cells.dtype)
    frame = pd.DataFrame(series, index=lines.index)
    frame.attrs.update(_attributes(result, spreads))
    return frame


def _unused(name: str, columns: Mapping[Any, Any]) -> str:
    while name in columns:
        name += " (answered)"
    return name


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


def _spread_list(folded: Folded, result: pd.DataFrame, number: int, line_list: LineList) -> _Spread:
    """Return what the cells of a list become in the lines."""
    lines, name = folded.lines, folded.list_names[number]
    has_item = folded.has_item[number]
    item_paths = {column: (*_ITEMS, *inside) for inside, column in line_list.columns.items()}
    table = lines[list(item_paths)]
    builder = ResultBuilder(_ItemPlan(table, item_paths))  # type: ignore[arg-type]
    changes = np.zeros(len(lines), dtype="int64")
    more: dict[int, list[JSON] | None] = {}

    is_ok = (result["run.status"] == "ok").to_numpy()
    for group in np.flatnonzero(is_ok).tolist():
        before, after = folded.table[name].iloc[group], result[name].iloc[group]
        sent = before if isinstance(before, list) else []
        answered = after if isinstance(after, list) else []
        if sent == answered:
            continue

        match = match_items(sent, answered)
        rows = [row for row in folded.groups.of(group) if has_item[row]]
        for row, item, place in zip(rows, sent, match.of_sent, strict=False):
            left = {} if place is None else {_ITEM: answered[place]}
            request = RunWorkflowRequest(objects={_ITEM: item})
            builder.add(row, Outcome("ok", objects=left), request)

        kept = [place for place in match.of_sent[len(rows) :] if place is not None]
        extra = [answered[place] for place in (*kept, *match.added)]
        if extra or len(sent) > len(rows):
            first = folded.groups.of(group)[0]
            more[first] = extra or None
            changes[first] = count_changes(sent[len(rows) :], extra)

    frame = builder.frame()
    changes += _counts(frame["run.changes"])
    spread = _Spread(_renamed(frame, line_list), changes)
    if more:
        spread.columns.update(_more_column(folded, line_list, more))
    return spread


def _renamed(frame: pd.DataFrame, line_list: LineList) -> dict[Any, Any]:
    """Return the columns of items by their names in the table."""
    own = set(line_list.columns.values())
    columns = {}
    for name in frame.columns:
        if name in RUN_COLUMNS:
            continue
        new_name = name
        if name not in own:
            inside = name.removeprefix(paths.format(_ITEMS))
            new_name = f"{line_list.name}{EACH}{inside}"
        columns[new_name] = frame[name].array
    return columns


def _counts(column: pd.Series[Any]) -> np.ndarray[Any, Any]:
    return np.asarray(column.fillna(0).to_numpy(dtype="int64"))


def _more_column(
    folded: Folded, line_list: LineList, more: Mapping[int, list[JSON] | None]
) -> dict[Any, Any]:
    """Return the column of the items beyond the lines."""
    name = line_list.more or f"{line_list.name}{MORE}"
    cells: list[Any] = [None] * len(folded.lines)
    if line_list.more is not None:
        cells = folded.lines[name].tolist()
        for row in more:
            for other in folded.groups.of(int(folded.groups.of_row[row])):
                cells[other] = None
    for row, items in more.items():
        cells[row] = items
    return {name: column_array(cells)}


def _run_columns(folded: Folded, result: pd.DataFrame, spreads: list[_Spread]) -> dict[str, Any]:
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


def _line_changes(folded: Folded, result: pd.DataFrame, spreads: list[_Spread]) -> Any:
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


def _attributes(result: pd.DataFrame, spreads: list[_Spread]) -> dict[Any, Any]:
    attributes = dict(result.attrs)
    names = [name for spread in spreads for name in spread.columns]
    facts = {**attributes.get("flxframe", {}), "line_columns": names}
    return {**attributes, "flxframe": facts}
