"""Convert rows to requests, or to errors. Pure: no network, no clock, no disk.

The columns are compiled to a plan once. Each row's request is built on demand, so that the requests
of a long table are never in memory all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import is_integral
from flxframe.exceptions import RequestError, TableError
from flxframe.models import JSON, RunWorkflowRequest
from flxframe.request import fields
from flxframe.request.cells import BLANK
from flxframe.request.columns import check_blanks, column_paths
from flxframe.request.fields import Defaults
from flxframe.request.json_cells import can_contain_json, decode_cells
from flxframe.request.paths import Path
from flxframe.request.row_names import row_name
from flxframe.request.series import column_to_json
from flxframe.request.tree import Node
from flxframe.text import short_repr

_CHUNK = 1024
"""Rows that are converted at a time: enough to amortize the cost per column, but little memory."""


class Plan:
    """How a table's rows become requests.

    Parameters
    ----------
    table : DataFrame
        The rows.
    defaults : Defaults, optional
        The values for blank cells.
    columns : Mapping, optional
        A column's path, or None for a column that must not be sent.
    object_handle : str, optional
        The handle of the object that gets every column that is not a request field.
    blanks : {"omit", "null"}
        Whether blank cells of `objects` are left out or sent as null.
    errors : Mapping, optional
        The positions of rows that cannot be sent, and the reason of each.
    lists : sequence of tuple
        The paths of lists whose items come from the lines of a group.

    Attributes
    ----------
    table : DataFrame
        The rows.
    paths : dict
        The columns that are sent, and the path of each.
    unsent : list
        The columns that are not sent.
    json_columns : dict
        The columns of a file whose JSON texts were sent as objects and arrays, so far.

    Raises
    ------
    TableError
        If the table cannot be sent at all; the message names the column.

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
        errors: Mapping[int, str] | None = None,
        lists: Sequence[Path] = (),
    ) -> None:
        check_blanks("blanks", blanks)

        self._keywords = {
            "defaults": defaults,
            "columns": columns,
            "object_handle": object_handle,
            "blanks": blanks,
            "errors": errors,
            "lists": lists,
        }
        self._errors = errors or {}
        self.table, self.lists = table, lists
        self.paths = column_paths(table, columns, object_handle)
        self.unsent = [name for name in table.columns if name not in self.paths]
        self.defaults = defaults or Defaults()

        # Unless columns= mentions it, a column `id` might be the table's own, not the workflow's.
        self._has_unclear_id = "id" in self.paths and "id" not in (columns or {})
        self._names = list(self.paths)
        self._columns = [table[name] for name in self.paths]
        self._integral = [is_integral(column) for column in self._columns]

        self.json_columns: dict[Any, None] = {}
        self._decoded: list[int] = []
        for number, (name, path) in enumerate(self.paths.items()):
            if can_contain_json(table, name, path):
                self._decoded.append(number)

        # The number of each column, by its place in the request.
        self._single: dict[str, int] = {}
        self._params: dict[str, int] = {}
        objects: dict[Path, int] = {}
        for number, (field, *inside) in enumerate(self.paths.values()):
            if field == "objects":
                objects[tuple(inside)] = number
            elif inside:
                self._params[str(inside[0])] = number
            else:
                self._single[str(field)] = number

        self._objects = Node(("objects",), objects)
        self._nullable: list[int] = []
        if blanks == "null":
            self._nullable += self._objects.nullable()

    def requests(
        self, positions: Sequence[int] | np.ndarray[Any, Any] | None = None
    ) -> Iterator[tuple[int, RunWorkflowRequest | RequestError]]:
        """Build the requests of all rows, or of some, one after the other.

        Parameters
        ----------
        positions : sequence of int, optional
            The positions of the rows; all rows by default.

        Yields
        ------
        (int, RunWorkflowRequest or RequestError)
            The row's position, and its request or the error that prevents it.

        Raises
        ------
        TableError
            At a row that has both an ambiguous `id` and an `eventHandle`, or an `eventHandle` that
            a default `id` would override.
        """
        pending = range(len(self.table)) if positions is None else positions
        for start in range(0, len(pending), _CHUNK):
            chunk = pending[start : start + _CHUNK]
            rows = self._convert_rows(chunk)
            for position, row in zip(map(int, chunk), rows, strict=True):
                request: RunWorkflowRequest | RequestError
                try:
                    if position in self._errors:
                        raise RequestError(self._errors[position])
                    request = self._build_request(position, row)
                except RequestError as error:
                    request = error
                yield position, request

    def on(self, table: pd.DataFrame, **keywords: Any) -> Plan:
        """Return the plan of another table with the same arguments, or with some others."""
        return Plan(table, **{**self._keywords, **keywords})

    def _convert_rows(
        self, positions: Sequence[int] | np.ndarray[Any, Any]
    ) -> Iterable[Sequence[Any]]:
        """Return the cells of some rows as JSON values, row by row."""
        if not self._columns:
            return [()] * len(positions)

        rows: Any = list(positions)
        if isinstance(positions, range):  # a slice avoids a copy
            rows = slice(positions.start, positions.stop)

        columns = [
            column_to_json(column.iloc[rows], integral=integral)
            for column, integral in zip(self._columns, self._integral, strict=True)
        ]
        for number in self._decoded:
            if decode_cells(columns[number]):
                self.json_columns[self._names[number]] = None
        return zip(*columns, strict=True)

    def _build_request(self, position: int, row: Sequence[Any]) -> RunWorkflowRequest:
        cells = {}
        for field, number in self._single.items():
            if row[number] is not BLANK:
                cells[field] = row[number]

        self._refuse_two_workflows(position, cells)
        self._refuse_unusable_cells(row)

        workflow_id = cells.get("id", self.defaults.workflow_id)
        handle = cells.get("eventHandle", self.defaults.event_handle)
        draft = cells.get("draft", self.defaults.draft)
        if workflow_id is None and handle is None:
            raise RequestError("the row has neither an id nor an eventHandle: fill one of the two")

        objects = self._build_objects(row)
        if workflow_id is not None:
            workflow_id = fields.to_integer("column 'id'", workflow_id)
        if handle is not None:
            handle = fields.to_text("column 'eventHandle'", handle)
        if draft is not None:
            draft = fields.to_boolean("column 'draft'", draft)

        return RunWorkflowRequest(
            objects=objects,
            id=workflow_id,
            eventHandle=handle,
            draft=draft,
            params=self._build_params(row, cells.get("params", BLANK)),
        )

    def _refuse_two_workflows(self, position: int, cells: Mapping[str, Any]) -> None:
        """Raise if an id might override an eventHandle unintentionally."""
        if "id" in cells:
            handle = cells.get("eventHandle", self.defaults.event_handle)
            if self._has_unclear_id and handle is not None:
                row = row_name(self.table, position)
                own_id = cells["id"]
                if isinstance(own_id, RequestError):
                    own_id = str(own_id)
                raise TableError(
                    f"{row} has an id ({short_repr(own_id)}) and an eventHandle ({handle!r}), "
                    "and the API would use the id. "
                    'If it is the workflow\'s id, pass columns={"id": "id"}; '
                    'if it is the table\'s own, pass columns={"id": None}. Nothing was sent'
                )

        elif "eventHandle" in cells and self.defaults.workflow_id is not None:
            row = row_name(self.table, position)
            raise TableError(
                f"{row} has an eventHandle ({cells['eventHandle']!r}), but the API would use "
                f"workflow_id={self.defaults.workflow_id} instead. "
                'To run that workflow, pass columns={"eventHandle": None}; '
                "otherwise omit workflow_id=. Nothing was sent"
            )

    def _refuse_unusable_cells(self, row: Sequence[Any]) -> None:
        """Raise the error of the first cell that has one, or if all cells are blank."""
        if RequestError in map(type, row):
            for name, value in zip(self._names, row, strict=True):
                if type(value) is RequestError:
                    raise RequestError(f"column {name!r}: {value}")

        if row and row[0] is BLANK and row.count(BLANK) == len(row):
            raise RequestError(
                "the row is blank: every cell that would be sent is empty; "
                "fill a cell or delete the row"
            )

    def _build_objects(self, row: Sequence[Any]) -> Mapping[str, JSON]:
        if self._nullable:
            row = list(row)
            for number in self._nullable:
                if row[number] is BLANK:
                    row[number] = None

        objects = self._objects.build(row)
        if objects is BLANK:
            return {}
        if not isinstance(objects, dict):
            raise RequestError(
                "column 'objects' must contain a dict of object handles and their values"
            )
        return objects

    def _build_params(self, row: Sequence[Any], whole_cell: Any) -> Mapping[str, int]:
        """Merge the default params, those of the column `params`, and those of single columns."""
        if not self._params and whole_cell is BLANK:
            return self.defaults.params

        joint: Mapping[str, int] = {}
        if whole_cell is not BLANK:
            joint = fields.to_params("column 'params'", whole_cell)

        separate: dict[str, int] = {}
        for key, number in self._params.items():
            if row[number] is not BLANK:
                cell = row[number]
                if type(cell) is not int:  # nearly all are, and a text for each row takes time
                    cell = fields.to_integer(f"column {self._names[number]!r}", cell)
                separate[key] = cell

        repeated = joint.keys() & separate.keys()
        if repeated:
            raise RequestError(
                f"the param {min(repeated)!r} is filled in 'params' and in its own column: "
                "clear one of them"
            )
        return {**self.defaults.params, **joint, **separate}
