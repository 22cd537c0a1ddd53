"""The tree of `objects`, and the columns that fill it. Pure: no network, no clock, no disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from flxframe.exceptions import RequestError
from flxframe.models import JSON
from flxframe.request import nested, paths
from flxframe.request.cells import BLANK


class Node:
    """A place in `objects`: the column that fills it as a whole, and the places inside it.

    Parameters
    ----------
    path : tuple
        The path of the place.
    columns : Mapping
        The number of each column that fills the place or a part of it, by the path inside it.

    Examples
    --------
    >>> order = Node(("objects", "order"), {("sku",): 0, ("tags", 0): 1, ("tags", 1): 2})
    >>> order.build(["007", "new", BLANK])
    {'sku': '007', 'tags': ['new']}
    """

    __slots__ = ("_column", "_items", "_keys", "_path")

    def __init__(self, path: paths.Path, columns: Mapping[paths.Path, int]) -> None:
        self._path = path
        self._column = columns.get((), None)
        self._keys: list[_Child] = []
        self._items: list[_Child] = []

        branches: dict[str | int, dict[paths.Path, int]] = {}
        for inside, number in columns.items():
            if inside:
                branches.setdefault(inside[0], {})[inside[1:]] = number

        for step, branch in branches.items():
            children = self._items if isinstance(step, int) else self._keys
            if branch.keys() == {()}:
                children.append((step, branch[()], None))
            else:
                node = Node((*path, step), branch)
                children.append((step, -1, node))
        self._items.sort(key=lambda child: child[0])

    def build(self, row: Sequence[Any]) -> Any:
        """Return the JSON value that the cells of a row put here, or `BLANK`.

        Raises
        ------
        RequestError
            If the place is filled as a whole and in parts, or a list has a gap.
        """
        value: Any = BLANK
        if self._column is not None:
            value = row[self._column]

        if self._keys:
            value = self._claim(value, self._build_object(row))
        if self._items:
            value = self._claim(value, self._build_array(row))
        return value

    def nullable(self) -> Iterator[int]:
        """Yield the columns whose blanks can be null: no other fills a place above or inside."""
        children = [*self._keys, *self._items]
        if self._column is not None:
            if not children:
                yield self._column
            return

        for _, column, node in children:
            if node is None:
                yield column
            else:
                yield from node.nullable()

    def _build_object(self, row: Sequence[Any]) -> dict[str | int, JSON]:
        members: dict[str | int, JSON] = {}
        for key, column, node in self._keys:
            # Most places have only a column, and a call for each would double the time.
            value = row[column] if node is None else node.build(row)
            if value is not BLANK:
                members[key] = value
        return members

    def _build_array(self, row: Sequence[Any]) -> list[JSON]:
        values: list[JSON] = []
        for position, column, node in self._items:
            value = row[column] if node is None else node.build(row)
            if value is BLANK:
                continue

            if position != len(values):
                place = paths.format((*self._path, position))
                gap = paths.format((*self._path, len(values)))
                raise RequestError(
                    f"{place} is filled but {gap} is blank, and a list can't have a gap: "
                    "move the items up"
                )
            values.append(value)
        return values

    def _claim(self, value: Any, parts: Any) -> Any:
        """Return the whole value or its parts; both can be filled only if the whole has them."""
        if not parts:
            return value
        if value is BLANK:
            return parts

        # A result has a long list whole in one cell, next to the columns of its first items.
        if not nested.contains(value, parts):
            raise RequestError(
                f"{paths.format(self._path)} is filled as a whole and in parts that differ from "
                "it, and only one of them can be sent: clear the other"
            )
        return value


_Child: TypeAlias = tuple[str | int, int, Node | None]
"""A step, and the number of its only column or the node of several columns."""
