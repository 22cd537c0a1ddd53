"""Small tables that are there to be read, in a notebook and in a terminal. Pure: no network, no clock, no disk."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd

from flxframe.text import MAX_TEXT_LENGTH, cut, one_line

_LEFT = ' style="text-align: left"'


class Listing(pd.DataFrame):
    """A DataFrame that shows whole sentences, where pandas would cut them; what is taken out of it is a plain one.

    Examples
    --------
    >>> Listing({"status": ["ok", "rejected"], "error": [None, "400: no such event"]})
    status    error
    ok
    rejected  400: no such event
    """

    def __str__(self) -> str:
        return as_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return as_html(self)


def as_text(table: pd.DataFrame, widest: int = MAX_TEXT_LENGTH) -> str:
    """Lay a table out for a terminal: aligned left, missing values blank, long texts cut."""
    rows = [[one_line(name) for name in table.columns]]
    rows += [[one_line(cut(cell, widest)) for cell in row] for row in _rows(table)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def as_html(table: pd.DataFrame) -> str:
    """Lay a table out for a notebook: the same, and every value is a text."""
    head = "".join(f"<th{_LEFT}>{html.escape(str(name))}</th>" for name in table.columns)
    body = "".join(
        f"<tr>{''.join(f'<td{_LEFT}>{html.escape(cut(cell))}</td>' for cell in row)}</tr>"
        for row in _rows(table)
    )
    return f'<table class="dataframe"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _rows(table: pd.DataFrame) -> Any:
    return zip(*(table[name].tolist() for name in table.columns), strict=True)
