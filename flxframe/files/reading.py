"""Read a file as a table."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from flxframe.exceptions import FileError, FlxframeError, SettingError
from flxframe.files import calamine, csv, json
from flxframe.files.csv_values import string_columns
from flxframe.files.grid import Grid
from flxframe.files.header import has_request_fields
from flxframe.files.layout import Layout, build_table, find_layout
from flxframe.files.merges import fill_down
from flxframe.files.parquet import read_parquet
from flxframe.files.remarks import remarks_on
from flxframe.files.totals import totals_remarks
from flxframe.files.xlsx.reader import read_grid
from flxframe.files.xlsx.workbook import SUMMARY_SHEET, Workbook, workbook_errors
from flxframe.options.checks import check_dtype, check_whole
from flxframe.text import counted, listed

DELIMITERS = {".csv": ",", ".tsv": "\t"}
WORKBOOKS = (".xlsx", ".xlsm")

_ALL_WORKBOOKS = (*WORKBOOKS, *calamine.KINDS)
_RECORDS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".json": json.read_json,
    ".jsonl": json.read_json_lines,
    ".parquet": read_parquet,
}

KINDS = (*DELIMITERS, *_ALL_WORKBOOKS, *_RECORDS)
"""The extensions of the files that can be read."""


def read_table(
    path: str | os.PathLike[str],
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    dtype: Mapping[str, str | type] | None = None,
    name: str | None = None,
) -> pd.DataFrame:
    """Read a file as a table.

    Parameters
    ----------
    path : path
        A .xlsx, .xlsm, .csv, .tsv, .json, .jsonl or .parquet file. From .xls, .ods and .xlsb files
        only the values are read, without number formats, and with errors as blanks.
    sheet : str, optional
        The sheet of a workbook; required if it is ambiguous.
    header_row : int, optional
        The row of the column names, counted from 1; required if it is ambiguous.
    dtype : Mapping, optional
        For .csv and .tsv, the type of a column regardless of its cells: ``string``,
        ``integer``, ``number`` or ``boolean``; `str`, `int`, `float` and `bool` mean the same.
    name : str, optional
        The name of the table in warnings and in ``attrs``, if the file is a temporary one.

    Returns
    -------
    DataFrame
        The rows. ``attrs["flxframe"]`` records where they came from and, under ``remarks``, what to
        know about them before they are sent, such as merged cells that were filled down.

    Raises
    ------
    FileError
        If the file cannot be read as a table; the message names it and says what to do.
    SettingError
        If a setting has an invalid value, or does not apply to this kind of file.
    """
    check_whole("header_row", header_row)
    check_dtype("dtype", dtype)

    path = Path(path)
    if path.name.startswith("~$"):
        raise FileError(
            f"{path} is the lock file that Excel leaves next to an open "
            "workbook: use the workbook itself"
        )
    if path.is_dir():
        raise FileError(f"{path} is a folder: choose a file in it")
    _check_settings(path, sheet=sheet, header_row=header_row, dtype=dtype)

    with open_errors(path):
        table, source = _read(
            path, name or str(path), sheet=sheet, header_row=header_row, dtype=dtype or {}
        )
    remarks = [*source.pop("remarks", []), *totals_remarks(table, first_row=source["first_row"])]
    if remarks:
        source["remarks"] = remarks
    table.attrs["flxframe"] = {"path": name or str(path), **source}
    return table


@contextmanager
def open_errors(path: Path) -> Iterator[None]:
    """Raise a `FileError` if a file does not exist or cannot be opened."""
    try:
        if path.exists() and not path.is_file():  # opening a pipe would wait for its other end
            raise FileError(f"{path} is not a file but a folder, a pipe or a device: use a file")
        yield
    except FlxframeError:
        raise
    except FileNotFoundError:
        raise FileError(f"there is no file {path}: check the name and the folder") from None
    except PermissionError:
        raise FileError(
            f"{path} can't be opened: close it in other programs, and check its permissions"
        ) from None
    except OSError as error:
        reason = error.strerror or error
        raise FileError(f"{path} can't be read ({reason}): check the name and the disk") from None


def find_table(
    workbook: Workbook, *, sheet: str | None, header_row: int | None
) -> tuple[Grid, Layout]:
    """Find the table of an opened workbook.

    Parameters
    ----------
    workbook : Workbook
        The workbook.
    sheet : str or None
        The name of its sheet; None to detect it.
    header_row : int or None
        The row of the column names; None to detect it.

    Returns
    -------
    (Grid, Layout)
        The cells of its sheet, and its position among them.

    Raises
    ------
    FileError
        If there is no such sheet, or it is ambiguous which sheet has the table.
    TableError
        If it is ambiguous where the table is in its sheet.
    """
    sheets = {each.name: each for each in workbook.sheets}

    def read(name: str) -> Grid:
        return read_grid(workbook, sheets[name])

    grid = _choose_sheet(workbook.path, list(sheets), read, sheet=sheet)
    return _find_in(grid, workbook.path, header_row)


def _find_in(grid: Grid, path: Path, header_row: int | None) -> tuple[Grid, Layout]:
    """Find the table of a sheet, and fill its merged cells down."""
    layout = find_layout(grid, where=f"{path}, sheet {grid.name!r}", header_row=header_row)
    filled = fill_down(grid, layout)
    return grid, replace(layout, remarks=tuple(remarks_on(grid, layout, filled)))


def _check_settings(
    path: Path, *, sheet: str | None, header_row: int | None, dtype: Mapping[str, str | type] | None
) -> None:
    kind = path.suffix.lower()
    is_delimited = kind in DELIMITERS
    is_workbook = kind in _ALL_WORKBOOKS

    if dtype and not is_delimited:
        remedy = "change them there"
        if is_workbook:
            remedy = "format its cells as text to send them as text"
        raise SettingError(
            "dtype= applies only to .csv and .tsv files, but the cells of "
            f"{path} already have types: {remedy}"
        )
    if sheet is not None and not is_workbook:
        raise SettingError(
            f"sheet={sheet!r} applies only to workbooks, but {path} has no sheets: leave it out"
        )
    if header_row is not None and not (is_delimited or is_workbook):
        raise SettingError(
            f"header_row={header_row!r} applies only to workbooks, .csv and .tsv files, "
            f"not to {path}: leave it out"
        )


def _read(
    path: Path,
    name: str,
    *,
    sheet: str | None,
    header_row: int | None,
    dtype: Mapping[str, str | type],
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the table, and where in the file it is."""
    kind = path.suffix.lower()
    if kind in _ALL_WORKBOOKS:
        grid, layout = _read_workbook(path, name, sheet, header_row)
        source: dict[str, Any] = {"sheet": grid.name, "first_row": layout.header_row + 1}
        source["remarks"] = layout.remarks
        return build_table(grid, layout), source

    if kind in DELIMITERS:
        table, first_row = csv.read(path, header_row=header_row, dtype=dtype)
        source = {"sheet": None, "first_row": first_row}
        if texts := string_columns(dtype):
            source["texts"] = texts
        return table, source

    if kind in _RECORDS:
        return _RECORDS[kind](path), {"sheet": None, "first_row": 1}
    raise FileError(f"{path} can't be read (unsupported file type): save it as .xlsx or .csv")


