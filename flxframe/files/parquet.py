"""Read and write .parquet files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

import pandas as pd

from flxframe.dtypes import column_array, kind_of
from flxframe.exceptions import FileError
from flxframe.request.cells import to_json_or_text

_JSON_COLUMNS = b"flxframe.json"
"""Names, in a .parquet file of ours, the columns whose cells are written as JSON texts."""


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a .parquet file.

    Raises
    ------
    FileError
        If it is none, or pyarrow isn't installed.
    """
    parquet = parquet_for(path)
    import pyarrow as pa  # noqa: PLC0415  an extra

    try:
        table = parquet.read_table(path)
    except (pa.ArrowException, ValueError) as error:
        raise FileError(
            f"{path} can't be read as Parquet ({str(error).splitlines()[0]}): write it anew"
        ) from None
    nested = json.loads((table.schema.metadata or {}).get(_JSON_COLUMNS, b"[]"))
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        cells = column.to_pylist() if not pa.types.is_timestamp(column.type) else column.to_pandas()
        if name in nested:
            cells = [None if cell is None else json.loads(cell) for cell in cells]
        columns[name] = (
            column_array(cells, join_numbers=True) if isinstance(cells, list) else cells.array
        )
    return pd.DataFrame(columns, index=pd.RangeIndex(len(table)))


def write_parquet(table: pd.DataFrame, file: IO[bytes], path: Path) -> None:
    """Write a table as .parquet; a column that Parquet has no type for is written as JSON texts, and marked so."""
    parquet = parquet_for(path)
    import pyarrow as pa  # noqa: PLC0415  an extra

    arrays, nested = [], []
    for name in table.columns:
        cells = [None if kind_of(cell) == "missing" else cell for cell in table[name].tolist()]
        kinds = set(map(type, cells)) - {type(None)}
        try:
            if len(kinds) > 1 or kinds & {dict, list, tuple}:
                raise TypeError("Parquet wants one type a column")
            arrays.append(pa.array(table[name] if "datetime" in str(table[name].dtype) else cells))
        except (pa.ArrowException, TypeError, OverflowError):
            arrays.append(
                pa.array(
                    [
                        None if cell is None else json.dumps(to_json_or_text(cell), default=float)
                        for cell in cells
                    ]
                )
            )
            nested.append(str(name))
    whole = pa.table(dict(zip(map(str, table.columns), arrays, strict=True)))
    parquet.write_table(whole.replace_schema_metadata({_JSON_COLUMNS: json.dumps(nested)}), file)


def parquet_for(path: Path) -> Any:
    """Return what reads and writes Parquet.

    Raises
    ------
    FileError
        If it isn't installed.
    """
    try:
        import pyarrow.parquet  # noqa: PLC0415  an extra
    except ImportError:
        raise FileError(
            f"{path}: for Parquet files install pyarrow with: pip install 'flxframe[formats]'"
        ) from None
    return pyarrow.parquet
