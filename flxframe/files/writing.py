"""Write a table, such as a result, to a file."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pandas as pd

from flxframe.exceptions import FileError
from flxframe.files import csv, json
from flxframe.files.layout import Layout, build_table
from flxframe.files.parquet import import_parquet, write_parquet
from flxframe.files.reading import DELIMITERS, WORKBOOKS, find_table, open_errors
from flxframe.files.references import MAX_COLUMN, MAX_ROW
from flxframe.files.unsendable import mark_unsendable
from flxframe.files.xlsx.blank import blank
from flxframe.files.xlsx.lengths import check_lengths
from flxframe.files.xlsx.workbook import Workbook, workbook_errors
from flxframe.files.xlsx.writer import Target, write_workbook
from flxframe.frames import Frame, as_frame
from flxframe.text import counted


def write_results(
    result: Frame,
    path: str | os.PathLike[str],
    *,
    template: str | os.PathLike[str] | None = None,
    before: Frame | None = None,
    overwrite: bool = False,
    base_url: str | None = None,
) -> Path:
    """Write a table, such as a result, to a file, completely or not at all.

    `read_table` returns the same cells with the same types, with these exceptions. No file keeps
    blank rows at the end, or empty texts. Error cells, infinity, and dicts, lists and values of
    request fields that cannot be sent come back as error cells. In .xlsx, dates before March 1900,
    and times with an offset or microseconds, come back as ISO 8601 texts; dicts and lists come back
    as JSON texts. In .csv and .tsv, all dates and times come back as texts; numbers stored as text
    are quoted or marked with a ``'``, so that they come back as text. In .jsonl, dates are texts.
    .parquet keeps all types.

    Parameters
    ----------
    result : DataFrame
        The rows.
    path : path
        A .xlsx, .csv, .tsv, .jsonl or .parquet file.
    template : path, optional
        The .xlsx or .xlsm workbook that the rows were read from. A copy of it is edited in place:
        changed cells get their new value, a fill, and their old value as a comment; new fields
        become new columns, followed by the ``run.*`` columns, unless the workbook has those from an
        earlier run; rows that are not ok are red. Marks of an earlier run are removed. Everything
        else stays as it is: other sheets, charts, formats, filters and macros.
    before : DataFrame, optional
        The table as it was read, with the same rows in the same order; by default the rows of the
        template.
    overwrite : bool
        Whether an existing file is replaced.
    base_url : str, optional
        The URL that the requests went to, for the sheet ``flxframe`` that summarizes the run.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileError
        If the file already exists or cannot be written, if the template has other rows, or if a
        text is too long for a cell of a workbook, or the table too large for a sheet. Then nothing
        is written.
    """
    result = as_frame(result, "write_results()")
    table_before = None if before is None else as_frame(before, "write_results()")
    path = Path(path)
    source = None if template is None else Path(template)
    check_writable(path, overwrite=overwrite, template=source)
    if path.suffix.lower() in WORKBOOKS:
        _check_size(result, path)

    result = mark_unsendable(result)
    with write_errors(path), new_file(path) as file:
        if source is not None:
            _write_template(result, file, source, before=table_before, base_url=base_url)
        elif path.suffix.lower() in WORKBOOKS:
            _write_blank(result, file, path, before=table_before, base_url=base_url)
        else:
            _write(result, file, path)
    return path


def check_writable(path: Path, *, overwrite: bool, template: Path | None = None) -> None:
    """Check, before anything is sent, that a result can be written.

    Raises
    ------
    FileError
        If the file exists, its folder is not writable, or its type does not fit.
    """
    kind = path.suffix.lower()
    if kind not in (*WORKBOOKS, *DELIMITERS, ".jsonl", ".parquet"):
        raise FileError(
            f"{path} can't be written (unsupported file type): use a "
            ".xlsx, .csv, .tsv, .jsonl or .parquet file"
        )
    _check_template(path, template)
    if kind == ".parquet":
        import_parquet(path)

    with write_errors(path):
        if path.exists() and not overwrite:
            raise FileError(
                f"{path} already exists: choose another file, or replace it with "
                "overwrite=True (--force)"
            )
        if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
            raise FileError(
                f"{path} can't be written: check that its folder exists and is writable"
            )


@contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Convert errors of the system to a `FileError` that names the file."""
    try:
        yield
    except FileError:
        raise
    except (FileNotFoundError, PermissionError):
        raise FileError(
            f"{path} can't be written: close it in other programs, and check the folder"
        ) from None
    except OSError as error:
        reason = error.strerror or error
        raise FileError(
            f"{path} can't be written ({reason}): choose another folder or name"
        ) from error


