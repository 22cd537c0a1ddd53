"""Small tables to read in a notebook or a terminal. Pure: no network, no clock, no disk."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import pandas as pd

from flxframe.text import MAX_TEXT_LENGTH, cut, one_line

_ALIGN_LEFT = ' style="text-align: left"'


class Listing(pd.DataFrame):
    """A DataFrame that displays long texts in full, whereas pandas would cut them.

    Selections from it are ordinary DataFrames.

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


def as_text(table: pd.DataFrame, max_length: int = MAX_TEXT_LENGTH) -> str:
    """Return a table as text for a terminal: aligned left, missing values blank, long texts cut.

    Parameters
    ----------
    table : DataFrame
        The table.
    max_length : int
        The maximum length of a text.

    Examples
    --------
    >>> print(as_text(pd.DataFrame({"row": [7, 12], "note": ["a long text", None]}), 6))
    row  note
    7    a lon…
    12
    """
    rows = [list(map(one_line, table.columns))]
    for cells in _rows(table):
        rows.append([one_line(cut(cell, max_length)) for cell in cells])

    widths = [max(map(len, texts)) for texts in zip(*rows, strict=True)]
    lines: list[str] = []
    for texts in rows:
        padded = map(str.ljust, texts, widths)
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def as_html(table: pd.DataFrame) -> str:
    """Return a table as HTML for a notebook, laid out like `as_text`; every value is escaped.

    Examples
    --------
    >>> html_text = as_html(pd.DataFrame({"note": ["<b>"]}))
    >>> "&lt;b&gt;" in html_text, "<b>" in html_text
    (True, False)
    """
    head = _html_row("th", map(str, table.columns))
    body = ""
    for cells in _rows(table):
        body += _html_row("td", map(cut, cells))
    return f'<table class="dataframe"><thead>{head}</thead><tbody>{body}</tbody></table>'


def _html_row(tag: str, texts: Iterator[str]) -> str:
    row = ""
    for text in texts:
        row += f"<{tag}{_ALIGN_LEFT}>{html.escape(text)}</{tag}>"
    return f"<tr>{row}</tr>"


def _rows(table: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    return table.itertuples(index=False, name=None)
