"""Find the columns that have one list item per row. Pure: no network, no clock, no disk.

In a run with ``group_by=``, ``[]`` stands for the item of the row::

    objects.order.items[].sku              the sku of the row's item
    objects.order.items[].options[0].name  something inside it
    objects.order.tags[]                   the item itself
    objects.order.items[+]                 a list of items after those of the rows
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flxframe.exceptions import PathError, TableError
from flxframe.request import paths

EACH, MORE = "[]", "[+]"

# A key in quotes is skipped, since it might contain brackets.
_MARKER = re.compile(r'\["(?:[^"\\]|\\.)*"\]|(\[\+?\])')


@dataclass(frozen=True, slots=True)
class LineList:
    """A list of a request whose items come from the rows of a group.

    Parameters
    ----------
    path : tuple
        The path of the list.
    columns : dict
        The columns that have a part of each item, by the path inside it.
    more : str, optional
        The column that has a list of further items.
    """

    path: paths.Path
    columns: dict[paths.Path, Any] = field(default_factory=dict)
    more: Any = None

    @property
    def name(self) -> str:
        """The path of the list, as the name of a column."""
        return paths.format(self.path)


def line_lists(names: Iterable[Any], columns: Mapping[str, str | None]) -> list[LineList]:
    """Return the lists whose items come from the rows of a group.

    Parameters
    ----------
    names : iterable
        The names of the table's columns.
    columns : Mapping
        A column's path, or None for a column that must not be sent.

    Raises
    ------
    PathError
        If ``[]`` is in a place where no list of items can be.
    TableError
        If two columns have the same path.

    Examples
    --------
    >>> names = ["objects.order.items[].sku", "Qty"]
    >>> (items,) = line_lists(names, {"Qty": "objects.order.items[].qty"})
    >>> items.columns
    {('sku',): 'objects.order.items[].sku', ('qty',): 'Qty'}
    """
    lists: dict[paths.Path, LineList] = {}
    for name in names:
        text = columns.get(name, name)
        split = split_path(text, name) if isinstance(text, str) else None
        if split is None:
            continue

        path, marker, inside = split
        line_list = lists.setdefault(path, LineList(path))
        other = line_list.more if marker == MORE else line_list.columns.get(inside)
        if other is not None:
            raise TableError(
                f"columns {other!r} and {name!r} both have the path {text}: leave one out with "
                f"columns={{{name!r}: None}}, or give it another path"
            )
        if marker == MORE:
            lists[path] = LineList(path, line_list.columns, name)
        else:
            line_list.columns[inside] = name
    return list(lists.values())


def split_path(text: str, column: Any) -> tuple[paths.Path, str, paths.Path] | None:
    """Split a path at its ``[]`` or ``[+]``; None if it has neither.

    Raises
    ------
    PathError
        If it has two of them, or one where no list can be.

    Examples
    --------
    >>> split_path("objects.order.items[].sku", None)
    (('objects', 'order', 'items'), '[]', ('sku',))
    """
    if EACH not in text and MORE not in text:  # nearly all
        return None

    markers = [match for match in _MARKER.finditer(text) if match[1]]
    if not markers:
        return None

    marker = markers[0][1]
    before, after = text[: markers[0].start()], text[markers[0].end() :]
    label = f"column {column!r}" if text == column else f"columns={{{column!r}: {text!r}}}"
    if len(markers) > 1:
        raise PathError(f"{label}: a path has [] or [+] only once")
    if marker == MORE and after:
        raise PathError(f"{label}: nothing can be inside of [+], which is a list of items")

    path = paths.parse(before, label=label, column=column)
    if path[:1] != ("objects",) or len(path) < 3:
        raise PathError(
            f"{label}: [] is only valid after a list inside an object, such as "
            "objects.order.items[].sku"
        )
    if after and after[0] not in ".[":
        raise PathError(f"{label}: after [] comes a dot, such as in objects.order.items[].sku")
    inside = paths.parse(after.removeprefix("."), label=label, column=column)
    return path, marker, inside


def check_no_conflict(lists: Iterable[LineList], sent: Mapping[Any, paths.Path]) -> None:
    """Raise if a column fills a list, or an item of it, that comes from the rows of a group.

    Parameters
    ----------
    lists : iterable of LineList
        The lists.
    sent : Mapping
        The other columns that are sent, and the path of each.

    Raises
    ------
    TableError
        The message names both columns.
    """
    for line_list in lists:
        depth = len(line_list.path)
        for name, path in sent.items():
            shorter = min(depth, len(path))
            if path[:shorter] != line_list.path[:shorter] or len(path) <= 1:
                continue
            own = next(iter([*line_list.columns.values(), line_list.more]))
            raise TableError(
                f"columns {own!r} and {name!r} both fill {line_list.name}: items come either from "
                f"the rows of a group ([]) or from one cell. Leave one out with "
                f"columns={{{name!r}: None}}, or rename it"
            )


def refuse_line_columns(names: Iterable[Any], columns: Mapping[str, str | None]) -> None:
    """Raise if a column has ``[]`` or ``[+]`` in its path, in a run without groups.

    Raises
    ------
    PathError
        The message names the column.
    """
    for name in names:
        text = columns.get(name, name)
        if isinstance(text, str) and paths.first_key(text) == "objects" and _is_marked(text, name):
            raise PathError(
                f"column {name!r} has the path {text}, and [] means one list item per row of an "
                "order: pass group_by= with the column that has the order's number"
            )


def _is_marked(text: str, name: Any) -> bool:
    try:
        return split_path(text, name) is not None
    except PathError:
        return True
