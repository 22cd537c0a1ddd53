"""Reading and writing files of tables: what a person sees in a cell is what is read."""

from __future__ import annotations

import os
import shutil
import uuid
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import pandas as pd

from flxframe import delimited, foreign, records
from flxframe.exceptions import FileError, SettingError
from flxframe.grids import Grid, Layout, frame, layout, names_requests
from flxframe.packages import blank
from flxframe.reports import Target, check_lengths, write_report
from flxframe.sheets import read_grid
from flxframe.workbooks import SUMMARY_SHEET, Workbook, legible

_WORKBOOKS = (".xlsx", ".xlsm")
_DELIMITED = {".csv": ",", ".tsv": "\t"}


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
        A .xlsx, .xlsm, .csv, .tsv, .json, .jsonl or .parquet file; .xls, .ods and .xlsb too, but of those the values
        alone, without number formats, and with errors as blanks.
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
    SettingError
        If a setting says nothing to such a file.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if path.name.startswith("~$"):
        raise FileError(f"{path} is the lock that Excel leaves beside an open workbook: name the workbook itself")
    if path.is_dir():
        raise FileError(f"{path} is a folder: name a file in it")
    _check_settings(path, sheet=sheet, header_row=header_row, types=types)
    try:
        if kind in (*_WORKBOOKS, *foreign.KINDS):
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


def _check_settings(path: Path, *, sheet: str | None, header_row: int | None, types: Mapping[str, str] | None) -> None:
    kind = path.suffix.lower()
    is_delimited, is_workbook = kind in _DELIMITED, kind in (*_WORKBOOKS, *foreign.KINDS)
    if types and not is_delimited:
        how = "format its cells as text to send them as texts" if is_workbook else "mend them there"
        raise SettingError(f"types= is for .csv and .tsv, and the cells of {path} have types of their own: {how}")
    if sheet is not None and not is_workbook:
        raise SettingError(f"sheet={sheet!r} is for workbooks, and {path} has no sheets: leave it out")
    if header_row is not None and not (is_delimited or is_workbook):
        raise SettingError(f"header_row={header_row!r} is for workbooks, .csv and .tsv, not {path}: leave it out")


def _read_workbook(path: Path, name: str | None, header_row: int | None) -> tuple[pd.DataFrame, dict[str, Any]]:
    if path.suffix.lower() in foreign.KINDS:
        grid, place = _chosen(path, *foreign.open_foreign(path), name=name, header_row=header_row)
        told = "number formats and errors can't be seen in such a file, so a postcode formatted 00000 loses its zeros"
        warnings.warn(f"{path}: {told}; if it has such cells, save it as .xlsx", UserWarning, stacklevel=3)
    else:
        with Workbook(path) as workbook, legible(path):
            grid, place = _table(workbook, name, header_row)
    hidden = sum(1 for row in grid.hidden if place.header_row < row <= place.last_row)
    if hidden:
        warnings.warn(f"{path}: {hidden} hidden rows are part of the table too", UserWarning, stacklevel=3)
    return frame(grid, place), {"sheet": grid.name, "first_row": place.header_row + 1}


def _table(workbook: Workbook, name: str | None, header_row: int | None) -> tuple[Grid, Layout]:
    sheets = {sheet.name: sheet for sheet in workbook.sheets}
    return _chosen(
        workbook.path, list(sheets), lambda each: read_grid(workbook, sheets[each]), name=name, header_row=header_row
    )


