"""The sheet that sums up a run. Pure: no network, no clock, no disk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd

from flxframe.files.references import letters
from flxframe.files.xlsx.cell_values import xml_text
from flxframe.files.xlsx.namespaces import DECLARATION, MAIN
from flxframe.result.summary import summary

_MOST_REMARKS = 1_000


_LONGEST = 2_000


def summary_sheet(
    result: pd.DataFrame,
    *,
    first_row: int,
    now: dt.datetime,
    base_url: str | None,
    remarks: Sequence[str],
    bold: int,
) -> str:
    """Return the XML of a sheet with counts, errors by kind, when, and where to.

    Parameters
    ----------
    result : DataFrame
        What `run_workflows` returned.
    first_row : int
        The row of the sheet that its first row stands in.
    now : datetime
        When it is written.
    base_url : str or None
        Where the requests went.
    remarks : sequence of str
        What else is to be told.
    bold : int
        The style of names.
    """
    found = summary(result)
    counts = found.groupby("status", sort=False)["rows"].sum()
    rows: list[tuple[bool, list[Any]]] = [
        (False, ["Written", now.isoformat(sep=" ", timespec="seconds")]),
        *([(False, ["Base URL", base_url])] if base_url else []),
        (False, ["Rows", len(result)]),
        *((False, [str(status), int(count)]) for status, count in counts.items()),
        (False, []),
        (True, ["status", "http_status", "error", "rows", "rows of the sheet, the first five"]),
    ]
    for status, code, error, count, examples in zip(
        *(found[name].tolist() for name in found.columns), strict=True
    ):
        text = error[:_LONGEST] if isinstance(error, str) else None
        places = ", ".join(str(first_row + int(example)) for example in examples.split(", "))
        rows.append((False, [status, None if pd.isna(code) else int(code), text, count, places]))
    if remarks:
        rows += [
            (False, []),
            (True, ["remarks"]),
            *((False, [remark]) for remark in remarks[:_MOST_REMARKS]),
        ]
    data = "".join(
        _row(number, cells, bold if strong else 0) for number, (strong, cells) in enumerate(rows, 1)
    )
    widths = "".join(
        f'<col min="{column}" max="{column}" width="{width}" customWidth="1"/>'
        for column, width in enumerate((14, 26, 80, 8, 34), 1)
    )
    return f'{DECLARATION}<worksheet xmlns="{MAIN}"><cols>{widths}</cols><sheetData>{data}</sheetData></worksheet>'


def _row(number: int, cells: list[Any], style: int) -> str:
    made = "".join(
        _cell(f"{letters(column)}{number}", value, style) for column, value in enumerate(cells, 1)
    )
    return f'<row r="{number}">{made}</row>'


def _cell(reference: str, value: Any, style: int) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = xml_text(value)
        return f'<c r="{reference}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    return f'<c r="{reference}" s="{style}"><v>{value}</v></c>'
