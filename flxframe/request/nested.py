"""Flat tables and nested values. Pure: no network, no clock, no disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from flxframe.exceptions import PathError
from flxframe.models import JSON
from flxframe.request.paths import Path


def flatten(value: JSON, path: Path = ()) -> dict[Path, JSON]:
    """Take a nested value apart: one entry a leaf. Null and an empty dict or list are leaves.

    Parameters
    ----------
    value : JSON
        Any value of JSON.
    path : tuple, optional
        What every path of the answer begins with.

    Examples
    --------
    >>> flatten({"order": {"tags": ["a", "b"], "note": None}})
    {('order', 'tags', 0): 'a', ('order', 'tags', 1): 'b', ('order', 'note'): None}
    """
    tree = Tree()
    tree.add(0, value)
    return {leaf: values[0] for leaf, _, values in tree.columns(path)}


class Tree:
    """Many nested values, taken apart together: the leaves that live at one path are one column.

    To go through a column costs a tenth of going through each value, so nothing is taken apart before it is asked for.

    Examples
    --------
    >>> tree = Tree()
    >>> tree.add(0, {"order": {"tags": ["a", "b"]}})
    >>> tree.add(1, {"order": {"tags": ["c"]}})
    >>> list(tree.columns())
    [(('order', 'tags', 0), [0, 1], ['a', 'c']), (('order', 'tags', 1), [0], ['b'])]
    """

    __slots__ = ("_branches", "_positions", "_values")

    def __init__(self) -> None:
        self._branches: dict[str | int, Tree] = {}
        self._positions: list[int] = []
        self._values: list[JSON] = []

    def at(self, path: Path) -> Tree:
        """Return the branch at a path, grown if need be."""
        tree = self
        for step in path:
            branch = tree._branches.get(step)
            if branch is None:
                branch = tree._branches[step] = Tree()
            tree = branch
        return tree

    def add(self, position: int, value: JSON) -> None:
        """Add the value that the row at a position has at this place."""
        self._positions.append(position)
        self._values.append(value)

    def columns(self, path: Path = ()) -> Iterator[tuple[Path, list[int], list[JSON]]]:
        """Yield of every path that has leaves the positions of their rows, and the leaves."""
        self._grow()
        if self._values:
            yield path, self._positions, self._values
        for step, branch in self._branches.items():
            yield from branch.columns((*path, step))

    def _grow(self) -> None:
        """Hand what is inside the values on to the branches, and keep the leaves."""
        kinds = set(map(type, self._values))
        if not kinds & {dict, list}:
            return
        rows = (self._positions, self._values)
        self._positions, self._values = [], []
        if len(kinds) == 1 and all(rows[1]):
            self._hand_on(*rows)
            return
        nested: dict[type, Tree] = {dict: Tree(), list: Tree()}
        for position, value in zip(*rows, strict=True):
            (nested.get(type(value), self) if value else self).add(position, value)
        for some in nested.values():
            self._hand_on(some._positions, some._values)

    def _hand_on(self, positions: list[int], values: list[Any]) -> None:
        """Hand on what is inside values that are all dicts, or all lists, and none of them empty."""
        if not values:
            return
        is_list = isinstance(values[0], list)
        steps = (
            range(max(map(len, values))) if is_list else dict.fromkeys(chain.from_iterable(values))
        )
        for step in steps:
            branch = self.at((step,))
            try:
                branch._values += [value[step] for value in values]
                branch._positions += positions
            except LookupError:  # some rows have nothing there
                for position, value in zip(positions, values, strict=True):
                    if step < len(value) if is_list else step in value:
                        branch.add(position, value[step])


def unflatten(leaves: Mapping[Path, JSON]) -> JSON:
    """Put a nested value together again, so that ``unflatten(flatten(value)) == value``.

    Parameters
    ----------
    leaves : Mapping
        Paths and their values, in any order.

    Raises
    ------
    PathError
        If two paths can't stand together, or a list would have a hole.

    Examples
    --------
    >>> unflatten({("items", 1): "b", ("items", 0): "a"})
    {'items': ['a', 'b']}
    """
    if () in leaves and len(leaves) == 1:
        return leaves[()]
    branches: dict[str | int, dict[Path, Any]] = {}
    for path, value in leaves.items():
        if not path:
            raise PathError("a value and something inside it can't both be given")
        branches.setdefault(path[0], {})[path[1:]] = value
    values = {step: unflatten(branch) for step, branch in branches.items()}
    positions = sorted(step for step in values if isinstance(step, int))
    if not positions:
        return values
    if positions != list(range(len(values))):
        raise PathError("a list has a hole, or keys and list items stand side by side")
    return [values[position] for position in positions]


def get(value: JSON, path: Path, default: Any = None) -> Any:
    """Return what lives at `path` inside `value`, or `default` where nothing does.

    Examples
    --------
    >>> get({"items": [{"sku": "007"}]}, ("items", 0, "sku"))
    '007'
    """
    for step in path:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return default
        elif not isinstance(value, Mapping) or step not in value:
            return default
        value = value[step]
    return value
