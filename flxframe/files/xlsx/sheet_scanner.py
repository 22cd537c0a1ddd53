"""Read the XML of a worksheet piece by piece: its rows by `RowScanner`, the rest by a parser."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from flxframe.files.xlsx.row_scanner import RowScanner, UnusualError

_BLOCK_SIZE = 2**20
_MAX_ROW_SIZE = 16 * 2**20

_START = re.compile(r"<sheetData(?: [^<>]*[^<>/])?>")
_END = "</sheetData"
_ROW = "<row"
_DECLARATION = re.compile(r"\s*<\?xml[^>]*?encoding=[\"'](?!utf-8[\"'])", re.IGNORECASE)

_ILLEGAL = bytes({*range(32)} - {9, 10, 13})
_UNUSUAL = ("<!", "<?", "]]>", "\ufffe", "\uffff")
"""Comments and the like, and characters that XML must not contain."""


def scan_sheet(file: IO[bytes], scanner: RowScanner, parser: expat.XMLParserType) -> None:
    """Read a worksheet.

    Parameters
    ----------
    file : file object
        Its XML.
    scanner : RowScanner
        Reads its rows.
    parser : XMLParserType
        Reads what is around its rows.

    Raises
    ------
    UnusualError
        If the XML is written in another way than usual, or is damaged.
    """
    blocks = _blocks(file)
    text = next(blocks, "")
    start = _START.search(text)
    if start is None or "<!" in text[: start.end()] or _DECLARATION.match(text):
        raise UnusualError
    parser.Parse(text[: start.end()], False)

    text = text[start.end() :]
    while (end := text.find(_END)) < 0:
        last_row = max(text.rfind(_ROW), 0)
        scanner.scan(_checked(text[:last_row]))
        block = next(blocks, "")
        if not block or len(text) - last_row > _MAX_ROW_SIZE:
            raise UnusualError
        text = text[last_row:] + block

    scanner.scan(_checked(text[:end]))
    parser.Parse(text[end:], False)
    for block in blocks:
        parser.Parse(block, False)
    parser.Parse("", True)


def _blocks(file: IO[bytes]) -> Iterator[str]:
    """Yield the text of a file piece by piece."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        while block := file.read(_BLOCK_SIZE):
            if len(block.translate(None, _ILLEGAL)) < len(block):
                raise UnusualError
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise UnusualError from None


def _checked(rows: str) -> str:
    """Return the XML of rows with the line ends of XML, if it is plain."""
    if any(mark in rows for mark in _UNUSUAL):
        raise UnusualError
    if "\r" in rows:
        rows = rows.replace("\r\n", "\n").replace("\r", "\n")
    return rows
