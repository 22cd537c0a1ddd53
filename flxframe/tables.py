"""Reading and writing files of tables: what a person sees in a cell is what is read."""

from __future__ import annotations

import json
import os
import re
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import pandas as pd

from flxframe import delimited, records
from flxframe.exceptions import FileError
from flxframe.grids import frame, layout, names_requests
from flxframe.outcomes import ErrorCell
from flxframe.results import kind_of
from flxframe.sheets import read_grid
from flxframe.workbooks import SUMMARY_SHEET, Workbook

_WORKBOOKS = (".xlsx", ".xlsm")
_DELIMITED = {".csv": ",", ".tsv": "\t"}
_RED = "FFF4C7C3"
_MOST_DIGITS = 10**15
_LONGEST_TEXT = 32_767
_ILLEGAL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")


def read_table(
    path: str | os.PathLike[str],
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    types: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Read a file as a table.

    Parameters
    ----------
    path : path
        A .xlsx, .xlsm, .csv, .tsv, .json, .jsonl or .parquet file.
    sheet : str, optional
        Which sheet of a workbook; needed when it isn't plain.
    header_row : int, optional
        The row of the column names, counted from 1; needed when it isn't plain.
    types : Mapping, optional
        For .csv and .tsv, the type of a column whatever its cells look like: ``string``, ``integer``, ``number`` or
        ``boolean``.

    Returns
    -------
    DataFrame
        The rows. ``attrs["flxframe"]`` holds where they came from.

    Raises
    ------
    FileError
        If the file can't be read as a table; the message names it and the remedy.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if path.name.startswith("~$"):
        raise FileError(f"{path} is the lock that Excel leaves beside an open workbook: name the workbook itself")
    if path.is_dir():
        raise FileError(f"{path} is a folder: name a file in it")
    try:
        if kind in _WORKBOOKS:
            table, source = _read_workbook(path, sheet, header_row)
        elif kind in _DELIMITED:
            table, first = delimited.read(path, header_row=header_row, types=types or {})
            source = {"sheet": None, "first_row": first}
        else:
            readers = {".json": records.read_json, ".jsonl": records.read_json_lines, ".parquet": records.read_parquet}
            if kind not in readers:
                raise FileError(f"{path} is no kind of file that can be read: save it as .xlsx or .csv")
            table, source = readers[kind](path), {"sheet": None, "first_row": 1}
    except FileNotFoundError:
        raise FileError(f"there is no file {path}: check the name and the folder") from None
    except PermissionError:
        raise FileError(f"{path} can't be opened: close it in other programs, and check that you may read it") from None
    table.attrs["flxframe"] = {"path": str(path), **source}
    return table


def _read_workbook(path: Path, name: str | None, header_row: int | None) -> tuple[pd.DataFrame, dict[str, Any]]:
    with Workbook(path) as workbook:
        sheets = [sheet for sheet in workbook.sheets if sheet.name != SUMMARY_SHEET]
        if name is not None:
            sheets = [sheet for sheet in sheets if sheet.name == name]
            if not sheets:
                listed = ", ".join(repr(sheet.name) for sheet in workbook.sheets)
                raise FileError(f"{path} has no sheet {name!r}; it has {listed}")
        grids = [grid for sheet in sheets if (grid := read_grid(workbook, sheet)).columns]
    if len(grids) > 1:
        plain = [grid for grid in grids if names_requests(grid)]
        if len(plain) != 1:
            listed = ", ".join(repr(grid.name) for grid in grids)
            raise FileError(f"{path} has several sheets ({listed}): say which one with sheet= or --sheet")
        grids = plain
    if not grids:
        raise FileError(f"{path} has no cell that is filled: check that it is the right file")
    grid = grids[0]
    place = layout(grid, where=f"{path}, sheet {grid.name!r}", header_row=header_row)
    hidden = sum(1 for row in grid.hidden if place.header_row < row <= place.last_row)
    if hidden:
        warnings.warn(f"{path}: {hidden} hidden rows are part of the table too", UserWarning, stacklevel=3)
    return frame(grid, place), {"sheet": grid.name, "first_row": place.header_row + 1}


def write_results(result: pd.DataFrame, path: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Write a table, such as a result, to a file, as a whole or not at all.

    Parameters
    ----------
    result : DataFrame
        The rows.
    path : path
        A .xlsx, .csv, .tsv, .jsonl or .parquet file.
    force : bool
        Whether an existing file may be replaced.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    FileError
        If the file is there already, or can't be written.
    """
    path = Path(path)
    check_writable(path, force=force)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".flxframe-", suffix=path.suffix)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            _write(result, file, path)
        temporary.replace(path)
    except PermissionError:
        raise FileError(f"{path} can't be written: close it in other programs, and check the folder") from None
    finally:
        temporary.unlink(missing_ok=True)
    return path


def check_writable(path: Path, *, force: bool) -> None:
    """Find out, before anything is sent, whether a result can be written.

    Raises
    ------
    FileError
        If it can't.
    """
    if path.suffix.lower() not in (".xlsx", ".jsonl", ".parquet", *_DELIMITED):
        raise FileError(f"{path} is no kind of file that can be written: name a .xlsx, .csv, .jsonl or .parquet file")
    if path.exists() and not force:
        raise FileError(f"{path} is there already: name another file, or allow it with force=True or --force")
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise FileError(f"{path} can't be written: check that its folder is there and that you may write in it")


def _write(table: pd.DataFrame, file: IO[bytes], path: Path) -> None:
    kind = path.suffix.lower()
    if kind in _DELIMITED:
        delimited.write(table, file, delimiter=_DELIMITED[kind])
    elif kind == ".jsonl":
        records.write_json_lines(table, file)
    elif kind == ".parquet":
        records.write_parquet(table, file, path)
    else:
        _write_workbook(table, file)


def _write_workbook(table: pd.DataFrame, file: IO[bytes]) -> None:
    from openpyxl import Workbook as NewWorkbook  # noqa: PLC0415  it is slow to import
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Font, PatternFill  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = NewWorkbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    sheet.freeze_panes = "A2"
    for number, name in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = min(40, max(12, len(str(name)) + 2))
    red, bold = PatternFill("solid", start_color=_RED), Font(bold=True)

    def cell(value: Any) -> Any:
        made = WriteOnlyCell(sheet, value=value)
        if isinstance(value, str):
            made.data_type = "s"  # else a text that begins with = would be a formula
        return made

    header = [cell(_for_workbook(str(name))) for name in table.columns]
    for made in header:
        made.font = bold
    sheet.append(header)
    troubled = [False] * len(table)
    if "run.status" in table.columns:
        troubled = [status != "ok" for status in table["run.status"].tolist()]
    for bad, row in zip(troubled, zip(*(table[name].tolist() for name in table.columns), strict=True), strict=False):
        cells = [cell(_for_workbook(value)) for value in row]
        for made in cells if bad else ():
            made.fill = red
        sheet.append(cells)
    book.save(file)


def _for_workbook(value: Any) -> Any:
    """Turn a cell into what a workbook can hold without losing anything of it."""
    if kind_of(value) == "missing":
        return None
    if isinstance(value, ErrorCell):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _MOST_DIGITS:
        return str(value)
    if isinstance(value, (dict, list, tuple)):
        value = json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str):
        value = _ILLEGAL.sub(lambda match: f"_x{ord(match[0]):04X}_", value)
        if len(value) > _LONGEST_TEXT:
            raise FileError(
                f"a text of {len(value):,} characters is too long for a cell of a workbook: write a .jsonl file"
            )
    if isinstance(value, pd.Timestamp):
        return value.isoformat() if value.tzinfo else value.to_pydatetime()
    return value
