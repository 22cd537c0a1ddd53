"""Find the rows that form one request: those with the same key. Pure.

Keys that only look the same, such as 1001 and the text "1001", are never joined or split silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import is_integral, kind_of
from flxframe.exceptions import TableError
from flxframe.request.cells import BLANK
from flxframe.request.row_names import row_name
from flxframe.request.series import column_to_json
from flxframe.text import listed, short_repr

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Groups:
    """The rows of a table by group; groups are in the order of their first rows.

    Parameters
    ----------
    keys : list of tuple
        The key of each group.
    rows : ndarray of int
        The positions of the rows, group by group.
    starts : ndarray of int
        Where each group starts in `rows`.
    blank : set of int
        The groups of one row whose key is blank.
    """

    keys: list[tuple[Any, ...]]
    rows: Array
    starts: Array
    blank: frozenset[int]

    def __len__(self) -> int:
        """Return the number of groups."""
        return len(self.keys)

    def of(self, number: int) -> list[int]:
        """Return the positions of the rows of a group."""
        end = self.starts[number + 1] if number + 1 < len(self) else len(self.rows)
        rows: list[int] = self.rows[self.starts[number] : end].tolist()
        return rows

    @property
    def of_row(self) -> Array:
        """The number of the group of each row."""
        sizes = np.diff(self.starts, append=len(self.rows))
        numbers = np.empty(len(self.rows), dtype="int64")
        numbers[self.rows] = np.repeat(np.arange(len(self)), sizes)
        return numbers

    def sorted(self, order: Array) -> Groups:
        """Return the same groups with their rows in another order, given by a number for each."""
        rows = self.rows[np.lexsort((order[self.rows], self.of_row[self.rows]))]
        return Groups(self.keys, rows, self.starts, self.blank)


def find_groups(table: pd.DataFrame, group_by: Sequence[str], *, fill_down: bool) -> Groups:
    """Return the groups of a table's rows.

    Parameters
    ----------
    table : DataFrame
        The rows.
    group_by : list of str
        The columns whose cells are the key.
    fill_down : bool
        Whether a blank key is that of the row above.

    Raises
    ------
    TableError
        If there is no such column, or keys differ only in type, blanks or case.

    Examples
    --------
    >>> groups = find_groups(pd.DataFrame({"Order": [7, 8, 7]}), ["Order"], fill_down=False)
    >>> groups.keys, [groups.of(number) for number in range(len(groups))]
    ([(7,), (8,)], [[0, 2], [1]])
    """
    cells = [_key_cells(table, name, fill_down=fill_down) for name in group_by]
    numbers: dict[Any, int] = {}
    keys: list[tuple[Any, ...]] = []
    codes = np.empty(len(table), dtype="int64")
    blank = set()

    for position, key in enumerate(zip(*cells, strict=True)):
        number = numbers.get(key)
        if number is None:
            number = len(keys)
            keys.append(key)
            if BLANK in key:
                blank.add(number)
            else:
                numbers[key] = number
        codes[position] = number

    rows = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[rows], np.arange(len(keys)))
    groups = Groups(keys, rows, starts, frozenset(blank))
    _refuse_similar_keys(table, group_by, groups)
    return groups


def _key_cells(table: pd.DataFrame, name: str, *, fill_down: bool) -> list[Any]:
    if name not in table.columns:
        raise TableError(
            f"group_by={name!r}: the table has no such column. It has: {listed(table.columns)}"
        )

    column = table[name]
    cells = column_to_json(column, integral=is_integral(column))
    kinds = set()
    for position, cell in enumerate(cells):
        if isinstance(cell, str):
            cells[position] = cell if cell.strip() else BLANK
        elif cell is not BLANK:
            cells[position] = _number(table, name, position, cell)
            kinds.add(kind_of(cell) == "bool")

    if len(kinds) > 1:  # to Python, True and 1 are equal
        raise TableError(f"group_by={name!r}: the column has both numbers and True or False")
    if fill_down:
        for position in range(1, len(cells)):
            if cells[position] is BLANK:
                cells[position] = cells[position - 1]
    return cells


def _number(table: pd.DataFrame, name: str, position: int, cell: Any) -> Any:
    """Return a cell that is a number or a boolean, as an integer if it is a whole number.

    Raises
    ------
    TableError
        If it is neither.
    """
    kind = "float" if isinstance(cell, Decimal) and cell.is_finite() else kind_of(cell)
    if kind in ("int", "bool"):
        return cell
    if kind == "float":
        return int(cell) if cell == cell // 1 else cell
    raise TableError(
        f"group_by={name!r}: {row_name(table, position)} has {short_repr(cell)}, and a key must be "
        "a text or a number"
    )


def _refuse_similar_keys(table: pd.DataFrame, group_by: Sequence[str], groups: Groups) -> None:
    """Raise if two keys differ only in type, blanks or case."""
    seen: dict[tuple[str, ...], int] = {}
    for number, key in enumerate(groups.keys):
        if number in groups.blank:
            continue

        plain = tuple("".join(str(cell).split()).casefold() for cell in key)
        other = seen.setdefault(plain, number)
        if other != number:
            first, second = (row_name(table, groups.of(group)[0]) for group in (other, number))
            old, new = (describe_key(groups.keys[group]) for group in (other, number))
            raise TableError(
                f"group_by={listed(group_by)}: {first} has {old} and {second} has {new}, which "
                "differ only in type, blanks or case: make them equal if they are one order, or "
                "different if they are two"
            )


def describe_key(key: tuple[Any, ...]) -> str:
    """Return a key for messages that compare keys.

    Examples
    --------
    >>> describe_key((1001,)), describe_key(("1001", "EU"))
    ('1001 (a number)', "'1001', 'EU'")
    """
    parts = []
    for cell in key:
        parts.append(repr(cell) if isinstance(cell, str) else f"{cell} (a number)")
    return ", ".join(parts)
