"""An .xlsx package: its parts, its sheets, its shared texts and its number formats."""

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
from xml.parsers import expat

from flxframe.exceptions import FileError, FlxframeError
from flxframe.files.detect import check_container, check_size, damaged
from flxframe.files.xlsx import number_formats

SUMMARY_SHEET = "flxframe"
"""The sheet that write_results adds; it never contains the table."""

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

# A damaged file raises these, from zipfile, expat or the conversion of numbers in the XML.
_READ_ERRORS = (
    OSError,
    expat.ExpatError,
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
        The name on its tab.
    part : str
        The part of the package with its XML.
    """

    name: str
    part: str


class Workbook:
    """An open .xlsx or .xlsm file; a context manager that closes it.

    Parameters
    ----------
    path : Path
        The file.
    file : file object, optional
        The file's bytes, if they are not at `path`.

    Raises
    ------
    FileError
        If it is not a workbook, is password-protected, or would unpack to an implausible size.
    """

    def __init__(self, path: Path, *, file: IO[bytes] | None = None) -> None:
        self.path = path
        self._file = path.open("rb") if file is None else file

        try:
            check_container(self._file, path, expected="zip")
            self.package = zipfile.ZipFile(self._file)
            check_size(self.package, path)
            self._names = {part_name(name).lower(): name for name in self.package.namelist()}
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
        """Return whether the package has a part."""
        return part.lower() in self._names

    def read(self, part: str) -> bytes:
        """Return the bytes of a part."""
        return self.package.read(self.entry_name(part))

    def open(self, part: str) -> IO[bytes]:
        """Open a part, to read it piece by piece."""
        return self.package.open(self.entry_name(part))

    def related(self, part: str, kind: str) -> list[tuple[str, str]]:
        """Return the id and the part of each relationship of a kind that a part has.

        Parameters
        ----------
        part : str
            The part, or "" for the package itself.
        kind : str
            The end of the relationship's type, such as ``/worksheet``.
        """
        relations = relations_part(part)
        if not self.has(relations):
            return []

        folder = posixpath.join("/", posixpath.dirname(part))
        parts = []
        for element in ET.fromstring(self.read(relations)):  # noqa: S314  expat refuses entity bombs
            target = element.get("Target", "").replace("\\", "/")
            if target and element.get("Type", "").endswith(kind):
                path = posixpath.normpath(posixpath.join(folder, target))
                parts.append((element.get("Id", ""), path[1:]))

        return parts

    @cached_property
    def main(self) -> str:
        """The part that lists the sheets."""
        parts = self.related("", "/officeDocument")
        if not parts or not self.has(parts[0][1]):
            raise FileError(
                f"{self.path} is not an Excel workbook (it is another kind of zip file): "
                "use a .xlsx file"
            )
        return parts[0][1]

    @cached_property
    def sheets(self) -> list[Sheet]:
        """The worksheets, in the order of their tabs, without sheets that are only a chart."""
        parts = dict(self.related(self.main, "/worksheet"))
        sheets = []
        for element in self._main_xml.iter():
            if local(element.tag) != "sheet":
                continue

            ids = (value for name, value in element.attrib.items() if local(name) == "id")
            part = parts.get(next(ids, ""))
            if part is not None:
                sheets.append(Sheet(element.get("name", ""), part))

        return sheets

    @cached_property
    def date1904(self) -> bool:
        """Whether days are counted from 1904, as on old Macs."""
        return any(
            local(element.tag) == "workbookPr" and element.get("date1904") in ("1", "true")
            for element in self._main_xml.iter()
        )

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
        parts = self.related(self.main, "/styles")
        formats = cell_formats(self.read(parts[0][1])) if parts else []
        return formats or [number_formats.parse("General")]

    @cached_property
    def _main_xml(self) -> ET.Element:
        return ET.fromstring(self.read(self.main))  # noqa: S314  expat refuses entity bombs

    def entries(self) -> Iterator[zipfile.ZipInfo]:
        """Yield the zip entry of each part; of two with the same name, the last is the part."""
        current = set(self._names.values())
        for entry in self.package.infolist():
            name = entry.filename
            is_last = self.package.getinfo(name) is entry
            if is_last and name in current and not entry.is_dir():
                yield entry

    def entry_name(self, part: str) -> str:
        """Return the name of the zip entry with a part."""
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

    formats = []
    for group in root:
        if local(group.tag) != "cellXfs":
            continue

        for element in group:
            number = int(element.get("numFmtId", "0"))
            code = codes.get(number)
            if code is None:
                code = number_formats.builtin(number)
            formats.append(number_formats.parse(code))

    return formats


def part_name(entry: str) -> str:
    r"""Return the name of the part in a zip entry; some writers use backslashes.

    Examples
    --------
    >>> part_name("xl\\workbook.xml")
    'xl/workbook.xml'
    """
    return entry.replace("\\", "/").lstrip("/")


def relations_part(part: str) -> str:
    """Return the name of the part with the relationships of a part."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def local(tag: str) -> str:
    """Return a tag without its namespace, in which strict and transitional workbooks differ."""
    return tag.rpartition("}")[2]


def rich_text(element: ET.Element) -> str:
    """Return the text of a shared or inline string, without its fonts and phonetic hints."""
    texts = []
    for child in element:
        name = local(child.tag)
        if name == "t":
            texts.append(child.text or "")
        elif name == "r":
            texts += [inner.text or "" for inner in child if local(inner.tag) == "t"]

    return unescape("".join(texts))


def unescape(text: str) -> str:
    """Return a text as it is displayed: ``_xHHHH_`` is a character that XML cannot contain.

    Examples
    --------
    >>> unescape("_x0041_ _x005F_x0041_")
    'A _x0041_'
    """
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


@contextmanager
def workbook_errors(path: Path) -> Iterator[None]:
    """Convert errors from a damaged workbook to a `FileError` that names the file."""
    try:
        yield
    except FlxframeError:
        raise
    except _READ_ERRORS as error:
        raise damaged(path) from error
