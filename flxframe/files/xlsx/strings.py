"""The texts of a workbook: those that cells share, and escaped characters."""

from __future__ import annotations

import re
from typing import IO, Any
from xml.parsers import expat

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class Tags(dict[str, str]):
    """The local names of elements, by their names with a prefix.

    Strict and transitional workbooks differ in the namespace, and programs in the prefix.

    Examples
    --------
    >>> tags = Tags()
    >>> tags["x:row"], tags["row"]
    ('row', 'row')
    """

    def __missing__(self, name: str) -> str:
        tag = self[name] = name.rpartition(":")[2]
        return tag


def new_parser(target: Any) -> expat.XMLParserType:
    """Return an XML parser that calls the methods `start`, `end` and `data` of an object.

    Unlike a tree of elements, it needs no memory for the elements that it has passed.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = target.start
    parser.EndElementHandler = target.end
    parser.CharacterDataHandler = target.data
    return parser


def read_strings(file: IO[bytes]) -> list[str]:
    """Return the shared texts of a workbook, without fonts and phonetic hints.

    Parameters
    ----------
    file : file object
        The XML of the part with the shared texts.
    """
    reader = _StringReader()
    new_parser(reader).ParseFile(file)
    return reader.strings


def unescape(text: str) -> str:
    """Return a text as it is displayed: ``_xHHHH_`` is a character that XML cannot contain.

    Some programs write a character outside the first 65,536 as two of them, a surrogate pair. An
    unpaired surrogate is displayed as a replacement character.

    Examples
    --------
    >>> unescape("_x0041_ _x005F_x0041_ _xD83D__xDE00_")
    'A _x0041_ 😀'
    """
    if "_x" not in text:
        return text
    text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    if not _SURROGATE.search(text):
        return text
    text = _PAIR.sub(_joined, text)
    return _SURROGATE.sub("\ufffd", text)


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")


class _StringReader:
    """Collect the shared texts."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._tags = Tags()
        self._parts: list[str] = []
        self._is_hint = False
        self._is_text = False

    def start(self, name: str, _: dict[str, str]) -> None:
        """Start an element."""
        tag = self._tags[name]
        if tag == "t":
            self._is_text = not self._is_hint
        elif tag == "rPh":
            self._is_hint = True
        elif tag == "si":
            self._parts = []

    def end(self, name: str) -> None:
        """End an element."""
        tag = self._tags[name]
        if tag == "t":
            self._is_text = False
        elif tag == "rPh":
            self._is_hint = False
        elif tag == "si":
            self.strings.append(unescape("".join(self._parts)))

    def data(self, text: str) -> None:
        """Add characters to the current text."""
        if self._is_text:
            self._parts.append(text)
