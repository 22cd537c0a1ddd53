"""Read a file as a table."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from flxframe.exceptions import FileError, SettingError, TableError
from flxframe.files import calamine, csv, json
from flxframe.files.grid import Grid
from flxframe.files.layout import Layout, frame, layout, names_requests
from flxframe.files.parquet import read_parquet
from flxframe.files.xlsx.reader import read_grid
from flxframe.files.xlsx.workbook import SUMMARY_SHEET, Workbook, workbook_errors

_WORKBOOKS = (".xlsx", ".xlsm")


Table: TypeAlias = pd.DataFrame | str | os.PathLike[str]

_DELIMITED = {".csv": ",", ".tsv": "\t"}


def as_table(data: Table) -> pd.DataFrame:
    """Return the table, read from its file if it is a path."""
    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, (str, os.PathLike)):
        return read_table(data)
    raise TableError(f"a table is a DataFrame or the path of a file, not a {type(data).__name__}")


def read_table(
    path: str | os.PathLike[str],
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    dtype: Mapping[str, str | type] | None = None,
) -> pd.DataFrame:
    """Read a file as a table.

    Parameters
    ----------
    path : path
        A .xlsx, .xlsm, .csv, .tsv, .json, .jsonl or .parquet file; .xls, .ods and .xlsb too, but of those the values
        alone, without number formats, and with errors as blanks.
    sheet : str, optional
        Which sheet of a workbook; needed when it isn't plain.
    header_row : int, optional
        The row of the column names, counted from 1; needed when it isn't plain.
    dtype : Mapping, optional
        For .csv and .tsv, the type of a column whatever its cells look like: ``string``, ``integer``, ``number`` or
        ``boolean``; `str`, `int`, `float` and `bool` say the same.

    Returns
    -------
    DataFrame
        The rows. ``attrs["flxframe"]`` holds where they came from.

    Raises
    ------
    FileError
        If the file can't be read as a table; the message names it and the remedy.
    SettingError
        If a setting says nothing to such a file.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if path.name.startswith("~$"):
        raise FileError(
            f"{path} is the lock that Excel leaves beside an open workbook: name the workbook itself"
        )
    if path.is_dir():
        raise FileError(f"{path} is a folder: name a file in it")
    _check_settings(path, sheet=sheet, header_row=header_row, dtype=dtype)
    try:
        if kind in (*_WORKBOOKS, *calamine.KINDS):
            table, source = _read_workbook(path, sheet, header_row)
        elif kind in _DELIMITED:
            table, first = csv.read(path, header_row=header_row, dtype=dtype or {})
            source = {"sheet": None, "first_row": first}
        else:
            readers = {
                ".json": json.read_json,
                ".jsonl": json.read_json_lines,
                ".parquet": read_parquet,
            }
            if kind not in readers:
                raise FileError(
                    f"{path} is no kind of file that can be read: save it as .xlsx or .csv"
                )
            table, source = readers[kind](path), {"sheet": None, "first_row": 1}
    except FileNotFoundError:
        raise FileError(f"there is no file {path}: check the name and the folder") from None
    except PermissionError:
        raise FileError(
            f"{path} can't be opened: close it in other programs, and check that you may read it"
        ) from None
    table.attrs["flxframe"] = {"path": str(path), **source}
    return table


def _check_settings(
    path: Path, *, sheet: str | None, header_row: int | None, dtype: Mapping[str, str | type] | None
) -> None:
    kind = path.suffix.lower()
    is_delimited, is_workbook = kind in _DELIMITED, kind in (*_WORKBOOKS, *calamine.KINDS)
    if dtype and not is_delimited:
        how = "format its cells as text to send them as texts" if is_workbook else "mend them there"
        raise SettingError(
            f"dtype= is for .csv and .tsv, and the cells of {path} have types of their own: {how}"
        )
    if sheet is not None and not is_workbook:
        raise SettingError(
            f"sheet={sheet!r} is for workbooks, and {path} has no sheets: leave it out"
        )
    if header_row is not None and not (is_delimited or is_workbook):
        raise SettingError(
            f"header_row={header_row!r} is for workbooks, .csv and .tsv, not {path}: leave it out"
        )


def _read_workbook(
    path: Path, name: str | None, header_row: int | None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    if path.suffix.lower() in calamine.KINDS:
        grid, place = _chosen(path, *calamine.open_foreign(path), name=name, header_row=header_row)
        told = "number formats and errors can't be seen in such a file, so a postcode formatted 00000 loses its zeros"
        warnings.warn(
            f"{path}: {told}; if it has such cells, save it as .xlsx", UserWarning, stacklevel=3
        )
    else:
        with Workbook(path) as workbook, workbook_errors(path):
            grid, place = _table(workbook, name, header_row)
    hidden = sum(1 for row in grid.hidden if place.header_row < row <= place.last_row)
    if hidden:
        warnings.warn(
            f"{path}: {hidden} hidden rows are part of the table too", UserWarning, stacklevel=3
        )
    return frame(grid, place), {"sheet": grid.name, "first_row": place.header_row + 1}


def _table(workbook: Workbook, name: str | None, header_row: int | None) -> tuple[Grid, Layout]:
    sheets = {sheet.name: sheet for sheet in workbook.sheets}
    return _chosen(
        workbook.path,
        list(sheets),
        lambda each: read_grid(workbook, sheets[each]),
        name=name,
        header_row=header_row,
    )


def _chosen(
    path: Path,
    sheets: list[str],
    read: Callable[[str], Grid],
    *,
    name: str | None,
    header_row: int | None,
) -> tuple[Grid, Layout]:
    """Find a workbook's table: its sheet's cells, and where in them it stands."""
    if name is not None and name not in sheets:
        raise FileError(f"{path} has no sheet {name!r}; it has {', '.join(map(repr, sheets))}")
    candidates = [each for each in sheets if each != SUMMARY_SHEET] if name is None else [name]
    grids = [grid for each in candidates if (grid := read(each)).columns]
    if len(grids) > 1:
        plain = [grid for grid in grids if names_requests(grid)]
        if len(plain) != 1:
            listed = ", ".join(repr(grid.name) for grid in grids)
            raise FileError(
                f"{path} has several sheets ({listed}): say which one with sheet= or --sheet"
            )
        grids = plain
    if not grids:
        raise FileError(f"{path} has no cell that is filled: check that it is the right file")
    return grids[0], layout(
        grids[0], where=f"{path}, sheet {grids[0].name!r}", header_row=header_row
    )
