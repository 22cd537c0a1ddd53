"""The encoding and the delimiter of a text file, found out from what it holds."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

_DELIMITERS = ",;\t"
_SAMPLE_ROWS = 20
_CHUNK = 2**20


def encoding_of(path: Path) -> str:
    """Find out the encoding: by its mark, else UTF-8 if all of it is, else by its NULs, else Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        start = file.read(_CHUNK)
        if start.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        for order, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            if len(start) > 1 and start[order:64:2].count(0) > len(start[order:64:2]) // 2:
                return encoding
        try:
            chunk = start
            while chunk:
                decoder.decode(chunk)
                chunk = file.read(_CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def delimiter_of(file: Iterable[str], header_row: int | None) -> str:
    """Find the delimiter that gives the header and the rows below it the same number of cells, or else the most."""
    lines = list(islice(file, _SAMPLE_ROWS * 10 + (header_row or 0)))

    def plainness(delimiter: str) -> tuple[bool, bool, int]:
        widths = []
        try:
            for number, row in enumerate(csv.reader(lines, delimiter=delimiter), 1):
                if row and number >= (header_row or 1):
                    widths.append(len(row))
                if len(widths) == _SAMPLE_ROWS:
                    break
        except csv.Error:  # reading will say what is wrong, and where
            pass
        widest = max(widths, default=0)
        # A ragged row must not make one column of the whole file: that is an error, and names the line.
        return set(widths) == {widest} and widest > 1, widths[:1] > [1], widest

    return max(_DELIMITERS, key=plainness)
