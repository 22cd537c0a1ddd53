"""Split the lines of delimited text into rows. Pure.

The csv module limits the length of a cell for the whole process, and another thread might rely on
that limit. So flxframe does not raise it: a file with a longer cell is split again by `LongRows`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Protocol

_LINE_BREAK = re.compile(r"\r\n?|\n")


class Rows(Protocol):
    """The rows of a file, each a list of its cells; iterating can raise `csv.Error`."""

    @property
    def line_num(self) -> int:
        """The number of lines that were read."""

    def __iter__(self) -> Iterator[list[str]]:
        """Iterate over the rows."""


class LongRows:
    r"""The rows of delimited text whose cells have any length, as ``csv.reader`` returns them.

    Parameters
    ----------
    lines : iterable of str
        The lines, with their line breaks.
    delimiter : str
        The character between the cells.

    Examples
    --------
    >>> list(LongRows(['a,"b, c"\n', '1,\n'], ","))
    [['a', 'b, c'], ['1', '']]
    """

    def __init__(self, lines: Iterable[str], delimiter: str) -> None:
        self._text = "".join(lines)
        self._position = 0
        self._is_inside_line = False

        between = re.escape(delimiter)
        quoted = r'"(?P<quoted>[^"]*+(?:""[^"]*+)*+)"'
        bare = rf'(?P<bare>(?!")[^{between}\r\n]*+)'
        self._cell = re.compile(rf"(?:{quoted}|{bare})(?P<end>{between}|\r\n?|\n|\Z)")

    @property
    def line_num(self) -> int:
        """The number of lines that were read."""
        line_breaks = _LINE_BREAK.findall(self._text, 0, self._position)
        return len(line_breaks) + self._is_inside_line

    def __iter__(self) -> Iterator[list[str]]:
        while self._position < len(self._text):
            yield self._row()

    def _row(self) -> list[str]:
        blank_line = _LINE_BREAK.match(self._text, self._position)
        if blank_line:
            self._position = blank_line.end()
            return []

        row = []
        end = None
        self._is_inside_line = True
        while end is None or end not in ("", "\n", "\r", "\r\n"):
            match = self._cell.match(self._text, self._position)
            if match is None:
                raise csv.Error("a cell in quotes does not end where its quotes end")

            bare, end = match["bare"], match["end"]
            row.append(match["quoted"].replace('""', '"') if bare is None else bare)
            self._position = match.end()

        self._is_inside_line = end == ""
        return row


def is_too_long(error: csv.Error) -> bool:
    """Return whether the csv module stopped at a cell that is longer than its limit."""
    return "field larger than field limit" in str(error)
