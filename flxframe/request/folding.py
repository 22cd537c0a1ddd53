"""Fold a table of order lines to one row for each order. Pure: no network, no clock, no disk.

Everything after this sees rows: a group is one row of the folded table, its shared columns have the
cell that its lines agree on, and each list of items is one cell. `flxframe.result.lines` spreads
the result over the lines again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from flxframe.dtypes import check_unique
from flxframe.exceptions import AlreadySentError, TableError
from flxframe.models import RUN_COLUMNS
from flxframe.request import paths
from flxframe.request.columns import check_names, column_paths
from flxframe.request.groups import Array, Groups, find_groups
from flxframe.request.line_columns import LineList, check_no_conflict, line_lists
from flxframe.request.line_hints import totals_remarks
from flxframe.request.line_items import list_cells
from flxframe.request.line_marks import fold_marks, line_order
from flxframe.request.marks import Mark, read_marks
from flxframe.request.plan import Plan
from flxframe.request.row_names import GROUP_INDEX, row_name, row_number
from flxframe.request.shared_cells import line_path, shared_cells
from flxframe.text import listed


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
    unsent : list
        The columns of the lines that are not sent.
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
    unsent: list[Any]

    def name_lines(self, question: AlreadySentError | None) -> None:
        """Give a question the positions of the lines instead of those of their orders."""
        if question is not None:
            rows = [row for number in question.rows for row in self.groups.of(number)]
            question.rows = sorted(rows)

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
    _refuse_item_keys(group_by, own)
    rest = lines.drop(columns=[name for name in lines.columns if name in own])
    sent = _shared_paths(rest, given, object_handle)
    check_no_conflict(lists, sent)

    marks = read_marks(lines)
    groups = _line_groups(lines, marks, group_by, fill_down=fill_down)
    errors = _blank_keys(groups, group_by)
    item_list = lists[0].name if lists else None
    settings: dict[str, str | None] = {}
    cells, is_filled = {}, {}
    for name in rest.columns:
        if name not in sent and name != token_column:
            continue
        settings.update(_setting(name, sent.get(name), is_given=name in given))
        way_out = line_path(sent.get(name), item_list)
        cells[name], filled = shared_cells(lines[name], groups, errors, way_out)
        if not filled.all():
            is_filled[name] = filled

    has_item, list_names = [], []
    for line_list in lists:
        name = _unused(line_list.name, cells)
        values, has = list_cells(lines, line_list, groups, errors, blanks=blanks)
        cells[name] = pd.Series(values, dtype=object)
        settings[name] = line_list.name
        list_names.append(name)
        has_item.append(has)

    table = _table(lines, marks, groups, cells)
    table.attrs.update(_attributes(lines, totals_remarks(lines, groups, group_by)))
    unsent = [name for name in rest.columns if name not in sent and name not in RUN_COLUMNS]
    return Folded(
        lines=lines,
        groups=groups,
        table=table,
        columns=settings,
        lists=lists,
        list_names=list_names,
        errors=errors,
        has_item=has_item,
        is_filled=is_filled,
        unsent=unsent,
    )


def _refuse_item_keys(group_by: Sequence[str], item_columns: set[Any]) -> None:
    for name in group_by:
        if name in item_columns:
            raise TableError(
                f"group_by={name!r} is an item's column ([]), so it differs between the lines of "
                "an order: group by a column that they share, or give it a path without []"
            )


def _line_groups(
    lines: pd.DataFrame, marks: Mapping[int, Mark], group_by: Sequence[str], *, fill_down: bool
) -> Groups:
    """Return the groups, with their rows in the order in which they were sent."""
    groups = find_groups(lines, group_by, fill_down=fill_down)
    order = line_order(marks, groups)
    return groups if order is None else groups.sorted(order)


def _blank_keys(groups: Groups, group_by: Sequence[str]) -> dict[int, str]:
    """Return the errors of the rows that have a blank key."""
    error = f"column {listed(group_by)} is blank, so the row belongs to no order"
    return dict.fromkeys(sorted(groups.blank), error)


def _setting(name: Any, path: paths.Path | None, *, is_given: bool) -> dict[str, str | None]:
    """Return the path of a shared column, unless the plan of the groups finds it by the name."""
    if path is None:
        return {name: None}
    if is_given or path != _own_path(name):
        return {name: paths.format(path)}
    return {}


def _table(
    lines: pd.DataFrame,
    marks: Mapping[int, Mark],
    groups: Groups,
    cells: Mapping[Any, pd.Series[Any]],
) -> pd.DataFrame:
    """Return the table of the groups, with their names and marks."""
    labels = pd.Index(_labels(lines, groups), name=GROUP_INDEX)
    columns = {name: column.array for name, column in cells.items()}
    return fold_marks(lines, marks, groups, pd.DataFrame(columns, index=labels))


def _attributes(lines: pd.DataFrame, remarks: list[str]) -> dict[Any, Any]:
    """Return the `attrs` of the folded table: those of the lines, with remarks on the groups."""
    facts = dict(lines.attrs.get("flxframe", {}))
    if remarks:
        facts["remarks"] = list(dict.fromkeys([*facts.get("remarks", []), *remarks]))
    return {**lines.attrs, "flxframe": facts} if facts else dict(lines.attrs)


def _own_path(name: Any) -> paths.Path | None:
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
        if number in groups.blank:
            labels.append(row_name(lines, rows[0]))
            continue

        first, last = (row_number(lines, row) for row in (min(rows), max(rows)))
        where = f"row {first}" if first == last else f"rows {first} to {last}"
        labels.append(f"order {', '.join(map(str, key))} ({where})")
    return labels
