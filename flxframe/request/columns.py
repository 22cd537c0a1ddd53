"""Column names to paths: which column goes where in the request. Pure: no network, no clock, no disk."""

from __future__ import annotations

import difflib
import re
import warnings
from collections.abc import Mapping
from typing import Any

import pandas as pd

from flxframe.dtypes import check_unique
from flxframe.exceptions import PathError, SettingError, TableError
from flxframe.request import paths
from flxframe.request.fields import FIELDS
from flxframe.text import listed

_NEAR_MISSES = {
    "eventhandle": "eventHandle",
    "workflowid": "id",
    "draft": "draft",
    "param": "params",
    "params": "params",
    "object": "objects",
    "objects": "objects",
}


_UNNAMED = re.compile(r"^$| \[(?:no header|column ([A-Z]+))\]$")
"""No name, or the end of the name that reading gives a column which has none of its own."""


def column_paths(
    table: pd.DataFrame,
    columns: Mapping[str, str | None] | None = None,
    object_handle: str | None = None,
) -> dict[str, paths.Path]:
    """Find the columns that are sent, and the path of each.

    Parameters
    ----------
    table : DataFrame
        The rows.
    columns : Mapping, optional
        A column's path, or None for a column that isn't to be sent.
    object_handle : str, optional
        The object handle that takes every column which is no request field.

    Raises
    ------
    TableError
        If no column goes into the request, names repeat, or two columns claim one place.
    PathError
        If a column's name is no path.

    Warns
    -----
    UserWarning
        For a column whose name nearly is a request field.

    Examples
    --------
    >>> column_paths(pd.DataFrame(columns=["eventHandle", "sku", "note"]), {"note": None}, object_handle="item")
    {'eventHandle': ('eventHandle',), 'sku': ('objects', 'item', 'sku')}
    """
    if object_handle is not None and (not isinstance(object_handle, str) or not object_handle):
        raise SettingError(
            f"object_handle={object_handle!r} must be an object's handle, such as 'order'"
        )
    if not isinstance(columns or {}, Mapping):
        raise SettingError(
            f"columns= must be a dict of columns and their paths, not a {type(columns).__name__}"
        )
    given = dict(columns or {})
    _check_names(table, given)
    sent: dict[str, paths.Path] = {}
    claimed: dict[paths.Path, str] = {}
    for name in table.columns:
        path = _path_of(name, given, object_handle)
        if path is None:
            continue
        if path in claimed:
            raise TableError(
                f"columns {claimed[path]!r} and {name!r} both claim {paths.format(path)}: leave one out with "
                f"columns={{{name!r}: None}}, or give it another path"
            )
        claimed[path] = name
        sent[name] = path
    if not sent and len(table.columns) and len(table):
        raise TableError(
            f"no column of the table is a request field ({', '.join(FIELDS[:3])}, params.<key>, objects.<handle>...), "
            "so there is nothing to send: name the columns so, give them a path with columns=, or send all of them "
            f"with object_handle='order'. The table has: {listed(table.columns)}"
        )
    return sent


def _check_names(table: pd.DataFrame, given: Mapping[str, str | None]) -> None:
    check_unique(table)
    for name in given:
        if name not in table.columns:
            close = difflib.get_close_matches(
                str(name), [str(column) for column in table.columns], n=1
            )
            hint = f"did you mean {close[0]!r}?" if close else f"It has: {listed(table.columns)}"
            raise TableError(f"columns= names {name!r}, but the table has no such column. {hint}")


def _path_of(
    name: Any, given: Mapping[str, str | None], object_handle: str | None
) -> paths.Path | None:
    """Return where a column's cells go, or None for a passenger."""
    if name in given:
        target = given[name]
        return None if target is None else _given_path(name, target)
    if not isinstance(name, str) or name.startswith("run."):
        if object_handle is not None and not isinstance(name, str):
            raise TableError(
                f"the column name {name!r} is no text, so it can't go under object_handle={object_handle!r}: rename it"
            )
        return None
    first = re.split(r"[.\[]", name, maxsplit=1)[0]
    if first in FIELDS:
        return _field_path(name, f"column {name!r}")
    right = _NEAR_MISSES.get(re.sub(r"[\s_-]", "", first).lower())
    if right is not None:
        warnings.warn(
            f"column {name!r} is no request field; did you mean {right + name[len(first) :]!r}? "
            f"To leave it out without this warning: columns={{{name!r}: None}}",
            UserWarning,
            stacklevel=2,
        )
    if object_handle is None:
        return None
    unnamed = _UNNAMED.search(name) if name.endswith("]") or not name else None
    if unnamed is not None:
        what = (
            "shares its name with another: rename one" if unnamed[1] else "has no name: give it one"
        )
        raise TableError(
            f"column {name!r} would be sent, but {what} in the file, or leave it out with columns={{{name!r}: None}}"
        )
    return ("objects", object_handle, *paths.parse(name))


def _given_path(name: Any, target: Any) -> paths.Path:
    what = f"columns={{{name!r}: {target!r}}}"
    if not isinstance(target, str):
        raise SettingError(
            f"{what}: a path is text, such as 'objects.order.number', or None for a column of your own"
        )
    try:
        return _field_path(target, what)
    except PathError as error:
        # The reader of paths takes what it reads for a column's name; here it is what the caller wrote beside one.
        raise PathError(
            str(error)
            .replace(f"column {target!r}", what)
            .replace(f"{{{target!r}: None}}", f"{{{name!r}: None}}")
        ) from None


def _field_path(name: str, what: str) -> paths.Path:
    path = paths.parse(name)
    field_name = path[0] if path else ""
    if field_name not in FIELDS:
        raise PathError(
            f"{what}: a path begins with one of {', '.join(FIELDS)}; did you mean {_guess(path)!r}?"
        )
    inside = path[1:]
    if field_name in ("id", "eventHandle", "draft") and inside:
        raise PathError(f"{what}: {field_name} is a single value and has nothing inside it")
    if field_name == "params" and inside and not (len(inside) == 1 and isinstance(inside[0], str)):
        raise PathError(f"{what}: write a param as params.<key>")
    if field_name == "objects" and inside and not isinstance(inside[0], str):
        raise PathError(f"{what}: objects hold handles, not list items; write objects.order")
    return path


def _guess(path: paths.Path) -> str:
    return paths.format(("objects", *path) if len(path) > 1 else ("objects", "order", *path))
