"""The workbooks of other programs and times, .xls, .ods and .xlsb, as python-calamine reads them.

It tells values, not their formats: a number formatted ``00000`` comes without its zeros, and an error as a blank. So
whoever reads such a file is told.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from flxframe.exceptions import FileError
from flxframe.files.detect import check_container, check_size, protected
from flxframe.files.digits import MAX_INTEGER, lost_digits, round_digits
from flxframe.files.grid import Grid
from flxframe.files.references import reference
from flxframe.files.xlsx import number_formats

KINDS = (".xls", ".ods", ".xlsb")


_DURATION = re.compile(r"PT(\d+)H(\d\d)M(\d\d)(?:\.\d+)?S")
"""How an .ods file writes 36:00:00, and python-calamine gives it."""


def open_foreign(path: Path) -> tuple[list[str], Callable[[str], Grid]]:
    """Return the names of a workbook's sheets, and what reads one.

    Raises
    ------
    FileError
        If it is no such workbook, is protected by a password, or python-calamine isn't installed.
    """
    try:
        import python_calamine as calamine  # noqa: PLC0415  an extra
    except ImportError:
        raise FileError(
            f"{path}: for {path.suffix} files install python-calamine with: pip install 'flxframe[formats]'"
        ) from None
    with path.open("rb") as file:
        _check(file, path)
    try:
        workbook = calamine.CalamineWorkbook.from_path(str(path))
    except calamine.PasswordError:
        raise protected(path) from None
    except calamine.CalamineError as error:
        raise FileError(
            f"{path} can't be read as a workbook ({error}): save it anew as .xlsx"
        ) from None

    def read(name: str) -> Grid:
        try:
            sheet = workbook.get_sheet_by_name(name)
            rows = sheet.to_python(skip_empty_area=False)
            merged = sheet.merged_cell_ranges or []
        except calamine.CalamineError as error:
            raise FileError(
                f"{path}, sheet {name!r} can't be read ({error}): save it anew as .xlsx"
            ) from None
        grid = Grid(name)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row, 1):
                value = _value(cell, f"{name}!{reference(number, column)}")
                if value is not None and value != "":
                    grid.put(number, column, value)
        for (top, left), (bottom, right) in merged:
            grid.merged.append((top + 1, left + 1, bottom + 1, right + 1))
        return grid

    return list(workbook.sheet_names), read


def _check(file: IO[bytes], path: Path) -> None:
    if path.suffix.lower() == ".xls":
        check_container(file, path, expected="ole")
        return
    check_container(file, path, expected="zip")
    with (
        suppress(zipfile.BadZipFile),
        zipfile.ZipFile(file) as package,
    ):  # what is broken, python-calamine tells
        check_size(package, path)


def _value(cell: Any, place: str) -> Any:
    if isinstance(cell, dt.timedelta):
        return number_formats.shown(cell / dt.timedelta(days=1), number_formats.parse("[h]:mm:ss"))
    if type(cell) is str and (duration := _DURATION.fullmatch(cell)):
        return f"{int(duration[1])}:{duration[2]}:{duration[3]}"
    if type(cell) is not float:
        return cell
    if abs(cell) <= MAX_INTEGER:
        cell = round_digits(cell)
    if cell.is_integer():
        cell = int(cell)
    if abs(cell) > MAX_INTEGER and type(cell) is int:
        return lost_digits(str(cell), place)
    return cell
