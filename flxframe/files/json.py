"""Read and write .json and .jsonl files."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import IO, Any

import pandas as pd

from flxframe.dtypes import column_array
from flxframe.exceptions import FileError
from flxframe.request.cells import to_json_or_text
from flxframe.request.json_text import encode, parse_fraction


def read_json(path: Path) -> pd.DataFrame:
    """Read a .json file: a list of records, or an object of columns.

    Raises
    ------
    FileError
        If it is neither; if it is not JSON, the message says where.
    """
    try:
        value = json.loads(path.read_bytes(), parse_float=parse_fraction)
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path} is not valid JSON ({error}): fix the file") from None

    if value and _is_list_of(dict, value):
        return _table(value)
    if value and isinstance(value, dict):
        columns = list(value.values())
        if _is_list_of(list, columns):
            return _table_of_columns(value, path)
    raise FileError(
        f"{path} does not contain a table; expected a list of records, "
        '[{"eventHandle": ...}, ...], or an object of columns'
    )


def read_json_lines(path: Path) -> pd.DataFrame:
    """Read a .jsonl file: one record per line.

    Raises
    ------
    FileError
        If a line is not a record; the message names it.
    """
    records = []
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                records.append(_record(line, f"{path}, line {number}"))

    if not records:
        raise FileError(f"{path} is empty: it needs a record for each request, one per line")
    return _table(records)


def write_json_lines(table: pd.DataFrame, file: IO[bytes]) -> None:
    """Write a table as .jsonl, a blank cell as null and a date in ISO 8601."""
    names = list(map(str, table.columns))
    columns = []
    for name in table.columns:
        cells = table[name].tolist()
        columns.append(map(to_json_or_text, cells))

    for row in zip(*columns, strict=True):
        record = dict(zip(names, row, strict=True))
        line = encode(record)
        file.write(f"{line}\n".encode("utf-8", "backslashreplace"))


def _is_list_of(kind: type, value: Any) -> bool:
    if not isinstance(value, list):
        return False
    return all(isinstance(item, kind) for item in value)


def _record(line: bytes, where: str) -> dict[str, Any]:
    try:
        record = json.loads(line.decode("utf-8-sig"), parse_float=parse_fraction)
    except (ValueError, RecursionError) as error:
        raise FileError(f"{where} is not valid JSON ({error}): fix the line") from None

    if not isinstance(record, dict):
        raise FileError(f'{where} is not a record: write it as {{"eventHandle": ...}}')
    return record


def _table(records: list[dict[str, Any]]) -> pd.DataFrame:
    columns = {}
    for name in dict.fromkeys(chain.from_iterable(records)):
        cells = [_blank_as_none(record.get(name)) for record in records]
        columns[name] = column_array(cells, join_numbers=True)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(records)))


def _blank_as_none(cell: Any) -> Any:
    return None if isinstance(cell, str) and not cell else cell


def _table_of_columns(columns: dict[str, list[Any]], path: Path) -> pd.DataFrame:
    if len(set(map(len, columns.values()))) > 1:
        raise FileError(
            f"{path}: its columns have different lengths; give each column one cell per row"
        )

    table = {}
    for name, cells in columns.items():
        table[name] = column_array(cells, join_numbers=True)
    return pd.DataFrame(table)
