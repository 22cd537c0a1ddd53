"""Fold the marks of lines to those of their group. Pure: no network, no clock, no disk.

Each line of a group has the group's fingerprint with its own number and the number of lines,
``...-2/3``. Without all of them, in whatever order, the group is not as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from flxframe.models import RUN_COLUMNS
from flxframe.request.fingerprints import OTHER_LINES, Fingerprint
from flxframe.request.groups import Array, Groups
from flxframe.request.marks import Mark

_FINGERPRINT, _STATUS, _CHANGES = "run.fingerprint", "run.status", "run.changes"


def line_order(marks: Mapping[int, Mark], groups: Groups) -> Array | None:
    """Return a number for each line by which those of a group are sorted; None if none has one.

    A table that was sorted has the lines of an order in another order than they were sent.
    """
    order = np.arange(len(groups.rows))
    is_any = False
    for number in range(len(groups)):
        rows = groups.of(number)
        own = _common_fingerprint([marks.get(row) for row in rows])
        if own is not None and len(rows) > 1:
            is_any = True
            for row in rows:
                order[row] = _line(marks[row])
    return order if is_any else None


def fold_marks(
    lines: pd.DataFrame, marks: Mapping[int, Mark], groups: Groups, table: pd.DataFrame
) -> pd.DataFrame:
    """Return the folded table with the ``run.*`` columns that the lines have.

    Parameters
    ----------
    lines : DataFrame
        The table of lines.
    marks : Mapping
        Their marks, by position.
    groups : Groups
        The groups.
    table : DataFrame
        One row for each group.
    """
    names = [name for name in RUN_COLUMNS if name in lines.columns]
    if not names:
        return table

    sources, fingerprints, statuses = [], [], []
    for number in range(len(groups)):
        rows = groups.of(number)
        source, fingerprint, status = _group_mark(rows, marks)
        sources.append(source)
        fingerprints.append(fingerprint)
        statuses.append(status)

    columns = {}
    for name in names:
        columns[name] = lines[name].iloc[sources].array
    if _FINGERPRINT in names:
        columns[_FINGERPRINT] = pd.array(fingerprints, dtype=object)
    if _STATUS in names:
        columns[_STATUS] = pd.array(statuses, dtype=object)
    if _CHANGES in names:
        columns[_CHANGES] = _summed(lines[_CHANGES], groups)
    return table.assign(**columns)


def _group_mark(rows: list[int], marks: Mapping[int, Mark]) -> tuple[int, str | None, str | None]:
    """Return the line whose mark is the group's, its fingerprint and its status."""
    own = [marks.get(row) for row in rows]
    marked = [(row, mark) for row, mark in zip(rows, own, strict=True) if mark is not None]
    if not marked:
        return rows[0], None, None

    done = [(row, mark) for row, mark in marked if mark.is_done]
    row, mark = (done or marked)[0]
    fingerprint = mark.fingerprint
    statuses = [item.status for _, item in marked if item.status is not None]
    status = mark.status
    if fingerprint is None:
        return row, None, status

    # A status that differs is one that the user has set, on one line or on all of them. Two such
    # statuses contradict each other, and nobody can set invalid, so that the call asks.
    changed = {item for item in statuses if item != fingerprint.status}
    if changed:
        status = changed.pop() if len(changed) == 1 else "invalid"
    if _common_fingerprint(own) is None and (mark.is_done or _is_cut(own, fingerprint)):
        fingerprint = replace(fingerprint, content=OTHER_LINES)
    return row, str(replace(fingerprint, line=0, lines=0)), status


def _is_cut(own: list[Mark | None], fingerprint: Fingerprint) -> bool:
    """Return whether lines that were there are missing, as in a table that was filtered."""
    numbers = set()
    for mark in own:
        if mark is not None and mark.fingerprint is not None:
            numbers.add((mark.fingerprint.id, mark.fingerprint.line))
    return any((fingerprint.id, line) not in numbers for line in range(1, fingerprint.lines + 1))


def _common_fingerprint(marks: list[Mark | None]) -> Fingerprint | None:
    """Return the fingerprint that all lines of a group have, if none is missing or too many."""
    found = set()
    numbers = []
    for mark in marks:
        if mark is None or mark.fingerprint is None:
            return None
        found.add(replace(mark.fingerprint, line=0))
        numbers.append(mark.fingerprint.line)

    (first, *others) = found
    is_whole = sorted(numbers) == list(range(1, len(marks) + 1)) and first.lines == len(marks)
    return first if is_whole and not others else None


def _line(mark: Mark) -> int:
    return 0 if mark.fingerprint is None else mark.fingerprint.line


def _summed(column: pd.Series[Any], groups: Groups) -> Any:
    """Return the number of changes of each group; missing if its lines have none."""
    numbers = pd.to_numeric(column, errors="coerce").astype("Int64")
    return numbers.groupby(groups.of_row).sum(min_count=1).array