def _check_size(result: pd.DataFrame, path: Path) -> None:
    """Raise if a table has more rows or columns than a sheet of a workbook."""
    sizes = [
        ("column", len(result.columns), MAX_COLUMN),
        ("row", len(result), MAX_ROW - 1),  # the first row has the names
    ]
    for noun, count, limit in sizes:
        if count > limit:
            raise FileError(
                f"{path} can't be written: the table has {counted(count, noun)}, but a sheet of a "
                f"workbook has space for {limit:,}: write a .jsonl, .csv or .parquet file instead"
            )


def _check_template(path: Path, template: Path | None) -> None:
    kind = path.suffix.lower()
    if template is None:
        if kind == ".xlsm":
            raise FileError(
                f"{path} can't be written: without a template there are no "
                "macros, so use a .xlsx file"
            )
    elif kind not in WORKBOOKS or kind != template.suffix.lower():
        raise FileError(
            f"{path} can't be written from the template {template}: both "
            "must be .xlsx, or .xlsm if it has macros"
        )
    elif template.is_dir():
        raise FileError(f"{template} is a folder: choose a file in it")


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file that replaces another one once it is complete."""
    target = path.resolve()  # a link stays a link
    temporary = target.with_name(f".flxframe-{uuid.uuid4().hex}{path.suffix}")
    try:
        # A file from tempfile would be readable only by its owner, even in a shared folder.
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # otherwise a power failure could leave an empty file

        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _write(table: pd.DataFrame, file: IO[bytes], path: Path) -> None:
    kind = path.suffix.lower()
    if kind in DELIMITERS:
        csv.write(table, file, delimiter=DELIMITERS[kind])
    elif kind == ".jsonl":
        json.write_json_lines(table, file)
    else:
        write_parquet(table, file, path)


def _write_blank(
    result: pd.DataFrame,
    file: IO[bytes],
    path: Path,
    *,
    before: pd.DataFrame | None,
    base_url: str | None,
) -> None:
    """Write a result to a new workbook."""
    layout = Layout(header_row=1, last_row=1 + len(result), columns={})
    check_lengths(result, first_row=2)
    with blank(path) as workbook:
        target = Target(workbook, workbook.sheets[0], layout)
        write_workbook(result, file, target, before=before, base_url=base_url)


def _write_template(
    result: pd.DataFrame,
    file: IO[bytes],
    template: Path,
    *,
    before: pd.DataFrame | None,
    base_url: str | None,
) -> None:
    """Write a result to a copy of the workbook that its rows were read from."""
    source = result.attrs.get("flxframe", {})
    is_source = "path" in source and Path(source["path"]).resolve() == template.resolve()
    header_row = source["first_row"] - 1 if is_source else None

    with workbook_errors(template), open_errors(template):
        workbook = Workbook(template)
    with workbook:
        with workbook_errors(template):
            sheets = {sheet.name: sheet for sheet in workbook.sheets}
            name = source.get("sheet")
            if name not in sheets:
                name = None
            grid, layout = find_table(workbook, sheet=name, header_row=header_row)

        table = build_table(grid, layout)
        _check_rows(result, table, template, is_source=is_source)
        check_lengths(result, first_row=layout.header_row + 1)

        target = Target(workbook, sheets[grid.name], layout)
        if before is None:
            before = table
        write_workbook(result, file, target, before=before, base_url=base_url)


def _check_rows(
    result: pd.DataFrame, table: pd.DataFrame, template: Path, *, is_source: bool
) -> None:
    """Raise if the rows of a result are not those of its template."""
    if len(table) != len(result):
        rows = counted(len(table), "row")
        raise FileError(
            f"{template} has {rows} below its header but the result has "
            f"{len(result)}: use the workbook that the result's rows were "
            "read from"
        )

    if not is_source or result.index.equals(table.index):
        return
    if set(result.index) == set(table.index):
        raise FileError(
            f"the result's rows are in another order than in {template}: "
            "pass the result as it was returned, or result.sort_index()"
        )
