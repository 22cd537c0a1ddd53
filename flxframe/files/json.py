"""Read and write .json and .jsonl files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

import pandas as pd

from flxframe.dtypes import column_array
from flxframe.exceptions import FileError
from flxframe.request.cells import to_json_or_text


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
    if (
        isinstance(value, dict)
        and value
        and all(isinstance(cells, list) for cells in value.values())
    ):
        rows = set(map(len, value.values()))
        if len(rows) == 1:
            return pd.DataFrame(
                {name: column_array(cells, join_numbers=True) for name, cells in value.items()}
            )
        raise FileError(
            f"{path}: its columns have different lengths; give each one cell for each row"
        )
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
                raise FileError(
                    f"{path}, line {number} is no JSON ({error}): mend the line"
                ) from None
            if not isinstance(record, dict):
                raise FileError(
                    f'{path}, line {number} is no record: write it as {{"eventHandle": ...}}'
                )
            records.append(record)
    if not records:
        raise FileError(f"{path} is empty: it needs a record for each request, one a line")
    return _table(records)


def write_json_lines(table: pd.DataFrame, file: IO[bytes]) -> None:
    """Write a table as .jsonl, a blank cell as null and a date in ISO 8601."""
    columns = [[to_json_or_text(cell) for cell in table[name].tolist()] for name in table.columns]
    names = [str(name) for name in table.columns]
    for row in zip(*columns, strict=True):
        line = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=float)
        file.write(f"{line}\n".encode("utf-8", "backslashreplace"))


def _table(records: list[dict[str, Any]]) -> pd.DataFrame:
    names = dict.fromkeys(name for record in records for name in record)
    columns = {
        name: column_array([_blank(record.get(name)) for record in records], join_numbers=True)
        for name in names
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(len(records)))


def _blank(cell: Any) -> Any:
    return None if isinstance(cell, str) and not cell else cell
