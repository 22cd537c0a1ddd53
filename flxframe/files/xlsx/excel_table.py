"""The part of an Excel Table, which names its range and its columns. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from flxframe.files.references import span
from flxframe.files.xlsx.areas import Growth, widened, with_wide_filter
from flxframe.files.xlsx.cell_values import xml_text
from flxframe.files.xlsx.free_columns import Area
from flxframe.files.xlsx.xml_edit import (
    append,
    attribute,
    child,
    children,
    prefix,
    root,
    with_attribute,
)

_MAX_NAME_LENGTH = 255
_CONNECTED = ("queryTable", "xml")


def name_of(table: str) -> str:
    """Return the name of a Table."""
    return _attribute(table, "displayName") or _attribute(table, "name") or ""


def area(table: str) -> Area:
    """Return the range of a Table: first row, first column, last row and last column.

    Raises
    ------
    ValueError
        If it has no valid range.
    """
    return span(_attribute(table, "ref") or "")


def obstacle(table: str, growth: Growth, names: Sequence[str]) -> str | None:
    """Return the reason why a Table cannot be extended over new columns, or None.

    Parameters
    ----------
    table : str
        The part's XML.
    growth : Growth
        The new columns.
    names : sequence of str
        Their names.
    """
    if area(table)[3] + 1 != growth.first:
        return "other cells or hidden columns are next to it"
    if _attribute(table, "tableType") in _CONNECTED:
        return "it is connected to other data"

    lower_names = [name.lower() for name in [*_column_names(table), *names]]
    if len(set(lower_names)) < len(lower_names):
        return "two of its columns would have the same name"
    if not all(0 < len(name) <= _MAX_NAME_LENGTH for name in names):
        return "a name is blank or too long for it"
    return None


def extended(table: str, growth: Growth, names: Sequence[str]) -> str:
    """Return a Table with new columns.

    Parameters
    ----------
    table : str
        The part's XML.
    growth : Growth
        The new columns, next to the Table.
    names : sequence of str
        Their names.
    """
    p = prefix(table)
    table = with_wide_filter(table, growth.last)
    group = child(table, root(table), "tableColumns")
    if group is None:
        raise ValueError("the Table has no columns")

    elements = children(table, group)
    tags = [table[element.start : element.inside] for element in elements]
    last_id = max([int(attribute(tag, "id") or 0) for tag in tags], default=0)
    columns = []
    for number, name in enumerate(names, last_id + 1):
        # A line end in an attribute would be read as a blank.
        text = xml_text(name).replace("\n", "_x000a_").replace("\t", "_x0009_")
        columns.append(f'<{p}tableColumn id="{number}" name="{text}"/>')

    table = append(table, group, "".join(columns))
    count = str(len(elements) + len(columns))
    table = table[: group.start] + with_attribute(table[group.start :], "count", count)

    top = root(table)
    tag = table[top.start : top.inside]
    tag = with_attribute(tag, "ref", widened(attribute(tag, "ref") or "", growth.last))
    return table[: top.start] + tag + table[top.inside :]


def _column_names(table: str) -> list[str]:
    group = child(table, root(table), "tableColumns")
    elements = children(table, group) if group else []
    return [attribute(table[element.start : element.inside], "name") or "" for element in elements]


def _attribute(table: str, name: str) -> str | None:
    top = root(table)
    return attribute(table[top.start : top.inside], name)
