"""Put the answered items of a list into the lines. Pure: no network, no clock, no disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import column_array, kind_of
from flxframe.models import RUN_COLUMNS, Outcome, RunWorkflowRequest
from flxframe.request import paths
from flxframe.request.folding import Folded
from flxframe.request.items import Match, is_blank_item, match_items
from flxframe.request.line_columns import EACH, MORE, LineList
from flxframe.result.build import ResultBuilder
from flxframe.result.compare import count_changes

_ITEM = "item"
_ITEMS = ("objects", _ITEM)


@dataclass(frozen=True)
class _ItemPlan:
    """The columns of a list's items, as a table of its own."""

    table: pd.DataFrame
    paths: dict[Any, paths.Path]


@dataclass
class Spread:
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


def spread_list(folded: Folded, result: pd.DataFrame, number: int, line_list: LineList) -> Spread:
    """Return what the cells of a list become in the lines."""
    lines, name = folded.lines, folded.list_names[number]
    has_item = folded.has_item[number]
    item_paths = {column: (*_ITEMS, *inside) for inside, column in line_list.columns.items()}
    table = lines[list(item_paths)]
    builder = ResultBuilder(_ItemPlan(table, item_paths))  # type: ignore[arg-type]
    changes = np.zeros(len(lines), dtype="int64")
    more: dict[int, Any] = {}

    is_ok = (result["run.status"] == "ok").to_numpy()
    sent_lists, answered_lists = folded.table[name].tolist(), result[name].tolist()
    for group in np.flatnonzero(is_ok).tolist():
        before, after = sent_lists[group], answered_lists[group]
        sent = before if isinstance(before, list) else []
        answered = after if isinstance(after, list) else []
        if before is after or sent == after:
            continue

        match = match_items(sent, answered)
        rows = [row for row in folded.groups.of(group) if has_item[row]]
        for row, item, place in zip(rows, sent, match.of_sent, strict=False):
            left = {}
            if place is not None and not is_blank_item(answered[place]):
                left = {_ITEM: answered[place]}
            request = RunWorkflowRequest(objects={_ITEM: item})
            builder.add(row, Outcome("ok", objects=left), request)

        extra = _further_items(match, len(rows), after)
        has_extra = extra is not None and extra != []
        if has_extra or len(sent) > len(rows):
            first = folded.groups.of(group)[0]
            more[first] = extra if has_extra else None
            changes[first] = count_changes(sent[len(rows) :], extra)

    frame = builder.frame()
    changes += _counts(frame["run.changes"])
    spread = Spread(_renamed(frame, line_list), changes)
    if more:
        spread.columns.update(_more_column(folded, line_list, more))
    return spread


def _further_items(match: Match, rows: int, after: Any) -> Any:
    """Return the answered items beyond those of the lines, or what is there instead of a list."""
    if not isinstance(after, list):
        return None if kind_of(after) == "missing" else after

    places: list[int] = list(match.added)
    for place in reversed(match.of_sent[rows:]):
        if place is not None and not is_blank_item(after[place]):
            places.insert(0, place)
    return [after[place] for place in places]


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


def _more_column(folded: Folded, line_list: LineList, more: Mapping[int, Any]) -> dict[Any, Any]:
    """Return the column of the items beyond the lines."""
    name = line_list.more or f"{line_list.name}{MORE}"
    cells: list[Any] = [None] * len(folded.lines)
    if line_list.more is not None:
        cells = folded.lines[name].tolist()
        of_row = folded.groups.of_row
        for row in more:
            for other in folded.groups.of(int(of_row[row])):
                cells[other] = None
    for row, items in more.items():
        cells[row] = items
    return {name: column_array(cells)}
