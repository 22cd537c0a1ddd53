"""Read workbooks of other formats, .xls, .ods and .xlsb, with python-calamine.

It returns values without their formats: a number formatted ``00000`` loses its zeros, and an error
is blank. `read_table` warns about that.
"""

from __future__ import annotations

import datetime as dt
import pickle
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from flxframe.exceptions import FileError
from flxframe.files import calamine_process, ods_ranges, xlsb_ranges
from flxframe.files.clock_times import mark_ambiguous
from flxframe.files.detect import check_container, check_size, protected
from flxframe.files.digits import MAX_INTEGER, lost_digits, round_digits
from flxframe.files.grid import Grid, SheetRanges
from flxframe.files.merges import hide_merged
from flxframe.files.references import reference
from flxframe.files.xlsx import number_formats
from flxframe.files.xlsx.iso_values import parse_iso
from flxframe.files.xlsx.number_formats import elapsed
from flxframe.models import ErrorCell

KINDS = (".xls", ".ods", ".xlsb")

_RANGE_READERS = {".ods": ods_ranges.read_ranges, ".xlsb": xlsb_ranges.read_ranges}
"""Of .xls files, python-calamine returns the merged ranges itself, and nothing has the tables."""

_FIRST_YEAR = 1900

_DURATIONS = ("PT", "-PT")
"""How an .ods file writes durations."""

_BASE_MEMORY = 1024 * 2**20
_MEMORY_RATIO = 60
"""A cell takes more memory than in its file."""

_ZIP_ERRORS = (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, struct.error, OSError)

_BASE_SECONDS = 30
_BYTES_PER_SECOND = 100_000


class CalamineWorkbook:
    """A workbook that python-calamine reads, in a process of its own.

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

        size = _check_file(path)
        folder = Path(python_calamine.__file__).parent.parent
        answer = _read_sheets(path, folder, size)
        if "protected" in answer:
            raise protected(path)
        if "error" in answer:
            raise _unreadable(path, answer["error"])
        self._sheets = answer["sheets"]

    @property
    def sheet_names(self) -> list[str]:
        """The names of the sheets, in the order of their tabs, without sheets of only a chart."""
        return list(self._sheets)

    def read_grid(self, name: str) -> Grid:
        """Read the cells of a sheet."""
        content = self._sheets.get(name, "there is no such sheet")
        if isinstance(content, str):
            raise FileError(
                f"{self.path}, sheet {name!r} can't be read ({content}): save it again as .xlsx"
            )

        rows, merged = content
        grid = Grid(name, file=str(self.path))
        for row_number, cells in enumerate(rows, 1):
            for column, cell in enumerate(cells, 1):
                if cell == "":
                    continue
                value = _value(cell)
                if type(value) is not str:
                    problem = _problem(value)
                    if problem is not None:
                        value = problem(f"{name}!{reference(row_number, column)}")
                grid.put(row_number, column, value)

        for (top, left), (bottom, right) in merged:
            grid.merged.append((top + 1, left + 1, bottom + 1, right + 1))
        ranges = self._ranges.get(name)
        if ranges is not None:
            grid.merged += ranges.merged
            grid.tables += ranges.tables
        hide_merged(grid)
        kind = self.path.suffix.lower()
        if kind != ".ods":  # it distinguishes dates and times
            mark_ambiguous(grid, kind)
        return grid

    @cached_property
    def _ranges(self) -> dict[str, SheetRanges]:
        """The ranges of the sheets, as far as the file records them."""
        kind = self.path.suffix.lower()
        return _RANGE_READERS[kind](self.path) if kind in _RANGE_READERS else {}


def _read_sheets(path: Path, folder: Path, size: int) -> dict[str, Any]:
    """Return the answer of the process that reads a workbook."""
    memory = _BASE_MEMORY + _MEMORY_RATIO * size
    command = [sys.executable, "-P", calamine_process.__file__, str(path), str(folder), str(memory)]
    try:
        process = subprocess.run(  # noqa: S603  the arguments are no shell command
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_BASE_SECONDS + size / _BYTES_PER_SECOND,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _unreadable(path, "it takes too long") from None

    if process.returncode or not process.stdout:
        raise _unreadable(path, "it is damaged, or would take too much memory")
    answer: dict[str, Any] = pickle.loads(process.stdout)  # noqa: S301  it is flxframe's own
    return answer


def _unreadable(path: Path, reason: str) -> FileError:
    return FileError(f"{path} can't be read as a workbook ({reason}): save it again as .xlsx")


def _check_file(path: Path) -> int:
    """Check the container of a file, and return the size to which it unpacks."""
    is_xls = path.suffix.lower() == ".xls"
    size = path.stat().st_size
    with path.open("rb") as file:
        check_container(file, path, expected="ole" if is_xls else "zip")
        if is_xls:
            return size

        try:
            package = zipfile.ZipFile(file)
        except _ZIP_ERRORS:  # python-calamine itself reports a broken zip file
            return size
        check_size(package, path)
        return sum(info.file_size for info in package.infolist())


def _problem(value: Any) -> Callable[[str], ErrorCell] | None:
    """Return a function of the cell that makes the error for its value, if it has one."""
    if type(value) is int:
        if abs(value) <= MAX_INTEGER:
            return None
        return partial(lost_digits, str(value))
    if isinstance(value, dt.date) and value.year < _FIRST_YEAR:
        return partial(_no_day, str(value))
    return None


def _no_day(text: str, place: str) -> ErrorCell:
    reason = f"contains 0, formatted as a date, but {number_formats.NO_DAY}"
    return ErrorCell(text, f"{place} {reason}")


def _value(cell: Any) -> Any:
    """Return the displayed value of a cell."""
    if type(cell) is float:
        number = round_digits(cell) if abs(cell) <= MAX_INTEGER else cell
        return int(number) if number.is_integer() else number

    if type(cell) is str:
        duration = parse_iso(cell) if cell.startswith(_DURATIONS) else None
        return elapsed(duration) if isinstance(duration, dt.timedelta) else cell

    if isinstance(cell, dt.timedelta):
        return elapsed(cell)
    return cell
