"""Read and write .parquet files."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from flxframe.dtypes import column_array, data_frame, kind_of
from flxframe.exceptions import FileError
from flxframe.files.error_cells import from_record, to_record, values_with_errors
from flxframe.files.json import decode_any
from flxframe.frames import arrow_array, without_index
from flxframe.models import ErrorCell
from flxframe.request.json_text import encode_cell

_JSON_COLUMNS = b"flxframe.json"
"""The metadata key under which flxframe lists the columns that it wrote as JSON texts."""

_READ_ERRORS = (ArithmeticError, LookupError, OSError, TypeError, ValueError)
"""What pyarrow and pandas raise for a damaged file, besides Arrow's own errors."""

_NATIVE_TYPES = {bool, int, float, str, Decimal, dt.date, dt.datetime, dt.time}


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a .parquet file.

    Raises
    ------
    FileError
        If it is not a Parquet file, or pyarrow is not installed.
    """
    parquet = import_parquet(path)
    import pyarrow as pa  # noqa: PLC0415  an optional dependency

    try:
        table = without_index(parquet.read_table(path))
        arrays = dict(zip(table.column_names, map(arrow_array, table.columns), strict=True))
        metadata = table.schema.metadata or {}
        for name in json.loads(metadata.get(_JSON_COLUMNS, b"[]")):
            cells = list(map(_from_json, table[name].to_pylist()))
            arrays[name] = column_array(cells, join_numbers=True)
    except (FileNotFoundError, PermissionError):
        raise
    except (
        pa.ArrowException,
        ArithmeticError,
        LookupError,
        OSError,
        TypeError,
        ValueError,
    ) as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise FileError(f"{path} can't be read as Parquet ({lines[0]}): write it again") from None

    return data_frame(arrays, len(table))


def write_parquet(table: pd.DataFrame, file: IO[bytes], path: Path) -> None:
    """Write a table as .parquet.

    A column that Parquet has no type for is written as JSON texts, and its name is recorded in the
    metadata of the file.

    Raises
    ------
    FileError
        If pyarrow is not installed.
    """
    parquet = import_parquet(path)
    import pyarrow as pa  # noqa: PLC0415  an optional dependency

    arrays, json_columns = {}, []
    for label in table.columns:
        name = str(label)
        column = table[label]
        try:
            arrays[name] = pa.array(_native(column))
        except (pa.ArrowException, TypeError, OverflowError, UnicodeError):
            arrays[name] = pa.array(list(map(_to_json, values_with_errors(column))))
            json_columns.append(name)

    metadata = {_JSON_COLUMNS: json.dumps(json_columns)}
    whole = pa.table(arrays).replace_schema_metadata(metadata)
    parquet.write_table(whole, file)


def import_parquet(path: Path) -> Any:
    """Import the module that reads and writes Parquet.

    Raises
    ------
    FileError
        If it is not installed; the message names the file that needs it.
    """
    try:
        import pyarrow.parquet  # noqa: PLC0415  an optional dependency
    except ImportError:
        raise FileError(
            f"{path}: Parquet files require pyarrow; install it with: "
            "pip install 'flxframe[formats]'"
        ) from None
    return pyarrow.parquet


def _native(column: pd.Series[Any]) -> Any:
    """Return the cells of a column for Parquet.

    Raises
    ------
    TypeError
        If Parquet has no type that keeps the cells as they are.
    """
    dtype = getattr(column.dtype, "numpy_dtype", column.dtype)  # of a nullable or an Arrow column
    if isinstance(dtype, (np.dtype, pd.DatetimeTZDtype)) and dtype.kind in "Mf":
        return column

    cells = list(map(_missing_as_none, column.tolist()))
    types = set(map(type, cells)) - {type(None)}
    if len(types) > 1 or not types <= _NATIVE_TYPES:
        raise TypeError("Parquet requires one type per column")
    if any(getattr(cell, "tzinfo", None) for cell in cells):
        raise TypeError("Parquet requires one time zone per column")
    return cells


def _missing_as_none(cell: Any) -> Any:
    return None if kind_of(cell) == "missing" else cell


def _to_json(value: Any) -> str | None:
    if type(value) is ErrorCell:
        value = to_record(value)
    if value is None:
        return None
    return encode_cell(value).encode("utf-8", "backslashreplace").decode()


def _from_json(text: str | None) -> Any:
    return None if text is None else from_record(decode_any(text))
