"""Read the header and the columns of delimited text."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flxframe.exceptions import FileError
from flxframe.files.csv_quoting import MarkedLines
from flxframe.files.csv_rows import LongRows, Rows, is_too_long

_BATCH_SIZE = 10_000
_MAX_SHARED_TEXTS = 200_000


class LongCellError(Exception):
    """A cell is longer than the csv module's limit."""


class TableReader:
    """The rows of a delimited file.

    Parameters
    ----------
    path : Path
        The name of the file, for messages.
    lines : iterable of str
        Its lines.
    delimiter : str
        The character between the cells.
    skipped_lines : int
        The lines of the file before `lines`.
    has_long_cells : bool
        Whether a cell can be longer than the csv module's limit; then reading takes longer.

    Raises
    ------
    LongCellError
        While reading, if a cell is longer than the limit, and `has_long_cells` is not set.
    """

    def __init__(
        self,
        path: Path,
        lines: Iterable[str],
        delimiter: str,
        *,
        skipped_lines: int = 0,
        has_long_cells: bool = False,
    ) -> None:
        self._path = path
        self._skipped_lines = skipped_lines
        self._lines = MarkedLines(path, lines, delimiter, skipped_lines + 1)
        self._rows: Rows
        if has_long_cells:
            self._rows = LongRows(self._lines, delimiter)
        else:
            self._rows = csv.reader(self._lines, delimiter=delimiter, strict=True)

    @property
    def has_marks(self) -> bool:
        """Whether a number or boolean in quotes was read."""
        return self._lines.has_marks

    def header(self, header_row: int | None) -> tuple[list[str], int]:
        """Read to the header, and return its cells and the number of the row that follows it."""
        with self._errors():
            for number, row in enumerate(self._rows, 1):
                is_header = number == header_row
                if header_row is None:
                    is_header = any(map(str.strip, row))
                if not is_header:
                    continue

                while row and not row[-1].strip():
                    row.pop()
                if row:
                    return row, number + 1

        if header_row is None:
            raise FileError(
                f"{self._path} is empty: it needs a row of column names and a row for each request"
            )
        raise FileError(
            f"{self._path}: row {header_row} is blank or missing, so "
            f"header_row={header_row} can't be right; give the row of the column names"
        )

    def columns(self, width: int) -> list[list[str]]:
        """Read the rows after the header, and return them as columns."""
        columns: list[list[str]] = [[] for _ in range(width)]
        rows: list[list[str]] = []
        blank_row = [""] * width
        texts: dict[str, str] = {}  # cells repeat, and one object for each text saves memory

        with self._errors():
            for row in self._rows:
                if len(row) != width and row:
                    rows.append(self._cut(row, width))
                else:
                    rows.append(row or blank_row)
                if len(rows) == _BATCH_SIZE:
                    _append_rows(columns, rows, texts)
                    rows.clear()

        _append_rows(columns, rows, texts)
        _drop_blank_rows(columns)
        return columns

    def _cut(self, row: list[str], width: int) -> list[str]:
        """Return a row without the blank cells that trailing delimiters add."""
        if len(row) < width or any(row[width:]):
            cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
            raise FileError(
                f"{self._path}, line {self._line} has {cells} but "
                f"the header has {width}; fix the line (quote text that "
                "contains the delimiter), or give the row of the column "
                "names with header_row= (--header-row)"
            )
        return row[:width]

    @property
    def _line(self) -> int:
        return self._skipped_lines + self._rows.line_num

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Raise errors of the csv module as `FileError`."""
        try:
            yield
        except csv.Error as error:
            if is_too_long(error):
                raise LongCellError from None
            raise FileError(
                f"{self._path}, line {self._line}: {error}; check "
                "the line for a missing or an extra quote"
            ) from None


def _append_rows(columns: list[list[str]], rows: list[list[str]], texts: dict[str, str]) -> None:
    """Append rows to the columns, one object for each text."""
    if rows:
        for column, cells in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(map(texts.setdefault, cells, cells))
    if len(texts) > _MAX_SHARED_TEXTS:
        texts.clear()


def _drop_blank_rows(columns: list[list[str]]) -> None:
    """Drop the blank rows at the end."""
    length = len(columns[0])
    while length and not any(cells[length - 1] for cells in columns):
        length -= 1

    for cells in columns:
        del cells[length:]
