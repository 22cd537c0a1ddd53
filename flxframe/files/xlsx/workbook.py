"""An .xlsx package: its parts, its sheets, its shared texts and its number formats."""

from __future__ import annotations

import posixpath
import struct
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
from flxframe.files.detect import check_container, check_size, damaged, too_large
from flxframe.files.xlsx import number_formats
from flxframe.files.xlsx.strings import read_strings

SUMMARY_SHEET = "flxframe"
"""The sheet that write_results adds; it never contains the table."""

_MAX_PARSED_SIZE = 64 * 2**20
"""The size of the largest list of sheets, styles or relationships."""

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
    struct.error,
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
        except BaseException as error:
            self._file.close()
            if isinstance(error, _READ_ERRORS) and not isinstance(error, FlxframeError):
                raise damaged(path) from None
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

    def parse(self, part: str) -> ET.Element:
        """Return the XML of a small part as elements, which take more memory than the part."""
        size = self.package.getinfo(self.entry_name(part)).file_size
        if size > _MAX_PARSED_SIZE:
            raise too_large(self.path, size)
        return ET.fromstring(self.read(part))  # noqa: S314  expat refuses entity bombs

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
        for element in self.parse(relations):
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
            if self.has(part):  # some programs refer to a part that they do not write
                with self.open(part) as file:
                    strings += read_strings(file)

        return strings

    @cached_property
    def formats(self) -> list[number_formats.Format]:
        """The number format of each cell style."""
        parts = self.related(self.main, "/styles")
        formats = []
        if parts and self.has(parts[0][1]):
            formats = cell_formats(self.parse(parts[0][1]))
        return formats or [number_formats.parse("General")]

    @cached_property
    def _main_xml(self) -> ET.Element:
        return self.parse(self.main)

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


def cell_formats(styles: ET.Element) -> list[number_formats.Format]:
    """Return the number format of each cell style of a styles part."""
    groups = {local(group.tag): group for group in styles}
    codes = {
        int(element.get("numFmtId", "0")): element.get("formatCode", "")
        for element in groups.get("numFmts", ())  # those of conditional formats are elsewhere
    }

    formats = []
    if "cellXfs" in groups:
        for element in groups["cellXfs"]:
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


@contextmanager
def workbook_errors(path: Path) -> Iterator[None]:
    """Convert errors from a damaged workbook to a `FileError` that names the file."""
    try:
        yield
    except FlxframeError:
        raise
    except _READ_ERRORS as error:
        raise damaged(path) from error
