"""Rows to requests, or why a row can't be one. Pure: no network, no clock, no disk.

The columns are compiled to a plan once; then each row's request is built when it is asked for, so that a table of any
length never stands in memory as requests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import is_integral
from flxframe.exceptions import RequestError, SettingError, TableError
from flxframe.models import RunWorkflowRequest
from flxframe.request import fields
from flxframe.request.cells import BLANK
from flxframe.request.columns import column_paths
from flxframe.request.fields import Defaults
from flxframe.request.series import column_to_json
from flxframe.request.tree import Node, nullable
from flxframe.text import short_repr

_CHUNK = 1024
"""Rows that are turned to JSON at a time: enough to make a column's own cost small, few enough to hold."""


class Plan:
    """How a table's rows become requests.

    Parameters
    ----------
    table : DataFrame
        The rows.
    defaults : Defaults, optional
        What fills blank cells.
    columns : Mapping, optional
        A column's path, or None for a column that isn't to be sent.
    object_handle : str, optional
        The object handle that takes every column which is no request field.
    blanks : {"omit", "null"}
        What a blank cell of `objects` becomes.

    Attributes
    ----------
    table : DataFrame
        The rows.
    paths : dict
        The columns that are sent, and the path of each.
    unsent : list
        The columns that travel along unsent.

    Raises
    ------
    TableError
        If the table can't be right at all; the message names the column.

    Examples
    --------
    >>> table = pd.DataFrame({"eventHandle": ["order_import"], "Country": ["CA"]})
    >>> plan = Plan(table, columns={"Country": "objects.order.shippingAddress.countryCode"})
    >>> next(plan.requests())[1].objects
    {'order': {'shippingAddress': {'countryCode': 'CA'}}}
    """

    def __init__(
        self,
        table: pd.DataFrame,
        *,
        defaults: Defaults | None = None,
        columns: Mapping[str, str | None] | None = None,
        object_handle: str | None = None,
        blanks: str = "omit",
    ) -> None:
        if blanks not in ("omit", "null"):
            raise SettingError(f"blanks={blanks!r} is neither 'omit' nor 'null'")
        self.table = table
        self.paths = column_paths(table, columns, object_handle)
        self.unsent = [name for name in table.columns if name not in self.paths]
        self.defaults = defaults or Defaults()
        # By its name alone a column `id` may as well be the sheet's own, unless columns= says that it isn't.
        self._unclear_id = "id" in self.paths and "id" not in (columns or {})
        self._names = list(self.paths)
        self._columns = [table[name] for name in self.paths]
        self._integral = [is_integral(column) for column in self._columns]
        self._single: dict[str, int] = {}
        self._params: dict[str, int] = {}
        self._objects = Node(("objects",))
        for number, (field, *inside) in enumerate(self.paths.values()):
            if field == "objects":
                node = self._objects
                for step in inside:
                    node = node.child(step)
                node.column = number
            elif inside:
                self._params[str(inside[0])] = number
            else:
                self._single[str(field)] = number
        self._nullable = frozenset(nullable(self._objects) if blanks == "null" else ())

    def requests(
        self, positions: Sequence[int] | np.ndarray[Any, Any] | None = None
    ) -> Iterator[tuple[int, RunWorkflowRequest | RequestError]]:
        """Build the requests of all rows, or of some, one after the other.

        Parameters
        ----------
        positions : sequence of int, optional
            Which rows, by position; all by default.

        Yields
        ------
        (int, RunWorkflowRequest or RequestError)
            The row's position, and its request or why it can't be one.

        Raises
        ------
        TableError
            At a row that has both an `id` of unclear meaning and an `eventHandle`, or an `eventHandle` over which a
            default `id` would win.
        """
        todo = range(len(self.table)) if positions is None else positions
        for start in range(0, len(todo), _CHUNK):
            chunk = todo[start : start + _CHUNK]
            where = slice(chunk.start, chunk.stop) if isinstance(chunk, range) else list(chunk)
            columns = [
                column_to_json(column.iloc[where], integral=integral)
                for column, integral in zip(self._columns, self._integral, strict=True)
            ]
            rows = zip(*columns, strict=True) if columns else ((),) * len(chunk)
            for position, row in zip(chunk, rows, strict=True):
                try:
                    yield int(position), self._request(int(position), row)
                except RequestError as error:
                    yield int(position), error

    def _request(self, position: int, row: Sequence[Any]) -> RunWorkflowRequest:
        values = {
            name: row[number] for name, number in self._single.items() if row[number] is not BLANK
        }
        handle = values.get("eventHandle", self.defaults.event_handle)
        if self._unclear_id and "id" in values and handle is not None:
            raise TableError(
                f"{row_name(self.table, position)} has an id ({short_repr(values['id'])}) and an eventHandle "
                f"({handle!r}), and the API would let the id win. If it is the workflow's id, say "
                'columns={"id": "id"}; if it is an id of your own, say columns={"id": None}. Nothing was sent'
            )
        if "eventHandle" in values and "id" not in values and self.defaults.workflow_id is not None:
            raise TableError(
                f"{row_name(self.table, position)} has an eventHandle ({handle!r}), and the API would let "
                f"workflow_id={self.defaults.workflow_id} win over it. If that workflow is meant, say "
                'columns={"eventHandle": None}; if not, leave workflow_id= out. Nothing was sent'
            )
        if RequestError in map(type, row):
            number, error = next(
                (number, value) for number, value in enumerate(row) if type(value) is RequestError
            )
            raise RequestError(f"column {self._names[number]!r}: {error}")
        if row and row.count(BLANK) == len(row):
            raise RequestError(
                "the row is blank: no cell that would be sent is filled; fill it or delete the row"
            )
        workflow = values.get("id", self.defaults.workflow_id)
        if workflow is None and handle is None:
            raise RequestError("the row has neither an id nor an eventHandle: fill one of the two")
        draft = values.get("draft", self.defaults.draft)
        if self._nullable:
            row = [
                None if value is BLANK and number in self._nullable else value
                for number, value in enumerate(row)
            ]
        objects = self._objects.build(row)
        if objects is BLANK:
            objects = {}
        elif not isinstance(objects, dict):
            raise RequestError(
                "column 'objects' must hold a dict of object handles and their values"
            )
        return RunWorkflowRequest(
            objects=objects,
            id=None if workflow is None else fields.integer("column 'id'", workflow),
            eventHandle=None if handle is None else fields.text("column 'eventHandle'", handle),
            draft=None if draft is None else fields.boolean("column 'draft'", draft),
            params=self._row_params(row, values),
        )

    def _row_params(self, row: Sequence[Any], values: Mapping[str, Any]) -> Mapping[str, int]:
        if not self._params and "params" not in values:
            return self.defaults.params
        whole = fields.params("column 'params'", values.get("params", {}))
        parts = {
            key: fields.integer(f"column {self._names[number]!r}", row[number])
            for key, number in self._params.items()
            if row[number] is not BLANK
        }
        if both := whole.keys() & parts.keys():
            raise RequestError(
                f"the param {min(both)!r} is filled in 'params' and in its own column: blank either"
            )
        return {**self.defaults.params, **whole, **parts}


def row_name(table: pd.DataFrame, position: int) -> str:
    """Name a row for a person: by its row in the file that it came from, else by position and index label.

    Examples
    --------
    >>> row_name(pd.DataFrame(index=["A-1", "A-2"]), 1)
    "row 1 (index 'A-2')"
    """
    first = table.attrs.get("flxframe", {}).get("first_row")
    if first is not None:
        return f"row {first + position}"
    return f"row {position} (index {table.index[position]!r})"
