"""Notice tables of order lines, and totals rows among them. Pure: no network, no clock, no disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from flxframe.dtypes import is_integral
from flxframe.request.groups import Groups
from flxframe.request.row_names import row_name, unit_of
from flxframe.request.series import column_to_json
from flxframe.text import counted, listed

_NUMBER = ("id", "no", "nr", "num", "number", "name", "ref", "reference")
_TOTAL = " total"
_GRAND_TOTALS = ("total", "totals", "grand total")


def lines_hint(table: pd.DataFrame) -> str | None:
    """Return a sentence if a table looks like order lines, of which each would be a request.

    Examples
    --------
    >>> lines_hint(pd.DataFrame({"Order ID": [7, 7, 8], "sku": ["A", "B", "C"]}))
    "'Order ID' repeats: 3 rows, 2 orders. group_by='Order ID' makes one request of each order."
    """
    for name in table.columns:
        if not _is_order_number(name):
            continue

        column = table[name]
        keys = []
        for value in column_to_json(column, integral=is_integral(column)):
            keys.append(value if isinstance(value, (str, int)) else None)

        orders = len(set(keys) - {None})
        if _repeats_in_a_row(keys) and not _has_equal_rows(table):
            return (
                f"{name!r} repeats: {counted(len(table), 'row')}, {counted(orders, 'order')}. "
                f"group_by={name!r} makes one request of each order."
            )
    return None


def _has_equal_rows(table: pd.DataFrame) -> bool:
    """Return whether rows are equal: then they are meant, not lines with items of their own."""
    try:
        return bool(table.duplicated().any())
    except TypeError:  # such as cells that are lists
        return False


def _is_order_number(name: Any) -> bool:
    """Return whether a column's name says that it has the number of an order."""
    if not isinstance(name, str):
        return False
    letters = "".join(filter(str.isalnum, name.casefold()))
    return letters == "order" or ("order" in letters and letters.endswith(_NUMBER))


def _repeats_in_a_row(keys: list[str | int | None]) -> bool:
    """Return whether most rows with a repeated key are next to one with the same key."""
    counts = Counter(keys)
    repeated = together = 0
    for place, key in enumerate(keys):
        if key is not None and counts[key] > 1:
            repeated += 1
            together += key in (
                keys[max(0, place - 1)] if place else None,
                *keys[place + 1 : place + 2],
            )
    return together * 2 > repeated


def remarks_of(table: pd.DataFrame) -> list[str]:
    """Return what the user needs to know about a table before it is sent."""
    remarks: list[str] = list(table.attrs.get("flxframe", {}).get("remarks", []))
    hint = None if unit_of(table) == "order" else lines_hint(table)
    return remarks if hint is None else [*remarks, hint]


def totals_remarks(lines: pd.DataFrame, groups: Groups, group_by: Sequence[str]) -> list[str]:
    """Return a sentence for each group whose key looks like that of a totals row.

    Parameters
    ----------
    lines : DataFrame
        The table of lines.
    groups : Groups
        Its groups.
    group_by : list of str
        The columns of the keys.
    """
    texts = set(map(_plain_key, groups.keys))
    remarks = []
    for number, key in enumerate(groups.keys):
        if number in groups.blank:
            continue
        cells = _plain_key(key)
        is_total = any(cell in _GRAND_TOTALS for cell in cells)
        plain = tuple(cell.removesuffix(_TOTAL) for cell in cells)
        if is_total or (plain != cells and plain in texts):
            row = row_name(lines, groups.of(number)[0])
            shown = ", ".join(map(str, key))
            remarks.append(
                f"{row}: {listed(group_by)} is {shown}, like a totals row, and it would be sent "
                "as an order. Delete the row if it is one."
            )
    return remarks


def _plain_key(key: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(str(cell).strip().casefold() for cell in key)
