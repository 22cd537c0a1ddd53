"""Keep long lists, and objects with too many new fields, whole in one cell. Pure.

A column is as long as the table, so an answer must not create any number of them. What stays whole
depends on the answers alone, not on the order in which they arrive:

- A list of more than 100 items is whole in its row; shorter lists have a column per field.
- If the table would get more than 1,000 new columns, the deepest objects and lists that have more
  than 1,000 of them are whole in each row that has one of these fields.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import pandas as pd

from flxframe.dtypes import is_integral
from flxframe.exceptions import RequestError
from flxframe.models import JSON
from flxframe.request import paths
from flxframe.request.cells import BLANK
from flxframe.request.series import column_to_json
from flxframe.text import counted

MAX_ITEMS = 100
MAX_NEW_COLUMNS = 1_000

Field: TypeAlias = tuple[paths.Path, list[int], list[JSON]]
"""The path of a new field, the positions of the rows that have it, and their values."""


def join_fields(
    fields: list[Field], columns: Mapping[paths.Path, Any]
) -> tuple[list[Field], list[Field]]:
    """Join new fields to whole values, if there are too many for a column each.

    Parameters
    ----------
    fields : list
        The new fields.
    columns : Mapping
        The columns of the table by their paths, with their new values: parts of whole values.

    Returns
    -------
    list
        The fields that are columns.
    list
        The whole values, as fields.
    """
    new = [path for path, _, _ in fields if path not in columns]
    if len(new) <= MAX_NEW_COLUMNS:
        return fields, []

    place_of = whole_places(new)
    places = {place for path, place in place_of.items() if place != path}
    single: list[Field] = []
    parts: dict[paths.Path, list[Field]] = {place: [] for place in sorted(places, key=str)}
    for field in fields:
        place = place_of.get(field[0], field[0])
        parts.get(place, single).append(field)

    return single, [_join(place, inside, columns) for place, inside in parts.items()]


def whole_places(fields: Iterable[paths.Path]) -> dict[paths.Path, paths.Path]:
    """Return the place of each field: its own path, or that of the value that stays whole.

    Examples
    --------
    >>> fields = [("objects", "order", f"k{number}") for number in range(1001)]
    >>> sorted(set(whole_places([*fields, ("objects", "note")]).values()))
    [('objects', 'note'), ('objects', 'order')]
    """
    place_of = {path: path for path in fields}
    for depth in range(max(map(len, place_of)) - 1, 0, -1):
        deeper = {place for place in place_of.values() if len(place) > depth}
        counts = Counter(place[:depth] for place in deeper)
        for path, place in place_of.items():
            if len(place) > depth and counts[place[:depth]] > MAX_NEW_COLUMNS:
                place_of[path] = place[:depth]
    return place_of


def notes(fields: list[Field], whole: list[Field]) -> list[str]:
    """Return a sentence for each place where rows have a whole value instead of columns."""
    texts = []
    for path, _, values in fields:
        if list in map(type, values):
            lists = sum(type(value) is list and len(value) > MAX_ITEMS for value in values)
            if lists:
                texts.append(
                    f"{paths.format(path)} is whole in one cell in {counted(lists, 'row')}, since "
                    f"the list has more than {MAX_ITEMS} items"
                )

    for path, positions, _ in whole:
        texts.append(
            f"{paths.format(path)} is whole in one cell in {counted(len(positions), 'row')}, since "
            f"its new fields would be more than {MAX_NEW_COLUMNS:,} columns"
        )
    return texts


def _join(place: paths.Path, fields: list[Field], columns: Mapping[paths.Path, Any]) -> Field:
    """Return the whole values at a place, in the rows that have one of these fields."""
    positions = sorted({position for _, positions, _ in fields for position in positions})
    values = {position: _Branch() for position in positions}

    for path, array in columns.items():
        if len(path) > len(place) and path[: len(place)] == place:
            column = pd.Series(array, dtype=array.dtype)
            cells = column_to_json(column.iloc[positions], integral=is_integral(column))
            for position, cell in zip(positions, cells, strict=True):
                if cell is not BLANK and not isinstance(cell, RequestError):
                    values[position].put(path[len(place) :], cell)

    for path, rows, cells in fields:
        for position, cell in zip(rows, cells, strict=True):
            values[position].put(path[len(place) :], cell)
    return place, positions, [values[position].value() for position in positions]


class _Branch(dict[str | int, Any]):
    """A value that is built from its leaves; a later leaf replaces what is in its way."""

    def put(self, path: paths.Path, value: JSON) -> None:
        """Put a value at a path, which is not empty."""
        branch = self
        for step in path[:-1]:
            inner = branch.get(step)
            if not isinstance(inner, _Branch):
                inner = branch[step] = _Branch()
            branch = inner
        branch[path[-1]] = value

    def value(self) -> JSON:
        """Return the value as JSON; a blank item of a list is null."""
        closed: dict[Any, JSON] = {}
        for step, inner in self.items():
            closed[step] = inner.value() if isinstance(inner, _Branch) else inner

        if any(isinstance(step, str) for step in closed):
            return {str(step): item for step, item in closed.items()}
        return [closed.get(number) for number in range(max(closed) + 1)]
