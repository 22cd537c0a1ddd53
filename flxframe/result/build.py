"""Build the result from the outcomes of a table's rows. Pure: no network, no clock, no disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import column_array, kind_of
from flxframe.models import JSON, RUN_COLUMNS, Outcome, RunWorkflowRequest
from flxframe.request import nested, paths
from flxframe.request.plan import Plan
from flxframe.request.row_names import unit_of
from flxframe.result.attributes import result_attributes
from flxframe.result.compare import ABSENT, differences
from flxframe.result.plain import plain_frame
from flxframe.result.run_columns import RunColumns
from flxframe.result.update import update_column
from flxframe.result.whole import MAX_ITEMS, Field, join_fields, notes


class ResultBuilder:
    """Collects the outcomes of a table's rows, in any order, and builds the result.

    Only values that differ from the table are stored, so memory grows only with the changes that
    the workflows make.

    Parameters
    ----------
    plan : Plan
        How the table's rows became requests.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._names: dict[paths.Path, Any] = {}
        for name, path in plan.paths.items():
            if path[0] == "objects":
                self._names[path] = name

        # The columns that contain another column; a row can fill either of them, or both.
        prefixes = {path[:length] for path in self._names for length in range(len(path))}
        self._outer = {path for path in self._names if path in prefixes}

        self._new_values: dict[paths.Path, dict[int, JSON]] = {}
        self._new_fields = nested.Tree(MAX_ITEMS)

        self._run = RunColumns(len(plan.table))

    @property
    def counts(self) -> Counter[str]:
        """The number of rows of each status."""
        return self._run.counts

    @property
    def unit(self) -> str:
        """What a row of the table is, for messages."""
        return unit_of(self._plan.table)

    def add(
        self,
        position: int,
        outcome: Outcome,
        request: RunWorkflowRequest | None = None,
        *,
        changes: int | None = None,
    ) -> None:
        """Add the outcome of a row.

        Parameters
        ----------
        position : int
            The row's position.
        outcome : Outcome
            Its outcome.
        request : RunWorkflowRequest, optional
            The request that was sent; needed if the outcome has objects. An ``ok`` outcome without
            objects changed nothing.
        changes : int, optional
            The number of fields that the workflow changed, if the table has them already.
        """
        self._run.add(position, outcome)
        if changes is not None:
            self._run.changes[position] = changes
        if request is not None and outcome.objects is not None:
            count = self._add_objects(position, request.objects, outcome.objects)
            self._run.changes[position] = count

    def add_invalid(self, position: int, reason: str) -> None:
        """Add the outcome of a row that cannot be sent."""
        self.add(position, Outcome("invalid", error=reason))

    def missing(self) -> Iterator[int]:
        """Iterate over the positions of the rows that have no outcome yet."""
        return map(int, self._run.missing())

    def frame(self, stopped: str | None = None) -> pd.DataFrame:
        """Return the result.

        Parameters
        ----------
        stopped : str, optional
            The reason why the run stopped early, for ``attrs["flxframe"]["stopped"]``.

        Returns
        -------
        DataFrame
            The table's rows, order, index and columns, followed by a column for each new field and
            the ``run.*`` columns. ``attrs["flxframe"]["notes"]`` lists the places that are whole in
            one cell, since they would be too many columns.
        """
        try:
            return self._frame(stopped)
        except Exception as error:
            columns = self._run_columns(list(self._new_fields.columns()))
            return plain_frame(
                self._plan.table, self._answers(), columns, stopped=stopped, error=error
            )

    def _answers(self) -> Iterator[tuple[Any, Field]]:
        """Yield the names of columns, and what was answered for them."""
        for path, values in self._new_values.items():
            yield self._names[path], (path, list(values), list(values.values()))
        for field in self._new_fields.columns():
            yield self._names.get(field[0], paths.format(field[0])), field

    def _frame(self, stopped: str | None) -> pd.DataFrame:
        table = self._plan.table
        new_fields = list(self._new_fields.columns())

        columns = self._table_columns(new_fields)
        parts = {path: columns[name] for path, name in self._names.items()}
        single, whole = join_fields(new_fields, parts)
        for path, positions, values in whole:
            if path in self._names:
                column = pd.Series(parts[path], dtype=parts[path].dtype)
                cells = dict(zip(positions, values, strict=True))
                columns[self._names[path]] = update_column(column, cells)

        everywhere = list(range(len(table)))
        for path, positions, values in single + whole:
            if path not in self._names:
                name = unused_name(paths.format(path), columns)
                columns[name] = column_array(_spread(positions, values, everywhere))
        columns.update(self._run_columns(single + whole))

        series: dict[Any, pd.Series[Any]] = {}
        for name, cells in columns.items():
            # Without a dtype, pandas would turn an array of objects into texts, and fail if one
            # contains an unpaired surrogate.
            series[name] = pd.Series(cells, index=table.index, dtype=cells.dtype)

        frame = pd.DataFrame(series, index=table.index)
        frame.attrs.update(result_attributes(table, stopped, notes(single, whole)))
        return frame

    def _add_objects(self, position: int, sent: JSON, returned: JSON) -> int:
        """Store the values that differ from those sent, and count the changed fields of the table.

        `frame` counts the new fields, since flattening all of them at once is ten times as fast.
        """
        count = 0
        for path, before, after in differences(sent, returned, ("objects",)):
            column = self._column_of(path, sent, position)
            if column is None and after is not ABSENT:
                is_item = type(path[-1]) is int and before is ABSENT
                if not (is_item and self._add_long_list(path[:-1], position, returned)):
                    self._new_fields.at(path).add(position, after)
                continue

            value = before if after is ABSENT else after
            leaves = nested.flatten(value, path)
            count += len(leaves)
            if column is not None:
                self._store(column, position, sent, returned)
                continue

            # The workflow removed an object or a list, which several columns might have filled.
            for leaf in leaves:
                column = self._column_of(leaf, sent, position)
                if column is not None:
                    self._store(column, position, sent, returned)
        return count

    def _add_long_list(self, path: paths.Path, position: int, returned: JSON) -> bool:
        """Store the list at a path whole if it is too long for columns; return whether it is."""
        items = nested.get(returned, path[1:])
        if not isinstance(items, list) or len(items) <= MAX_ITEMS:
            return False

        branch = self._new_fields.at(path)
        if branch.last_position != position:  # once for all new items of the list
            branch.add(position, items)
        return True

    def _column_of(self, path: paths.Path, sent: JSON, position: int) -> paths.Path | None:
        """Return the path of the column that a place belongs to, or None if there is none.

        The column is the place's own, or one that the row filled with a whole value.
        """
        return path if path in self._names else self._column_around(path, sent, position)

    def _column_around(self, path: paths.Path, sent: JSON, position: int) -> paths.Path | None:
        """Return the path of the column that the row filled with a whole value around a place."""
        for length in range(len(path) - 1, 0, -1):
            outside = path[:length]
            if outside in self._names and self._is_filled(outside, sent, position):
                return outside
        return None

    def _is_filled(self, path: paths.Path, sent: JSON, position: int) -> bool:
        """Return whether a row filled a column with a whole value."""
        if nested.get(sent, path[1:], ABSENT) is ABSENT:
            return False
        if path not in self._outer:
            return True

        # The row might have filled the columns inside it instead.
        cell = self._plan.table[self._names[path]].iloc[position]
        return kind_of(cell) != "missing" and not (isinstance(cell, str) and not cell)

    def _store(self, column: paths.Path, position: int, sent: JSON, returned: JSON) -> None:
        """Store the new value of a column in a row, and of the whole values that contain it."""
        values = self._new_values.setdefault(column, {})
        values[position] = nested.get(returned, column[1:])

        if self._outer:
            outside = self._column_around(column, sent, position)
            if outside is not None:
                self._store(outside, position, sent, returned)

    def _table_columns(self, new_fields: list[Field]) -> dict[Any, Any]:
        """Return the columns of the table with their new values."""
        new_values: dict[Any, dict[int, JSON]] = {}
        for path, values in self._new_values.items():
            new_values[self._names[path]] = dict(values)
        for path, positions, fields in new_fields:
            # The table has this column, but its cells were blank in these rows.
            if path in self._names:
                cells = new_values.setdefault(self._names[path], {})
                cells.update(zip(positions, fields, strict=True))

        table = self._plan.table
        run_columns = [name for name in RUN_COLUMNS if name in table.columns]
        columns: dict[Any, Any] = {}
        for name in table.columns.drop(run_columns):
            column = table[name]
            if name in new_values:
                columns[name] = update_column(column, new_values[name])
            else:
                columns[name] = column.array
        return columns

    def _run_columns(self, new_fields: list[Field]) -> dict[str, Any]:
        """Return the ``run.*`` columns."""
        changes = self._run.changes.copy()
        # Nearly all fields share one list of rows.
        arrays = {id(rows): np.array(rows, dtype=np.intp) for _, rows, _ in new_fields}
        for _, rows, _ in new_fields:
            changes[arrays[id(rows)]] += 1
        return self._run.arrays(changes)


def unused_name(name: str, columns: Mapping[Any, Any]) -> str:
    """Return the name of a new field, with a suffix if an unsent column already has that name."""
    while name in columns:
        name += " (answered)"
    return name


def _spread(positions: list[int], values: list[JSON], everywhere: list[int]) -> list[JSON]:
    """Return the cells of a column: the values at their positions, and None elsewhere."""
    if positions == everywhere:
        return values

    cells: list[JSON] = [None] * len(everywhere)
    for position, value in zip(positions, values, strict=True):
        cells[position] = value
    return cells
