"""Read workbooks of other formats, .xls, .ods and .xlsb, with python-calamine.

It returns values without their formats: a number formatted ``00000`` loses its zeros, and an error
is blank. `read_table` warns about that.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from flxframe.exceptions import FileError
from flxframe.files.detect import check_container, check_size, protected
from flxframe.files.digits import MAX_INTEGER, lost_digits, round_digits
from flxframe.files.grid import Grid
from flxframe.files.references import reference
from flxframe.files.xlsx import number_formats

KINDS = (".xls", ".ods", ".xlsb")

_ELAPSED = number_formats.parse("[h]:mm:ss")

_ODS_DURATION = re.compile(r"PT(\d+)H(\d\d)M(\d\d)(?:\.\d+)?S")
"""The text that python-calamine returns for 36:00:00 in an .ods file."""


class CalamineWorkbook:
    """A workbook that python-calamine reads.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    FileError
        If it is not such a workbook, is password-protected, or python-calamine is not installed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            import python_calamine  # noqa: PLC0415  an optional dependency
        except ImportError:
            raise FileError(
                f"{path}: {path.suffix} files require python-calamine; install it with: "
                "pip install 'flxframe[formats]'"
            ) from None
        _check_file(path)

        self._error = python_calamine.CalamineError
        try:
            self._workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        except python_calamine.PasswordError:
            raise protected(path) from None
        except python_calamine.CalamineError as error:
            raise FileError(
                f"{path} can't be read as a workbook ({error}): save it again as .xlsx"
            ) from None

    @property
    def sheet_names(self) -> list[str]:
        """The names of the sheets, in the order of their tabs."""
        return list(self._workbook.sheet_names)

    def read_grid(self, name: str) -> Grid:
        """Read the cells of a sheet."""
        try:
            sheet = self._workbook.get_sheet_by_name(name)
            rows = sheet.to_python(skip_empty_area=False)
            merged = sheet.merged_cell_ranges or []
        except self._error as error:
            raise FileError(
                f"{self.path}, sheet {name!r} can't be read ({error}): save it again as .xlsx"
            ) from None

        grid = Grid(name)
        for row_number, cells in enumerate(rows, 1):
            for column, cell in enumerate(cells, 1):
                value = _value(cell)
                if type(value) is int and abs(value) > MAX_INTEGER:
                    place = reference(row_number, column)
                    value = lost_digits(str(value), f"{name}!{place}")
                if value is not None and value != "":
                    grid.put(row_number, column, value)

        for (top, left), (bottom, right) in merged:
            grid.merged.append((top + 1, left + 1, bottom + 1, right + 1))
        return grid


def _check_file(path: Path) -> None:
    is_xls = path.suffix.lower() == ".xls"
    with path.open("rb") as file:
        check_container(file, path, expected="ole" if is_xls else "zip")
        if is_xls:
            return

        # python-calamine itself reports a broken zip file.
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(file) as package:
            check_size(package, path)


def _value(cell: Any) -> Any:
    """Return the displayed value of a cell."""
    if type(cell) is float:
        number = round_digits(cell) if abs(cell) <= MAX_INTEGER else cell
        return int(number) if number.is_integer() else number

    if type(cell) is str:
        duration = _ODS_DURATION.fullmatch(cell)
        if duration is None:
            return cell
        hours, minutes, seconds = duration.groups()
        return f"{int(hours)}:{minutes}:{seconds}"

    if isinstance(cell, dt.timedelta):
        return number_formats.display_value(cell / dt.timedelta(days=1), _ELAPSED)
    return cell
