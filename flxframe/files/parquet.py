"""Read and write .parquet files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

import pandas as pd

from flxframe.dtypes import column_array, kind_of
from flxframe.exceptions import FileError
from flxframe.request.cells import to_json_or_text
from flxframe.request.json_text import encode, parse_fraction

_JSON_COLUMNS = b"flxframe.json"
"""The metadata key under which flxframe lists the columns that it wrote as JSON texts."""


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
        table = parquet.read_table(path)
    except (pa.ArrowException, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise FileError(f"{path} can't be read as Parquet ({reason}): write it again") from None

    metadata = table.schema.metadata or {}
    json_columns = json.loads(metadata.get(_JSON_COLUMNS, b"[]"))

    arrays = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_timestamp(column.type):
            arrays[name] = column.to_pandas().array
            continue

        cells = column.to_pylist()
        if name in json_columns:
            cells = list(map(_from_json, cells))
        arrays[name] = column_array(cells, join_numbers=True)
    return pd.DataFrame(arrays, index=pd.RangeIndex(len(table)))


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
        cells = list(map(_missing_as_none, table[label].tolist()))
        try:
            _check_one_type(cells)
            is_moment = "datetime" in str(table[label].dtype)
            values = table[label] if is_moment else cells
            arrays[name] = pa.array(values)
        except (pa.ArrowException, TypeError, OverflowError):
            arrays[name] = pa.array(list(map(_to_json, cells)))
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


def _check_one_type(cells: list[Any]) -> None:
    """Raise if Parquet has no type that keeps the cells as they are."""
    types = set(map(type, cells)) - {type(None)}
    if len(types) > 1 or types & {dict, list, tuple}:
        raise TypeError("Parquet requires one type per column")


def _missing_as_none(cell: Any) -> Any:
    return None if kind_of(cell) == "missing" else cell


def _to_json(cell: Any) -> str | None:
    if cell is None:
        return None
    return encode(to_json_or_text(cell))


def _from_json(text: str | None) -> Any:
    return None if text is None else json.loads(text, parse_float=parse_fraction)
