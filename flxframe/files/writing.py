"""Write a table, such as a result, to a file."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path
from typing import IO

import pandas as pd

from flxframe.exceptions import FileError
from flxframe.files import csv, json
from flxframe.files.layout import Layout, frame
from flxframe.files.parquet import import_parquet, write_parquet
from flxframe.files.reading import _DELIMITED, _WORKBOOKS, _table
from flxframe.files.xlsx.blank import blank
from flxframe.files.xlsx.workbook import Workbook, legible
from flxframe.files.xlsx.writer import Target, check_lengths, write_workbook


def write_results(
    result: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    template: str | os.PathLike[str] | None = None,
    before: pd.DataFrame | None = None,
    overwrite: bool = False,
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
    overwrite : bool
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
    check_writable(path, overwrite=overwrite, template=source)
    place = path.resolve()  # a link stays one
    temporary = place.with_name(f".flxframe-{uuid.uuid4().hex}{path.suffix}")
    try:
        with temporary.open(
            "xb"
        ) as file:  # unlike tempfile's, it can be read by whom the folder's files can
            if path.suffix.lower() in _WORKBOOKS:
                _write_workbook(
                    result, file, path, template=source, before=before, base_url=base_url
                )
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
        raise FileError(
            f"{path} can't be written: close it in other programs, and check the folder"
        ) from None
    finally:
        temporary.unlink(missing_ok=True)
    return path


def check_writable(path: Path, *, overwrite: bool, template: Path | None = None) -> None:
    """Find out, before anything is sent, whether a result can be written.

    Raises
    ------
    FileError
        If it can't.
    """
    kind = path.suffix.lower()
    if kind not in (*_WORKBOOKS, ".jsonl", ".parquet", *_DELIMITED):
        raise FileError(
            f"{path} is no kind of file that can be written: name a .xlsx, .csv, .jsonl or .parquet file"
        )
    if template is not None and (kind != template.suffix.lower() or kind not in _WORKBOOKS):
        raise FileError(
            f"{path} can't be written after the template {template}: both must be .xlsx, or .xlsm if it has macros"
        )
    if kind == ".xlsm" and template is None:
        raise FileError(
            f"{path} can't be written: without a template there are no macros, so name a .xlsx file"
        )
    if kind == ".parquet":
        import_parquet(path)
    if path.exists() and not overwrite:
        raise FileError(
            f"{path} is there already: name another file, or allow it with overwrite=True or --force"
        )
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise FileError(
            f"{path} can't be written: check that its folder is there and that you may write in it"
        )


def _write(table: pd.DataFrame, file: IO[bytes], path: Path) -> None:
    kind = path.suffix.lower()
    if kind in _DELIMITED:
        csv.write(table, file, delimiter=_DELIMITED[kind])
    elif kind == ".jsonl":
        json.write_json_lines(table, file)
    else:
        write_parquet(table, file, path)


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
            write_workbook(result, file, target, before=before, base_url=base_url)
        return
    known = result.attrs.get("flxframe", {})
    is_same = "path" in known and Path(known["path"]).resolve() == template.resolve()
    with Workbook(template) as workbook:
        with legible(template):
            name = (
                known.get("sheet")
                if any(sheet.name == known.get("sheet") for sheet in workbook.sheets)
                else None
            )
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
        write_workbook(
            result, file, target, before=held if before is None else before, base_url=base_url
        )
