"""The places in `objects`, and the columns that fill them. Pure: no network, no clock, no disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flxframe.exceptions import RequestError
from flxframe.models import JSON
from flxframe.request import paths
from flxframe.request.cells import BLANK


class Node:
    """A place in `objects`: the column that fills it, and the places inside it."""

    __slots__ = ("column", "items", "keys", "leaf", "path")

    def __init__(self, path: paths.Path) -> None:
        self.path = path
        self.column = -1
        self.leaf = True
        self.keys: dict[str, Node] = {}
        self.items: dict[int, Node] = {}

    def child(self, step: str | int) -> Node:
        children: dict[Any, Node] = self.items if isinstance(step, int) else self.keys
        if step not in children:
            children[step] = Node((*self.path, step))
            self.leaf = False
        return children[step]

    def build(self, row: Sequence[Any]) -> Any:
        """Return what the row's cells put here: a JSON value, or `BLANK`."""
        value = BLANK if self.column < 0 else row[self.column]
        if self.keys:
            inside = {
                key: item
                for key, node in self.keys.items()
                # Most places are leaves, and a call for each would double the time of the whole.
                if (item := row[node.column] if node.leaf else node.build(row)) is not BLANK
            }
            value = self._claim(value, inside)
        if self.items:
            value = self._claim(value, self._array(row))
        return value

    def _array(self, row: Sequence[Any]) -> list[JSON]:
        values: list[JSON] = []
        for position in sorted(self.items):
            value = self.items[position].build(row)
            if value is BLANK:
                continue
            if position != len(values):
                place, hole = (paths.format((*self.path, item)) for item in (position, len(values)))
                raise RequestError(
                    f"{place} is filled but {hole} is blank, and a list can't have a hole: move the items up"
                )
            values.append(value)
        return values

    def _claim(self, value: Any, inside: Any) -> Any:
        if not inside:
            return value
        if value is not BLANK:
            raise RequestError(
                f"{paths.format(self.path)} is filled as a whole and in parts, and only one can be sent: blank either"
            )
        return inside


def nullable(node: Node) -> Iterator[int]:
    """Find the columns whose blanks can be null: those without another column above or inside their place."""
    if node.leaf:
        yield from (node.column,) if node.column >= 0 else ()
    elif node.column < 0:
        for child in (*node.keys.values(), *node.items.values()):
            yield from nullable(child)
