"""Column names and paths, flat tables and nested values. Pure: no network, no clock, no disk.

A path is where a value lives in the JSON body, as a tuple of keys and list positions::

    objects.order.items[0].sku             ("objects", "order", "items", 0, "sku")
    objects.order["note.to.buyer"]         ("objects", "order", "note.to.buyer")
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from flxframe.exceptions import PathError
from flxframe.outcomes import JSON

Path: TypeAlias = tuple[str | int, ...]

_STEP = re.compile(
    r"""
      \[ (?P<index> 0 | [1-9][0-9]{0,99} ) \]
    | \[ (?P<quoted> "(?: [^"\\] | \\. )*" ) \]
    | (?P<dot> \. )? (?P<key> [^.\[\]"]+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_MUST_QUOTE = re.compile(r'[.\[\]"]')


def parse(name: str) -> Path:
    """Read a column's name as a path.

    Parameters
    ----------
    name : str
        Keys joined by ``.``, list items as ``[n]``, awkward keys as ``["..."]``.

    Raises
    ------
    PathError
        If the name isn't a path; the message says where it stops being one.

    Examples
    --------
    >>> parse('objects.order.items[0]["a.b"]')
    ('objects', 'order', 'items', 0, 'a.b')
    """
    steps: list[str | int] = []
    position = 0
    while position < len(name):
        match = _STEP.match(name, position)
        # A key after a step needs its dot; a first key must not have one.
        if match is None or (match["key"] is not None and bool(match["dot"]) != bool(steps)):
            raise _no_path(name, position)
        if match["index"] is not None:
            steps.append(int(match["index"]))
        elif match["quoted"] is not None:
            try:
                steps.append(json.loads(match["quoted"], strict=False))
            except ValueError:
                raise _no_path(name, position) from None
        else:
            steps.append(match["key"])
        position = match.end()
    return tuple(steps)


def _no_path(name: str, position: int) -> PathError:
    return PathError(
        f"column {name!r} is no path: it can't be read from {name[position:]!r} on. Join keys with '.', write list "
        'items as [0], and a key that holds . [ ] or " as ["..."]; '
        f"or leave the column out of the request with columns={{{name!r}: None}}"
    )


@lru_cache(maxsize=65536)
def format(path: Path) -> str:
    """Write a path as a column's name, so that ``parse(format(path)) == path``.

    Examples
    --------
    >>> format(("objects", "order", "items", 0, "a.b"))
    'objects.order.items[0]["a.b"]'
    """
    name = ""
    for step in path:
        if isinstance(step, int):
            name += f"[{step}]"
        elif not step or _MUST_QUOTE.search(step):
            name += f"[{json.dumps(step, ensure_ascii=False)}]"
        else:
            name += f".{step}" if name else step
    return name


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
    return {leaf: cells[0] for leaf, cells in tree.columns(path)}


class Tree:
    """The leaves of many nested values, those at one path together.

    Attributes
    ----------
    cells : dict
        The leaves at this place, by the position of the row that they belong to.

    Examples
    --------
    >>> tree = Tree()
    >>> tree.add(0, {"order": {"tags": ["a", "b"]}}), tree.add(1, {"order": {"tags": ["c"]}})
    (2, 1)
    >>> list(tree.columns())
    [(('order', 'tags', 0), {0: 'a', 1: 'c'}), (('order', 'tags', 1), {0: 'b'})]
    """

    __slots__ = ("_branches", "cells")

    def __init__(self) -> None:
        self._branches: dict[str | int, Tree] = {}
        self.cells: dict[int, JSON] = {}

    def at(self, path: Path) -> Tree:
        """Return the branch at a path, grown if need be."""
        tree = self
        for step in path:
            branch = tree._branches.get(step)
            if branch is None:
                branch = tree._branches[step] = Tree()
            tree = branch
        return tree

    def add(self, position: int, value: JSON) -> int:
        """Add the leaves of a row's value that begins at this place, and return how many they are."""
        items: Iterable[tuple[str | int, JSON]]
        if isinstance(value, Mapping) and value:
            items = value.items()
        elif isinstance(value, list) and value:
            items = enumerate(value)
        else:
            self.cells[position] = value
            return 1
        count = 0
        branches = self._branches
        for step, item in items:
            branch = branches.get(step)
            if branch is None:
                branch = branches[step] = Tree()
            if isinstance(item, (dict, list)):
                count += branch.add(position, item)
            else:  # nearly all; a call for each would take longer than all the rest
                branch.cells[position] = item
                count += 1
        return count

    def columns(self, path: Path = ()) -> Iterator[tuple[Path, dict[int, JSON]]]:
        """Yield the path of every place that has leaves, and these."""
        if self.cells:
            yield path, self.cells
        for step, branch in self._branches.items():
            yield from branch.columns((*path, step))


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
