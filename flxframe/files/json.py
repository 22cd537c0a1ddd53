"""Read and write .json and .jsonl files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import IO, Any

import pandas as pd

from flxframe.dtypes import column_array, data_frame
from flxframe.exceptions import FileError
from flxframe.files.digits import exact_number
from flxframe.files.error_cells import from_record, to_record, values_with_errors
from flxframe.models import ErrorCell
from flxframe.request.json_text import encode_cell
from flxframe.text import is_encodable

# Created once, because creating a decoder takes as long as decoding a line.
_DECODER = json.JSONDecoder(parse_float=exact_number)
_LONG_INTEGER_DECODER = json.JSONDecoder(parse_float=exact_number, parse_int=exact_number)


def read_json(path: Path) -> pd.DataFrame:
    """Read a .json file: a list of records, or an object of columns.

    Raises
    ------
    FileError
        If it is neither; if it is not JSON, the message says where.
    """
    try:
        content = path.read_bytes()
        value = decode_any(content.decode(json.detect_encoding(content)))
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path} is not valid JSON ({error}): fix the file") from None

    if value and _is_list_of(dict, value):
        return _table(value, path)
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
    return _table(records, path)


def write_json_lines(table: pd.DataFrame, file: IO[bytes]) -> None:
    """Write a table as .jsonl, a blank cell as null and a date in ISO 8601."""
    names = list(map(str, table.columns))
    columns = []
    for name in table.columns:
        columns.append(_values(table[name]))

    for row in zip(*columns, strict=True):
        record = dict(zip(names, row, strict=True))
        line = encode_record(record)
        file.write(f"{line}\n".encode("utf-8", "backslashreplace"))


def _values(column: pd.Series[Any]) -> list[Any]:
    values = values_with_errors(column)
    for position, value in enumerate(values):
        if type(value) is ErrorCell:
            values[position] = to_record(value)
    return values


def encode_record(record: Mapping[str, Any]) -> str:
    """Write a record as JSON; a Decimal keeps its digits, and infinity is written as Python does.

    Examples
    --------
    >>> encode_record({"sku": "007", "ratio": float("inf")})
    '{"sku": "007", "ratio": Infinity}'
    """
    try:
        return json.dumps(record, ensure_ascii=False)
    except TypeError:  # the standard library can't write a Decimal as a number
        members = []
        for name, cell in record.items():
            members.append(f"{encode_cell(name)}: {encode_cell(cell)}")
        return f"{{{', '.join(members)}}}"


def decode_any(text: str) -> Any:
    """Read JSON without losing a digit.

    Raises
    ------
    ValueError
        If the text is not JSON.
    RecursionError
        If it is nested too deeply.

    Examples
    --------
    >>> decode_any("[1.10, 0.12345678901234567890]")
    [1.1, Decimal('0.12345678901234567890')]
    """
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # an integer is too long; calling a function for each would take long
        return _LONG_INTEGER_DECODER.decode(text)


def _is_list_of(kind: type, value: Any) -> bool:
    if not isinstance(value, list):
        return False
    return all(isinstance(item, kind) for item in value)


def _record(line: bytes, where: str) -> dict[str, Any]:
    try:
        record = decode_any(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FileError(f"{where} is not valid JSON ({error}): fix the line") from None

    if not isinstance(record, dict):
        raise FileError(f'{where} is not a record: write it as {{"eventHandle": ...}}')
    return record


def _table(records: list[dict[str, Any]], path: Path) -> pd.DataFrame:
    columns = {}
    for name in dict.fromkeys(chain.from_iterable(records)):
        cells = [_cell(record.get(name)) for record in records]
        columns[name] = column_array(cells, join_numbers=True)
    return _frame(columns, len(records), path)


def _frame(columns: Mapping[str, Any], rows: int, path: Path) -> pd.DataFrame:
    for name in columns:
        if not is_encodable(name):
            raise FileError(
                f"{path}: the name {name!r} contains an unpaired surrogate, which is not a "
                "character; rename it"
            )
    return data_frame(columns, rows)


def _cell(value: Any) -> Any:
    if type(value) is dict:
        return from_record(value)
    return None if isinstance(value, str) and not value else value


def _table_of_columns(columns: dict[str, list[Any]], path: Path) -> pd.DataFrame:
    if len(set(map(len, columns.values()))) > 1:
        raise FileError(
            f"{path}: its columns have different lengths; give each column one cell per row"
        )

    table = {}
    for name, cells in columns.items():
        table[name] = column_array(cells, join_numbers=True)
    return _frame(table, len(cells), path)
