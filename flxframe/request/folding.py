"""Fold a table of order lines to one row for each order. Pure: no network, no clock, no disk.

Everything after this sees rows: a group is one row of the folded table, its shared columns have the
cell that its lines agree on, and each list of items is one cell. `flxframe.result.lines` spreads
the result over the lines again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import check_unique, is_integral
from flxframe.exceptions import RequestError, TableError
from flxframe.models import JSON, RUN_COLUMNS
from flxframe.request import paths
from flxframe.request.cells import BLANK
from flxframe.request.columns import check_names, column_paths
from flxframe.request.groups import Array, Groups, find_groups
from flxframe.request.json_cells import can_contain_json, decode_cells
from flxframe.request.json_text import encode
from flxframe.request.line_columns import LineList, check_no_conflict, line_lists
from flxframe.request.line_marks import fold_marks, line_order
from flxframe.request.plan import GROUP_INDEX, Plan, row_name
from flxframe.request.series import column_to_json
from flxframe.request.tree import Node
from flxframe.text import counted, listed, short_repr

_MAX_ROWS_NAMED = 5


@dataclass(frozen=True)
class Folded:
    """A table of lines, and the table of its groups.

    Parameters
    ----------
    lines : DataFrame
        The table as it is.
    groups : Groups
        Its groups.
    table : DataFrame
        One row for each group.
    columns : dict
        The paths of its columns, as `columns=` of a run gives them.
    lists : list of LineList
        The lists whose items come from lines.
    list_names : list of str
        The column of each list in `table`.
    errors : dict
        The groups that cannot be sent, and the reason of each.
    has_item : list of ndarray of bool
        For each list, the lines that have an item.
    is_filled : dict
        The shared columns that are blank in some lines, and the lines that have a cell.
    """

    lines: pd.DataFrame
    groups: Groups
    table: pd.DataFrame
    columns: dict[str, str | None]
    lists: list[LineList]
    list_names: list[str]
    errors: dict[int, str]
    has_item: list[Array]
    is_filled: dict[Any, Array]

    def plan(self, **keywords: Any) -> Plan:
        """Return the plan of the groups, with the arguments that do not name columns."""
        lists = [line_list.path for line_list in self.lists]
        columns = self.columns
        return Plan(self.table, columns=columns, errors=self.errors, lists=lists, **keywords)


def fold(
    lines: pd.DataFrame,
    group_by: Sequence[str],
    *,
    columns: Mapping[str, str | None] | None = None,
    object_handle: str | None = None,
    token_column: str | None = None,
    blanks: str = "omit",
    fill_down: bool = False,
) -> Folded:
    """Fold a table of lines.

    Parameters
    ----------
    lines : DataFrame
        The table.
    group_by : list of str
        The columns whose cells are the key of a group.
    columns, object_handle, blanks
        How columns and blank cells are sent; see `Plan`.
    token_column : str, optional
        The column that has the name of each group's token.
    fill_down : bool
        Whether a blank key is that of the line above.

    Raises
    ------
    TableError
        If the lines cannot be grouped; the message names the column.

    Examples
    --------
    >>> lines = pd.DataFrame({"Order": [7, 7, 8], "objects.order.items[].sku": ["A", "B", "C"]})
    >>> fold(lines, ["Order"]).table["objects.order.items"].tolist()
    [[{'sku': 'A'}, {'sku': 'B'}], [{'sku': 'C'}]]
    """
    check_unique(lines)
    check_names(lines, dict(columns or {}))
    given = dict(columns or {})
    lists = line_lists(lines.columns, given)
    own = {name for line_list in lists for name in _columns_of(line_list)}
    for name in group_by:
        if name in own:
            raise TableError(
                f"group_by={name!r} is an item's column ([]), so it differs between the lines of "
                "an order: group by a column that they share, or give it a path without []"
            )

    rest = lines.drop(columns=[name for name in lines.columns if name in own])
    sent = _shared_paths(rest, given, object_handle)
    check_no_conflict(lists, sent)

    groups = find_groups(lines, group_by, fill_down=fill_down)
    order = line_order(lines, groups)
    groups = groups if order is None else groups.sorted(order)
    errors: dict[int, str] = {}
    for number in sorted(groups.blank):
        errors[number] = f"column {listed(group_by)} is blank, so the row belongs to no order"

    kept = [name for name in rest.columns if name in sent or name in {*group_by, token_column}]
    cells, is_filled = {}, {}
    for name in kept:
        cells[name], filled = _shared_cells(lines[name], groups, errors)
        if not filled.all():
            is_filled[name] = filled

    settings: dict[str, str | None] = {}
    for name in kept:
        if name not in sent:
            settings[name] = None
        elif name in given or sent[name] != paths_of_name(name):
            settings[name] = paths.format(sent[name])

    has_item, list_names = [], []
    for line_list in lists:
        name = _unused(line_list.name, cells)
        values, has = _list_cells(lines, line_list, groups, errors, blanks=blanks)
        cells[name] = pd.Series(values, dtype=object)
        settings[name] = line_list.name
        list_names.append(name)
        has_item.append(has)

    labels = pd.Index(_labels(lines, groups), name=GROUP_INDEX)
    table = pd.DataFrame({name: column.array for name, column in cells.items()}, index=labels)
    table = fold_marks(lines, groups, table)
    table.attrs.update(lines.attrs)
    return Folded(lines, groups, table, settings, lists, list_names, errors, has_item, is_filled)


def paths_of_name(name: Any) -> paths.Path | None:
    """Return the path that a column has by its own name, or None."""
    try:
        return paths.parse(name) if isinstance(name, str) else None
    except TableError:
        return None


def _columns_of(line_list: LineList) -> list[Any]:
    more = [] if line_list.more is None else [line_list.more]
    return [*line_list.columns.values(), *more]


def _shared_paths(
    table: pd.DataFrame,
    given: Mapping[str, str | None],
    object_handle: str | None,
) -> dict[str, paths.Path]:
    """Return the shared columns that are sent, and their paths."""
    names = [name for name in table.columns if name not in RUN_COLUMNS]
    settings = {name: path for name, path in given.items() if name in table.columns}
    return column_paths(table[names], settings, object_handle, is_grouped=True)


def _unused(name: str, cells: Mapping[Any, Any]) -> str:
    while name in cells:
        name += " (lines)"
    return name


def _labels(lines: pd.DataFrame, groups: Groups) -> list[str]:
    """Return the name of each group for people: its key and its rows."""
    labels = []
    for number, key in enumerate(groups.keys):
        rows = groups.of(number)
        first, last = row_name(lines, rows[0]), row_name(lines, rows[-1])
        where = first if first == last else f"{first} to {last}"
        if number in groups.blank:
            labels.append(where)
        else:
            labels.append(f"order {', '.join(map(str, key))} ({where})")
    return labels


def _shared_cells(
    column: pd.Series[Any], groups: Groups, errors: dict[int, str]
) -> tuple[pd.Series[Any], Array]:
    """Return the cell of each group in a column that its lines share, and the lines that have one.

    Groups whose lines differ get an error.
    """
    integral = is_integral(column)
    codes = _codes(column_to_json(column, integral=integral))[groups.rows]
    is_blank = codes == 0

    # Blank cells agree with any other: they count as the largest or the smallest code.
    highest = np.maximum.reduceat(codes, groups.starts)
    lowest = np.minimum.reduceat(np.where(is_blank, np.iinfo("int64").max, codes), groups.starts)
    for number in np.flatnonzero((highest != lowest) & (highest > 0)).tolist():
        errors.setdefault(number, _difference(column, groups.of(number)))

    # The first filled cell of each group, otherwise its first one.
    sizes = np.diff(groups.starts, append=len(codes))
    places = np.where(is_blank, len(codes), np.arange(len(codes)))
    first = np.minimum.reduceat(places, groups.starts)
    first = np.where(first == len(codes), groups.starts, first)
    if integral:
        column = column.astype("Int64")
    cells = column.iloc[groups.rows[first]]

    filled = np.empty(len(codes), dtype=bool)
    filled[groups.rows] = ~is_blank | np.repeat(highest == 0, sizes)
    return cells, filled


def _codes(values: list[Any]) -> Array:
    """Return a number for each distinct value; 0 for a blank one."""
    numbers: dict[Any, int] = {}
    codes = []
    for value in values:
        if value is BLANK:
            codes.append(0)
            continue
        key = value
        if type(value) is not str:
            text = str(value) if isinstance(value, RequestError) else encode(value)
            key = (type(value) is RequestError, text)
        codes.append(numbers.setdefault(key, len(numbers) + 1))
    return np.array(codes, dtype="int64")


def _difference(column: pd.Series[Any], rows: list[int]) -> str:
    """Return why the lines of a group cannot be one request: a column in which they differ."""
    seen: dict[str, int] = {}
    values = column_to_json(column.iloc[rows], integral=is_integral(column))
    for position, value in zip(rows, values, strict=True):
        if value is not BLANK:
            seen.setdefault(short_repr(value), position)

    table = column.to_frame()
    parts = []
    for text, position in list(seen.items())[:_MAX_ROWS_NAMED]:
        parts.append(f"{text} in {row_name(table, position)}")
    inside = str(column.name).rsplit(".", 1)[-1]
    return (
        f"column {column.name!r} differs between the rows of the order: {', '.join(parts)}. Make "
        "the cells equal, or, if each item has its own, give the column the path "
        f"objects.order.items[].{inside}"
    )


def _list_cells(
    lines: pd.DataFrame,
    line_list: LineList,
    groups: Groups,
    errors: dict[int, str],
    *,
    blanks: str,
) -> tuple[list[Any], Array]:
    """Return the list of each group, and the lines that have an item; bad cells are errors."""
    names = list(line_list.columns.values())
    node = Node(line_list.path, dict(zip(line_list.columns, range(len(names)), strict=True)))
    columns = []
    for name in names:
        column = lines[name]
        values = column_to_json(column.iloc[groups.rows], integral=is_integral(column))
        if can_contain_json(lines, name, line_list.path):
            decode_cells(values)
        columns.append(values)

    of_row = groups.of_row[groups.rows].tolist()
    cells: list[Any] = [None] * len(groups)
    has_item = np.zeros(len(lines), dtype=bool)
    nullable = list(node.nullable()) if blanks == "null" else []
    for place, (row, number) in enumerate(zip(zip(*columns, strict=True), of_row, strict=True)):
        if row.count(BLANK) == len(row):
            continue
        try:
            item = _item(node, row, nullable, names)
        except RequestError as error:
            position = int(groups.rows[place])
            errors.setdefault(number, f"{row_name(lines, position)}: {error}")
            continue

        has_item[groups.rows[place]] = True
        if cells[number] is None:
            cells[number] = []
        cells[number].append(item)

    if line_list.more is not None:
        _append_more(lines, line_list, groups, cells, errors)
    return cells, has_item


def _item(node: Node, row: tuple[Any, ...], nullable: list[int], names: list[Any]) -> JSON:
    """Return the item of a line.

    Raises
    ------
    RequestError
        If a cell cannot be sent; the message names the column.
    """
    for name, value in zip(names, row, strict=True):
        if type(value) is RequestError:
            raise RequestError(f"column {name!r}: {value}")

    cells = list(row)
    for column in nullable:
        if cells[column] is BLANK:
            cells[column] = None
    return node.build(cells)


def _append_more(
    lines: pd.DataFrame,
    line_list: LineList,
    groups: Groups,
    cells: list[Any],
    errors: dict[int, str],
) -> None:
    """Append the items of the column `[+]`, which follow those of the lines."""
    column = lines[line_list.more]
    values = column_to_json(column, integral=is_integral(column))
    if can_contain_json(lines, line_list.more, line_list.path):
        decode_cells(values)
    for number in range(len(groups)):
        for position in groups.of(number):
            value = values[position]
            if value is BLANK:
                continue
            if not isinstance(value, list):
                errors.setdefault(
                    number,
                    f"{row_name(lines, position)}: column {line_list.more!r} must have a list of "
                    "items",
                )
                continue
            cells[number] = [*(cells[number] or []), *value]


def describe(groups: Groups) -> str:
    """Return the number of groups and rows: "22 orders, 60 rows"."""
    return f"{counted(len(groups), 'order')}, {counted(len(groups.rows), 'row')}"
