"""Tables of other libraries as pandas DataFrames. Pure: no network, no clock, no disk.

Every function that takes a table takes all of these:

- a pandas DataFrame; one of a subclass is used as a plain DataFrame
- a list of dicts, one for each row; a key that a dict does not have is a blank cell
- anything with the Arrow PyCapsule interface: polars and PyArrow tables, DuckDB relations

A cell is sent as if it came from a pandas table: integers stay integers next to nulls, decimals
keep their digits, lists and structs are arrays and objects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Protocol, TypeAlias

import numpy as np
import pandas as pd

from flxframe.dtypes import column_array, data_frame
from flxframe.exceptions import TableError
from flxframe.text import short_repr


class ArrowTable(Protocol):
    """Any table that can be read as Arrow data."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the table as a PyCapsule of an Arrow stream."""


Frame: TypeAlias = pd.DataFrame | ArrowTable | Sequence[Mapping[str, Any]]
"""A table in memory, of any library."""

_INDEX_NAME = re.compile("__index_level_[0-9]+__")

_EXPECTS = "expects a table, such as a DataFrame or a list of dicts"

_LAZY_METHODS = ("collect", "compute", "toPandas", "to_pandas")
"""What turns a table of another library into one that is in memory."""


def as_frame(data: object, caller: str) -> pd.DataFrame:
    """Return a table of any library as a pandas DataFrame; a pandas DataFrame is not copied.

    Parameters
    ----------
    data : object
        The table.
    caller : str
        What it was passed to, for the message.

    Raises
    ------
    TableError
        If it is not a table, or has values that cannot be converted; the message names `caller` or
        the column.

    Examples
    --------
    >>> as_frame([{"sku": "007", "quantity": 2}, {"sku": "008"}], "preview()")["quantity"].tolist()
    [2, <NA>]
    """
    if type(data) is pd.DataFrame:
        return data
    if isinstance(data, pd.DataFrame):
        frame = pd.DataFrame(data)
        frame.attrs.update(data.attrs)
        return frame

    if isinstance(data, pd.Series):  # pandas 3 gives a column the interface of tables
        raise TableError(
            f"{caller} {_EXPECTS}, and a pandas Series is one column: pass its .to_frame()"
        )
    if isinstance(data, (list, tuple)):
        return _from_records(data, caller)
    if hasattr(data, "__arrow_c_stream__"):
        return _from_arrow(data)
    raise TableError(f"{caller} {_EXPECTS}, not {_described(data)}")


def without_index(table: Any) -> Any:
    """Return a PyArrow table without the column that pandas makes of an index without a name.

    It is in a table that pandas has filtered or sorted, and its numbers are no field of a row.
    """
    names = [name for name in table.column_names if _INDEX_NAME.fullmatch(name)]
    return table.drop_columns(names) if names else table


def arrow_array(column: Any) -> Any:
    """Return a column of a PyArrow table as an array for a pandas DataFrame.

    Raises
    ------
    Exception
        What PyArrow and pandas raise if a value has no counterpart in Python.
    """
    import pyarrow as pa  # noqa: PLC0415  an optional dependency

    types, kind = pa.types, column.type
    nullable: Any = None
    if types.is_integer(kind) and kind != pa.uint64():
        column = column.cast(pa.int64())
        nullable = pd.Int64Dtype()
    elif types.is_boolean(kind):
        nullable = pd.BooleanDtype()
    if nullable is not None:
        return nullable.__from_arrow__(column) if column.null_count else column.to_numpy()

    # All nulls would be an array of floats or texts.
    has_values = column.null_count < len(column)
    if has_values and (
        types.is_floating(kind)
        or types.is_timestamp(kind)
        or types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_string_view(kind)
    ):
        return column.to_pandas().array
    cells = column.to_pylist(maps_as_pydicts="strict")
    if "float" in str(kind):  # not "double"
        cells = [_short_floats(cell, kind) for cell in cells]
    return column_array(cells)


def _short_floats(value: Any, kind: Any) -> Any:
    """Return a list or dict in which a float32 of 0.1 is not 0.10000000149."""
    import pyarrow as pa  # noqa: PLC0415  an optional dependency

    types = pa.types
    if value is None:
        return None
    if types.is_float32(kind) or types.is_float16(kind):
        return float(str(np.float32(value)))
    if types.is_struct(kind):
        return {field.name: _short_floats(value[field.name], field.type) for field in kind}
    if types.is_map(kind):
        return {key: _short_floats(item, kind.item_type) for key, item in value.items()}
    if isinstance(value, list):
        return [_short_floats(item, kind.value_type) for item in value]
    return value


def _from_records(records: Sequence[Any], caller: str) -> pd.DataFrame:
    """Return the table of a list of dicts."""
    for position, record in enumerate(records):
        if not isinstance(record, Mapping):
            raise TableError(
                f"{caller} {_EXPECTS}, not a list with {short_repr(record)} at position "
                f"{position}: write each row as {{'column': value, ...}}"
            )

    columns: dict[Any, Any] = {}
    for name in dict.fromkeys(chain.from_iterable(records)):
        columns[name] = column_array([record.get(name) for record in records])
    return data_frame(columns, len(records))


def _from_arrow(data: object) -> pd.DataFrame:
    """Return the table of anything with the Arrow PyCapsule interface."""
    kind = f"{type(data).__module__.partition('.')[0]} {type(data).__name__}"
    try:
        import pyarrow as pa  # noqa: PLC0415  an optional dependency
    except ImportError:
        raise TableError(
            f"a {kind} requires pyarrow; install it with: pip install 'flxframe[formats]'"
        ) from None

    if isinstance(data, pa.RecordBatchReader):
        raise TableError(
            f"a {kind} can be read only once, so a run after a preview would have no rows: call "
            "its .read_all() first"
        )
    try:
        table = without_index(pa.table(data))
    except Exception as error:  # each library has its own, such as those of a failed SQL query
        raise TableError(
            f"a {kind} can't be read as a table ({_first_line(error)}): correct it, convert "
            "its columns to common types, or pass a pandas DataFrame"
        ) from None

    arrays = {}
    for number, (name, column) in enumerate(zip(table.column_names, table.columns, strict=True)):
        try:
            arrays[number] = arrow_array(column)
        except (pa.ArrowException, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise TableError(
                f"column {name!r} of type {column.type} can't be read ({_first_line(error)}): "
                "convert it to text or numbers first"
            ) from None

    frame = data_frame(arrays, len(table))
    # Two columns can share a name, and a run names them in its error.
    frame.columns = pd.Index(table.column_names, dtype=None if arrays else object)
    return frame


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0]


def _described(data: object) -> str:
    """Return a value that is not a table, and how to get a table from it."""
    if isinstance(data, str) or hasattr(data, "__fspath__"):
        return f"{short_repr(data)}; to read a file, use read_table"

    text = f"a value of type {type(data).__name__}"
    for name in _LAZY_METHODS:
        if callable(getattr(data, name, None)):
            return f"{text}: call its .{name}() first"
    return text
