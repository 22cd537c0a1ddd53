"""Records with types of their own: .json, .jsonl and .parquet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

import pandas as pd

from flxframe.cells import to_json
from flxframe.exceptions import FileError, RequestError
from flxframe.grids import column_array
from flxframe.outcomes import ErrorCell
from flxframe.results import kind_of

_JSON_COLUMNS = b"flxframe.json"
"""Names, in a .parquet file of ours, the columns whose cells are written as JSON texts."""


def read_json(path: Path) -> pd.DataFrame:
    """Read a .json file: a list of records, or an object of columns.

    Raises
    ------
    FileError
        If it is neither; the message says where it stops being JSON.
    """
    try:
        value = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path} is no JSON ({error}): mend it there") from None
    if isinstance(value, list) and value and all(isinstance(record, dict) for record in value):
        return _table(value)
    if isinstance(value, dict) and value and all(isinstance(cells, list) for cells in value.values()):
        rows = set(map(len, value.values()))
        if len(rows) == 1:
            return pd.DataFrame({name: column_array(cells) for name, cells in value.items()})
        raise FileError(f"{path}: its columns have different lengths; give each one cell for each row")
    raise FileError(
        f'{path} holds no table: write it as a list of records, [{{"eventHandle": ...}}, ...], or an object of columns'
    )


def read_json_lines(path: Path) -> pd.DataFrame:
    """Read a .jsonl file: a record a line.

    Raises
    ------
    FileError
        If a line is no record; the message names it.
    """
    records = []
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line.decode("utf-8-sig"))
            except (ValueError, RecursionError) as error:
                raise FileError(f"{path}, line {number} is no JSON ({error}): mend the line") from None
            if not isinstance(record, dict):
                raise FileError(f'{path}, line {number} is no record: write it as {{"eventHandle": ...}}')
            records.append(record)
    if not records:
        raise FileError(f"{path} is empty: it needs a record for each request, one a line")
    return _table(records)


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
        raise FileError(f"{path} can't be read as Parquet ({str(error).splitlines()[0]}): write it anew") from None
    nested = json.loads((table.schema.metadata or {}).get(_JSON_COLUMNS, b"[]"))
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        cells = column.to_pylist() if not pa.types.is_timestamp(column.type) else column.to_pandas()
        if name in nested:
            cells = [None if cell is None else json.loads(cell) for cell in cells]
        columns[name] = column_array(cells) if isinstance(cells, list) else cells.array
    return pd.DataFrame(columns, index=pd.RangeIndex(len(table)))


def write_json_lines(table: pd.DataFrame, file: IO[bytes]) -> None:
    """Write a table as .jsonl, a blank cell as null and a date in ISO 8601."""
    columns = [[_sendable(cell) for cell in table[name].tolist()] for name in table.columns]
    names = [str(name) for name in table.columns]
    for row in zip(*columns, strict=True):
        line = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=float)
        file.write(f"{line}\n".encode("utf-8", "backslashreplace"))


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
                pa.array([None if cell is None else json.dumps(_sendable(cell), default=float) for cell in cells])
            )
            nested.append(str(name))
    whole = pa.table(dict(zip(map(str, table.columns), arrays, strict=True)))
    parquet.write_table(whole.replace_schema_metadata({_JSON_COLUMNS: json.dumps(nested)}), file)


def _table(records: list[dict[str, Any]]) -> pd.DataFrame:
    names = dict.fromkeys(name for record in records for name in record)
    columns = {name: column_array([_blank(record.get(name)) for record in records]) for name in names}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(records)))


def _blank(cell: Any) -> Any:
    return None if isinstance(cell, str) and not cell else cell


def _sendable(cell: Any) -> Any:
    if isinstance(cell, ErrorCell):
        return cell.text
    if kind_of(cell) == "missing":
        return None
    try:
        return to_json(cell)
    except RequestError:  # a passenger may hold anything
        return str(cell)


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
        raise FileError(f"{path}: for Parquet files install pyarrow with: pip install 'flxframe[formats]'") from None
    return pyarrow.parquet
