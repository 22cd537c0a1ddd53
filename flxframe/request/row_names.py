"""The names of rows for people. Pure: no network, no clock, no disk."""

from __future__ import annotations

import numpy as np
import pandas as pd

GROUP_INDEX = "flxframe.group"
"""The name of the index of a table of groups, whose labels are the names of its rows."""


def row_name(table: pd.DataFrame, position: int) -> str:
    """Return a row's name for users: its row in the file, or its position and index label.

    Examples
    --------
    >>> row_name(pd.DataFrame(index=["A-1", "A-2"]), 1)
    "row 1 (index 'A-2')"
    """
    if table.index.name == GROUP_INDEX:
        return str(table.index[position])

    if "first_row" in table.attrs.get("flxframe", {}):
        return f"row {row_number(table, position)}"

    label = table.index[position]
    if isinstance(label, np.generic):  # its repr names its type
        label = label.item()
    return f"row {position} (index {label!r})"


def row_number(table: pd.DataFrame, position: int) -> int:
    """Return a row's number for users: its row in the file, or its position."""
    first_row: int = table.attrs.get("flxframe", {}).get("first_row", 0)
    return first_row + position


def unit_of(table: pd.DataFrame) -> str:
    """Return what a row of a table is for people: a row, or an order whose lines were folded."""
    return "order" if table.index.name == GROUP_INDEX else "row"
