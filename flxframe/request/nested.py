"""Flatten nested values to leaves, and back. Pure: no network, no clock, no disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from flxframe.exceptions import PathError
from flxframe.models import JSON
from flxframe.request.paths import Path


def flatten(value: JSON, path: Path = ()) -> dict[Path, JSON]:
    """Return the leaves of a nested value by their paths; null, {} and [] are leaves.

    Parameters
    ----------
    value : JSON
        Any JSON value.
    path : tuple, optional
        The start of every returned path.

    Examples
    --------
    >>> flatten({"order": {"tags": ["a", "b"], "note": None}})
    {('order', 'tags', 0): 'a', ('order', 'tags', 1): 'b', ('order', 'note'): None}
    """
    tree = Tree()
    tree.add(0, value)
    return {leaf: values[0] for leaf, _, values in tree.columns(path)}


class Tree:
    """Many nested values, flattened together: the leaves at one path are one column.

    Flattening a whole column at once takes a tenth of the time of flattening each value, so nothing
    is flattened before `columns` is called.

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
        """Return the branch at a path, and create it if necessary."""
        tree = self
        for step in path:
            branch = tree._branches.get(step)
            if branch is None:
                branch = tree._branches[step] = Tree()
            tree = branch
        return tree

    def add(self, position: int, value: JSON) -> None:
        """Add the value that the row at a position has at this path."""
        self._positions.append(position)
        self._values.append(value)

    def columns(self, path: Path = ()) -> Iterator[tuple[Path, list[int], list[JSON]]]:
        """Yield each path that has leaves, with the positions of their rows and the leaves."""
        self._split()
        if self._values:
            yield path, self._positions, self._values

        for step, branch in self._branches.items():
            yield from branch.columns((*path, step))

    def _split(self) -> None:
        """Move the items of dicts and lists to the branches, and keep the leaves."""
        types = set(map(type, self._values))
        if not types & {dict, list}:
            return

        positions, values = self._positions, self._values
        self._positions, self._values = [], []
        if len(types) == 1 and all(values):
            self._add_items(positions, values)
            return

        containers: dict[type, Tree] = {dict: Tree(), list: Tree()}
        for position, value in zip(positions, values, strict=True):
            tree = containers.get(type(value), self) if value else self
            tree.add(position, value)

        for tree in containers.values():
            if tree._values:
                self._add_items(tree._positions, tree._values)

    def _add_items(self, positions: list[int], values: list[Any]) -> None:
        """Add the items of values to the branches; all values are dicts, or all are lists."""
        is_list = isinstance(values[0], list)
        steps: Iterable[Any]
        if is_list:
            steps = range(max(map(len, values)))
        else:
            steps = dict.fromkeys(chain.from_iterable(values))

        for step in steps:
            branch = self.at((step,))
            try:
                branch._values += [value[step] for value in values]
                branch._positions += positions
            except LookupError:  # some of the values do not have this step
                for position, value in zip(positions, values, strict=True):
                    has_item = step < len(value) if is_list else step in value
                    if has_item:
                        branch.add(position, value[step])


def unflatten(leaves: Mapping[Path, JSON]) -> JSON:
    """Build a nested value from its leaves, so that ``unflatten(flatten(value)) == value``.

    Parameters
    ----------
    leaves : Mapping
        Paths and their values, in any order.

    Raises
    ------
    PathError
        If two paths contradict each other, or a list would have a gap.

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
        raise PathError("a list has a gap, or one value has both keys and list items")
    return [values[position] for position in positions]


def get(value: JSON, path: Path, default: Any = None) -> Any:
    """Return the value at `path` inside `value`, or `default` if there is none.

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