def _chosen(
    path: Path, sheets: list[str], read: Callable[[str], Grid], *, name: str | None, header_row: int | None
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
            raise FileError(f"{path} has several sheets ({listed}): say which one with sheet= or --sheet")
        grids = plain
    if not grids:
        raise FileError(f"{path} has no cell that is filled: check that it is the right file")
    return grids[0], layout(grids[0], where=f"{path}, sheet {grids[0].name!r}", header_row=header_row)


def write_results(
    result: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    template: str | os.PathLike[str] | None = None,
    before: pd.DataFrame | None = None,
    force: bool = False,
    base_url: str | None = None,
) -> Path:
    """Write a table, such as a result, to a file, as a whole or not at all.

    What `read_table` gives back is, cell by cell and type by type, what was written, with these exceptions. A file
    tells of no rows that are blank at the end, and of no empty texts. In .xlsx, dates before March 1900, offsets and
    parts of a millisecond come back as ISO 8601 texts, dicts and lists as JSON texts. In .csv and .tsv so do all dates
    and times; a text in a column of nothing but numbers in text is quoted or marked with a ``'``, so that it comes back
    as text too. In .jsonl dates are texts. .parquet keeps them all.

    Parameters
    ----------
    result : DataFrame
        The rows.
    path : path
        A .xlsx, .csv, .tsv, .jsonl or .parquet file.
    template : path, optional
        The .xlsx or .xlsm workbook that the rows were read from. A copy of it is mended in place: changed cells get
        their new value, a fill, and their old value as a comment; new fields become new columns, and the ``run.*``
        columns are last, but stay where they are in a workbook that has them from an earlier run; rows that aren't ok
        are red. Marks of an earlier run are taken off. All else stays as it is: other sheets, charts, formats, filters
        and macros.
    before : DataFrame, optional
        The table as it was read, the same rows by position; by default what the template holds.
    force : bool
        Whether an existing file may be replaced.
    base_url : str, optional
        Where the requests went, for the sheet ``flxframe`` that sums up the run.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    FileError
        If the file is there already or can't be written, if the template has other rows, or if a text is too long for
        a workbook's cell. Then nothing is written.
    """
    path = Path(path)
    source = None if template is None else Path(template)
    check_writable(path, force=force, template=source)
    place = path.resolve()  # a link stays one
    temporary = place.with_name(f".flxframe-{uuid.uuid4().hex}{path.suffix}")
    try:
        with temporary.open("xb") as file:  # unlike tempfile's, it can be read by whom the folder's files can
            if path.suffix.lower() in _WORKBOOKS:
                _write_workbook(result, file, path, template=source, before=before, base_url=base_url)
            else:
                _write(result, file, path)
            file.flush()
            os.fsync(file.fileno())  # else a power cut could leave the new name without its content
        if place.exists():
            shutil.copymode(place, temporary)
        temporary.replace(place)
    except FileNotFoundError:
        raise FileError(f"there is no file {source}: check the name and the folder") from None
    except PermissionError:
        raise FileError(f"{path} can't be written: close it in other programs, and check the folder") from None
    finally:
        temporary.unlink(missing_ok=True)
    return path


def check_writable(path: Path, *, force: bool, template: Path | None = None) -> None:
    """Find out, before anything is sent, whether a result can be written.

    Raises
    ------
    FileError
        If it can't.
    """
    kind = path.suffix.lower()
    if kind not in (*_WORKBOOKS, ".jsonl", ".parquet", *_DELIMITED):
        raise FileError(f"{path} is no kind of file that can be written: name a .xlsx, .csv, .jsonl or .parquet file")
    if template is not None and (kind != template.suffix.lower() or kind not in _WORKBOOKS):
        raise FileError(
            f"{path} can't be written after the template {template}: both must be .xlsx, or .xlsm if it has macros"
        )
    if kind == ".xlsm" and template is None:
        raise FileError(f"{path} can't be written: without a template there are no macros, so name a .xlsx file")
    if kind == ".parquet":
        records.parquet_for(path)
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
    else:
        records.write_parquet(table, file, path)


def _write_workbook(
    result: pd.DataFrame,
    file: IO[bytes],
    path: Path,
    *,
    template: Path | None,
    before: pd.DataFrame | None,
    base_url: str | None,
) -> None:
    if template is None:
        check_lengths(result, first_row=2)
        with blank(path) as workbook:
            target = Target(workbook, workbook.sheets[0], Layout(1, 1 + len(result), {}), 0)
            write_report(result, file, target, before=before, base_url=base_url)
        return
    known = result.attrs.get("flxframe", {})
    is_same = "path" in known and Path(known["path"]).resolve() == template.resolve()
    with Workbook(template) as workbook:
        with legible(template):
            name = known.get("sheet") if any(sheet.name == known.get("sheet") for sheet in workbook.sheets) else None
            grid, place = _table(workbook, name, known["first_row"] - 1 if is_same else None)
        held = frame(grid, place)
        if len(held) != len(result):
            raise FileError(
                f"{template} has {len(held)} rows under its names, and the result {len(result)}: name the workbook "
                "that the result's rows were read from"
            )
        if is_same and not result.index.equals(held.index) and set(result.index) == set(held.index):
            raise FileError(
                f"the result's rows are in another order than in {template}: give the result as it came, or "
                "result.sort_index()"
            )
        check_lengths(result, first_row=place.header_row + 1)
        sheet = next(sheet for sheet in workbook.sheets if sheet.name == grid.name)
        target = Target(workbook, sheet, place, max(grid.columns))
        write_report(result, file, target, before=held if before is None else before, base_url=base_url)
