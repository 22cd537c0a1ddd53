"""The .xlsx package: its parts, its sheets, its texts and its number formats."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO
from xml.etree import ElementTree as ET

from flxframe.exceptions import FileError, FlxframeError
from flxframe.files.detect import check_container, check_size, damaged
from flxframe.files.xlsx import number_formats

SUMMARY_SHEET = "flxframe"
"""The sheet that write_results adds; it is never taken for the table."""


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


_WORKSHEET = "/worksheet"


# What zipfile, expat and the numbers in the XML raise when a byte of the file is wrong.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ET.ParseError,
    LookupError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet of a workbook.

    Parameters
    ----------
    name : str
        As its tab shows it.
    part : str
        Where its XML stands in the package.
    visible : bool
        Whether its tab can be seen.
    """

    name: str
    part: str
    visible: bool


class Workbook:
    """An opened .xlsx or .xlsm file. It is a context manager.

    Parameters
    ----------
    path : Path
        The file.
    file : file object, optional
        Where its bytes are, if not there.

    Raises
    ------
    FileError
        If it is no workbook, is protected by a password, or would unpack to an absurd size.
    """

    def __init__(self, path: Path, *, file: IO[bytes] | None = None) -> None:
        self.path = path
        self._file = path.open("rb") if file is None else file
        try:
            check_container(self._file, path, expected="zip")
            self.package = zipfile.ZipFile(self._file)
            check_size(self.package, path)
            self._names = {name.lower(): name for name in self.package.namelist()}
        except zipfile.BadZipFile:
            self._file.close()
            raise damaged(path) from None
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Workbook:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def has(self, part: str) -> bool:
        """Say whether the package has a part."""
        return part.lower() in self._names

    def read(self, part: str) -> bytes:
        """Return a part's bytes."""
        return self.package.read(self._name(part))

    def open(self, part: str) -> IO[bytes]:
        """Open a part to read it piece by piece."""
        return self.package.open(self._name(part))

    def related(self, part: str, kind: str) -> list[tuple[str, str]]:
        """Return the id and the part of each relationship of a kind that a part has.

        Parameters
        ----------
        part : str
            The part, or "" for the package itself.
        kind : str
            How the relationship's type ends, such as ``/worksheet``.
        """
        relations = relations_part(part)
        if not self.has(relations):
            return []
        return [
            (
                element.get("Id", ""),
                posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target))[1:],
            )
            for element in ET.fromstring(self.read(relations))  # noqa: S314  expat refuses entity bombs
            if element.get("Type", "").endswith(kind) and (target := element.get("Target", ""))
        ]

    @cached_property
    def main(self) -> str:
        """The part that lists the sheets."""
        found = self.related("", "/officeDocument")
        if not found or not self.has(found[0][1]):
            raise FileError(
                f"{self.path} is no Excel workbook (it is some other kind of zip file): give it a .xlsx file"
            )
        return found[0][1]

    @cached_property
    def sheets(self) -> list[Sheet]:
        """The worksheets, in the order of their tabs; sheets of a chart alone are none."""
        parts = dict(self.related(self.main, _WORKSHEET))
        sheets = []
        for element in self._main_xml.iter():
            if local(element.tag) == "sheet":
                relation = next(
                    (value for key, value in element.attrib.items() if local(key) == "id"), ""
                )
                if relation in parts:
                    visible = element.get("state", "visible") == "visible"
                    sheets.append(Sheet(element.get("name", ""), parts[relation], visible))
        return sheets

    @cached_property
    def date1904(self) -> bool:
        """Whether days are counted from 1904, as old Macs did."""
        found = (element for element in self._main_xml.iter() if local(element.tag) == "workbookPr")
        return any(element.get("date1904") in ("1", "true") for element in found)

    @cached_property
    def strings(self) -> list[str]:
        """The texts that cells share."""
        strings = []
        for _, part in self.related(self.main, "/sharedStrings"):
            with self.open(part) as file:
                for _, element in ET.iterparse(file):  # noqa: S314  expat refuses entity bombs
                    if element.tag.endswith("}si"):
                        strings.append(rich_text(element))
                        element.clear()
        return strings

    @cached_property
    def formats(self) -> list[number_formats.Format]:
        """The number format of each cell style."""
        return [
            found
            for _, part in self.related(self.main, "/styles")[:1]
            for found in cell_formats(self.read(part))
        ] or [number_formats.parse("General")]

    @cached_property
    def _main_xml(self) -> ET.Element:
        return ET.fromstring(self.read(self.main))  # noqa: S314  expat refuses entity bombs

    def _name(self, part: str) -> str:
        try:
            return self._names[part.lower()]
        except KeyError:
            raise damaged(self.path) from None


def cell_formats(styles: bytes) -> list[number_formats.Format]:
    """Return the number format of each cell style of a styles part."""
    root = ET.fromstring(styles)  # noqa: S314  expat refuses entity bombs
    codes = {
        int(element.get("numFmtId", "0")): element.get("formatCode", "")
        for element in root.iter()
        if local(element.tag) == "numFmt"
    }
    found = []
    for group in root:
        if local(group.tag) == "cellXfs":
            for element in group:
                number = int(element.get("numFmtId", "0"))
                found.append(
                    number_formats.parse(
                        codes[number] if number in codes else number_formats.builtin(number)
                    )
                )
    return found


def relations_part(part: str) -> str:
    """Return the name of the part that holds another part's relationships."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def local(tag: str) -> str:
    """Return a tag's name without its namespace: strict and transitional workbooks differ only in that."""
    return tag.rpartition("}")[2]


def rich_text(element: ET.Element) -> str:
    """Return the text of a shared or an inline string, without its looks and its pronunciation."""
    texts = []
    for child in element:
        name = local(child.tag)
        if name == "t":
            texts.append(child.text or "")
        elif name == "r":
            texts += [inner.text or "" for inner in child if local(inner.tag) == "t"]
    return unescape("".join(texts))


def unescape(text: str) -> str:
    """Return a text as a person sees it: workbooks write a character that XML can't hold as ``_xHHHH_``.

    Examples
    --------
    >>> unescape("_x0041_ _x005F_x0041_")
    'A _x0041_'
    """
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


@contextmanager
def legible(path: Path) -> Iterator[None]:
    """Turn what reading a broken workbook raises into a FileError that names it."""
    try:
        yield
    except FlxframeError:
        raise
    except _BROKEN as error:
        raise damaged(path) from error
