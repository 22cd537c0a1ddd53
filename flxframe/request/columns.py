"""Find the columns that are sent, and their paths. Pure: no network, no clock, no disk."""

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
from flxframe.request.line_columns import refuse_line_columns
from flxframe.text import is_encodable, listed

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
"""An empty name, or the end of a name that was made up for a column when its file was read."""


def column_paths(
    table: pd.DataFrame,
    columns: Mapping[str, str | None] | None = None,
    object_handle: str | None = None,
    *,
    is_grouped: bool = False,
) -> dict[str, paths.Path]:
    """Return the columns that are sent, and the path of each.

    Parameters
    ----------
    table : DataFrame
        The rows.
    columns : Mapping, optional
        A column's path, or None for a column that must not be sent.
    object_handle : str, optional
        The handle of the object that gets every column that is not a request field.
    is_grouped : bool
        Whether these are the columns that the lines of a group share. Then there can be none.

    Raises
    ------
    SettingError
        If `columns` or `object_handle` has the wrong type.
    TableError
        If no column is sent, names repeat, or two columns have the same path.
    PathError
        If a column's name is not a valid path.

    Warns
    -----
    UserWarning
        For a column whose name is similar to a request field.

    Examples
    --------
    >>> table = pd.DataFrame(columns=["eventHandle", "sku", "note"])
    >>> column_paths(table, {"note": None}, object_handle="item")
    {'eventHandle': ('eventHandle',), 'sku': ('objects', 'item', 'sku')}
    """
    check_columns("columns", columns)
    check_object_handle("object_handle", object_handle)
    given = dict(columns or {})
    check_unique(table)
    check_names(table, given)
    refuse_line_columns(table.columns, given)

    sent: dict[str, paths.Path] = {}
    owners: dict[paths.Path, str] = {}
    for name in table.columns:
        path = _find_path(name, given, object_handle)
        if path is None:
            continue

        if path in owners:
            place = paths.format(path)
            raise TableError(
                f"columns {owners[path]!r} and {name!r} both have the path "
                f"{place}: leave one out with columns={{{name!r}: None}}, "
                "or give it another path"
            )
        owners[path] = name
        sent[name] = path

    if not sent and len(table.columns) and len(table) and not is_grouped:
        single_fields = ", ".join(FIELDS[:3])
        raise TableError(
            f"no column of the table is a request field ({single_fields}, "
            "params.<key>, objects.<handle>...), so there is nothing to send: "
            "rename the columns, give them paths with columns=, "
            "or send all of them with object_handle='order'. "
            f"The table has: {listed(table.columns)}"
        )
    return sent


def check_columns(name: str, value: object) -> None:
    """Raise unless a value is None or a mapping."""
    if value is not None and not isinstance(value, Mapping):
        raise SettingError(
            f"{name}= must be a dict of columns and their paths, not {type(value).__name__}"
        )


def check_object_handle(name: str, value: object) -> None:
    """Raise unless a value is None or the handle of an object."""
    is_handle = isinstance(value, str) and is_encodable(value)
    if value is not None and not (is_handle and value):
        raise SettingError(f"{name}={value!r} must be an object's handle, such as 'order'")


def check_blanks(name: str, value: object) -> None:
    """Raise unless a value is "omit" or "null"."""
    if not isinstance(value, str) or value not in ("omit", "null"):
        raise SettingError(f"{name}={value!r} must be 'omit' or 'null'")


def check_names(table: pd.DataFrame, given: Mapping[str, str | None]) -> None:
    """Raise if `columns=` has a column that the table does not have."""
    for name in given:
        if name in table.columns:
            continue

        names = list(map(str, table.columns))
        matches = difflib.get_close_matches(str(name), names, n=1)
        hint = f"It has: {listed(table.columns)}"
        if matches:
            hint = f"Did you mean {matches[0]!r}?"
        raise TableError(f"columns= has {name!r}, but the table has no such column. {hint}")


def _find_path(
    name: Any, given: Mapping[str, str | None], object_handle: str | None
) -> paths.Path | None:
    if name in given:
        return _path_from_setting(name, given[name])
    return _path_from_name(name, object_handle)


def _path_from_name(name: Any, object_handle: str | None) -> paths.Path | None:
    """Return the path of a column that `columns=` does not mention, or None if it is not sent."""
    if not isinstance(name, str):
        if object_handle is None:
            return None
        raise TableError(
            f"the column name {name!r} is not text, so it can't be part of a path "
            f"under object_handle={object_handle!r}: rename the column"
        )
    if name.startswith("run."):
        return None

    first = paths.first_key(name)
    if first in FIELDS:
        return _parse_field_path(name, f"column {name!r}", name)

    _warn_near_miss(name, first)
    if object_handle is None:
        return None

    _check_has_name(name)
    return ("objects", object_handle, *paths.parse(name))


def _warn_near_miss(name: str, first: str) -> None:
    letters = re.sub(r"[\s_-]", "", first).lower()
    field = _NEAR_MISSES.get(letters)
    if field is None:
        return

    correction = field + name[len(first) :]
    warnings.warn(
        f"column {name!r} is not a request field; did you mean {correction!r}? "
        f"To leave it out without this warning: columns={{{name!r}: None}}",
        UserWarning,
        stacklevel=3,
    )


def _check_has_name(name: str) -> None:
    """Raise if a column that would be sent has no unique name in its file."""
    match = _UNNAMED.search(name) if name.endswith("]") or not name else None
    if match is None:
        return

    problem = "has no name: give it one"
    if match[1]:
        problem = "shares its name with another: rename one"
    raise TableError(
        f"column {name!r} would be sent, but {problem} in the file, "
        f"or leave it out with columns={{{name!r}: None}}"
    )


def _path_from_setting(name: Any, text: Any) -> paths.Path | None:
    """Return the path that `columns=` gives a column, or None if it must not be sent."""
    if text is None:
        return None

    label = f"columns={{{name!r}: {text!r}}}"
    if not isinstance(text, str):
        raise SettingError(
            f"{label}: a path is text, such as 'objects.order.number', "
            "or None for a column that must not be sent"
        )
    return _parse_field_path(text, label, name)


def _parse_field_path(text: str, label: str, column: Any) -> paths.Path:
    """Parse the path of a request field; errors refer to it as `label`."""
    path = paths.parse(text, label=label, column=column)
    field, *inside = path or ("",)

    if field not in FIELDS:
        guess = ("objects", "order", *path)
        if len(path) > 1:
            guess = ("objects", *path)

        names, correction = ", ".join(FIELDS), paths.format(guess)
        raise PathError(f"{label}: a path starts with one of {names}; did you mean {correction!r}?")
    if not inside:
        return path

    if field in ("id", "eventHandle", "draft"):
        raise PathError(f"{label}: {field} is a single value, so a path can't go inside it")
    if field == "params" and (len(inside) > 1 or not isinstance(inside[0], str)):
        raise PathError(f"{label}: write a param as params.<key>")
    if field == "objects" and not isinstance(inside[0], str):
        raise PathError(f"{label}: objects has handles, not list items; write objects.order")
    return path
