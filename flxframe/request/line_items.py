"""Build the lists of a group from the cells of its lines. Pure: no network, no clock, no disk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import is_integral
from flxframe.exceptions import RequestError
from flxframe.models import JSON
from flxframe.request.cells import BLANK
from flxframe.request.groups import Array, Groups
from flxframe.request.json_cells import can_contain_json, decode_cells
from flxframe.request.line_columns import LineList
from flxframe.request.row_names import row_name
from flxframe.request.series import column_to_json
from flxframe.request.tree import Node


def list_cells(
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
            if not isinstance(value, list) and cells[number] is None:
                cells[number] = value  # the workflow replaced the list by something that is not one
            elif not isinstance(value, list):
                errors.setdefault(
                    number,
                    f"{row_name(lines, position)}: column {line_list.more!r} must have a list of "
                    "items",
                )
            else:
                cells[number] = [*(cells[number] or []), *value]
