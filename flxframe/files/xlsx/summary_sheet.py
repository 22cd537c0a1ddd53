"""The sheet that summarizes a run. Pure: no network, no clock, no disk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from flxframe.files.references import letters
from flxframe.files.xlsx.cell_values import xml_text
from flxframe.files.xlsx.namespaces import DECLARATION, MAIN
from flxframe.result.summary import summary

_WIDTHS = (14, 26, 80, 8, 34)
_HEADER = ("status", "http_status", "error", "rows", "rows of the sheet, the first five")

_MAX_REMARKS = 1_000
_MAX_ERROR_LENGTH = 2_000

_COLUMNS = ("status", "http_status", "error", "rows", "examples")


def summary_sheet(
    result: pd.DataFrame,
    *,
    first_row: int,
    now: dt.datetime,
    base_url: str | None,
    remarks: Sequence[str],
    bold: int,
    namespace: str = MAIN,
) -> str:
    """Return the XML of a sheet with counts, errors by kind, the time and the URL.

    Parameters
    ----------
    result : DataFrame
        The result of `run_workflows`.
    first_row : int
        The row of the sheet that contains the result's first row.
    now : datetime
        The time of writing.
    base_url : str or None
        The URL that the requests went to.
    remarks : sequence of str
        Additional lines.
    bold : int
        The style of headings.
    namespace : str
        The namespace of the workbook's elements.
    """
    groups = summary(result)
    counts = groups.groupby("status", sort=False)["rows"].sum()
    data = _Data(bold)
    data.add("Written", now.isoformat(" ", "seconds"))
    if base_url:
        data.add("Base URL", base_url)
    data.add("Rows", len(result))
    for status, count in counts.items():
        data.add(str(status), int(count))

    data.add()
    data.add_header(*_HEADER)
    for cells in _groups(groups, first_row):
        data.add(*cells)

    if remarks:
        data.add()
        data.add_header("remarks")
    for remark in remarks[:_MAX_REMARKS]:
        data.add(remark)

    columns = []
    for column, width in enumerate(_WIDTHS, 1):
        bounds = f'min="{column}" max="{column}"'
        columns.append(f'<col {bounds} width="{width}" customWidth="1"/>')
    return (
        f'{DECLARATION}<worksheet xmlns="{namespace}">'
        f"<cols>{''.join(columns)}</cols>"
        f"<sheetData>{data.xml()}</sheetData></worksheet>"
    )


class _Data:
    """The rows of the sheet."""

    def __init__(self, bold: int) -> None:
        self._bold = bold
        self._rows: list[str] = []

    def add(self, *values: Any, style: int = 0) -> None:
        """Add a row."""
        number = len(self._rows) + 1
        cells = []
        for column, value in enumerate(values, 1):
            reference = f"{letters(column)}{number}"
            if value is not None:
                cells.append(_cell(reference, value, style))

        content = "".join(cells)
        self._rows.append(f'<row r="{number}">{content}</row>')

    def add_header(self, *names: str) -> None:
        """Add a row of headings."""
        self.add(*names, style=self._bold)

    def xml(self) -> str:
        """Return the rows."""
        return "".join(self._rows)


def _groups(groups: pd.DataFrame, first_row: int) -> Iterator[list[Any]]:
    """Yield the cells of each group of rows with the same outcome."""
    columns = [groups[name].tolist() for name in _COLUMNS]
    for group in zip(*columns, strict=True):
        status, code, error, count, positions = group
        http_status = None if pd.isna(code) else int(code)
        text = error[:_MAX_ERROR_LENGTH] if isinstance(error, str) else None

        rows = []
        for position in positions.split(", "):
            rows.append(str(first_row + int(position)))
        yield [status, http_status, text, count, ", ".join(rows)]


def _cell(reference: str, value: Any, style: int) -> str:
    start = f'<c r="{reference}" s="{style}"'
    if isinstance(value, str):
        text = f'<t xml:space="preserve">{xml_text(value)}</t>'
        return f'{start} t="inlineStr"><is>{text}</is></c>'
    return f"{start}><v>{value}</v></c>"