def _read_workbook(
    path: Path, name: str, sheet: str | None, header_row: int | None
) -> tuple[Grid, Layout]:
    """Find the table of a workbook, and warn about lost formats and hidden rows."""
    if path.suffix.lower() in calamine.KINDS:
        grid, layout = _find_foreign_table(path, sheet, header_row)
        _warn(
            f"{name}: number formats and errors can't be read from "
            f"{path.suffix} files, so a postcode formatted 00000 loses its "
            "zeros; if the file has such cells, save it as .xlsx"
        )
    else:
        with Workbook(path) as workbook, workbook_errors(path):
            grid, layout = find_table(workbook, sheet=sheet, header_row=header_row)

    rows = range(layout.header_row + 1, layout.last_row + 1)
    hidden = len(grid.hidden.intersection(rows))
    if hidden:
        _warn(f"{name}: the table includes {counted(hidden, 'hidden row')}")
    return grid, layout


def _warn(message: str) -> None:
    """Warn, and point at the line that calls flxframe, through whichever function it does."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals["__name__"].startswith("flxframe."):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)


def _find_foreign_table(
    path: Path, sheet: str | None, header_row: int | None
) -> tuple[Grid, Layout]:
    workbook = calamine.CalamineWorkbook(path)
    names = workbook.sheet_names
    grid = _choose_sheet(path, names, workbook.read_grid, sheet=sheet)
    return _find_in(grid, path, header_row)


def _choose_sheet(
    path: Path, names: list[str], read: Callable[[str], Grid], *, sheet: str | None
) -> Grid:
    """Read the sheet that the user names, or the only candidate."""
    if sheet is not None:
        if sheet not in names:
            raise FileError(f"{path} has no sheet {sheet!r}; it has {listed(names)}")
        names = [sheet]

    grids = []
    for name in names:
        if sheet is None and name == SUMMARY_SHEET:
            continue
        grid = read(name)
        if grid.columns:
            grids.append(grid)

    if not grids:
        raise FileError(f"{path} has no filled cells: check that it is the right file")
    if len(grids) == 1:
        return grids[0]

    candidates = [grid for grid in grids if has_request_fields(grid)]
    if len(candidates) == 1:
        return candidates[0]
    filled = listed(grid.name for grid in grids)
    raise FileError(f"{path} has several sheets ({filled}): choose one with sheet= (--sheet)")
