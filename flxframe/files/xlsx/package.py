"""The parts of an .xlsx package: changed parts are rewritten, the others are copied."""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import zipfile
from collections.abc import Iterable
from typing import IO
from xml.parsers import expat

from flxframe.files.detect import damaged
from flxframe.files.xlsx import content_types
from flxframe.files.xlsx.namespaces import (
    DECLARATION,
    PACKAGE_RELATIONSHIPS,
    SPREADSHEET,
    relations_namespace,
)
from flxframe.files.xlsx.packed_text import PackedText
from flxframe.files.xlsx.workbook import Workbook, part_name, relations_part, workbook_errors
from flxframe.files.xlsx.xml_edit import append, attribute, children, decode, prefix, root

_DEFLATED = zipfile.ZIP_DEFLATED
_TYPES = "[Content_Types].xml"
_NO_RELATIONS = f'{DECLARATION}<Relationships xmlns="{PACKAGE_RELATIONSHIPS}"/>'
_PART = re.compile(rb"""\b(?:Target|PartName)\s*=\s*(?:"[^"]*"|'[^']*')""")
_EXTERNAL = re.compile(rb"""\bTargetMode\s*=\s*["']External""")


class Package:
    """The parts of a workbook, some of them changed.

    Parameters
    ----------
    workbook : Workbook
        The workbook; it must stay open until `save` is done.
    """

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._texts: dict[str, str | PackedText] = {}
        self._dropped: set[str] = set()

    def text(self, part: str) -> str:
        """Return the current XML of a part."""
        part = self._name(part)
        text = self._texts.get(part)
        if isinstance(text, PackedText):
            return b"".join(text).decode()
        if text is not None:
            return text

        with workbook_errors(self._workbook.path), self._workbook.open(part) as file:
            return decode(file.read())

    def put(self, part: str, text: str | PackedText) -> None:
        """Replace the XML of a part."""
        self._texts[self._name(part)] = text

    def create(self, part: str, text: str, *, content_type: str) -> None:
        """Add a part that no other is related to yet, or whose relationship already exists.

        Parameters
        ----------
        part : str
            Its name.
        text : str
            Its XML.
        content_type : str
            A content type, or its end without the prefix that all parts of a spreadsheet share.
        """
        if "/" not in content_type:
            content_type = f"{SPREADSHEET}{content_type}+xml"
        self._texts[part] = text
        self.put(_TYPES, content_types.declare(self.text(_TYPES), part, content_type))

    def add(self, part: str, text: str, *, source: str, kind: str, content_type: str) -> str:
        """Add a part that is related to another, and return the relationship's id.

        Parameters
        ----------
        part : str
            Its name; if the package already has it, a number is added before the extension.
        text : str
            Its XML.
        source : str
            The part that the relationship starts from.
        kind : str
            The end of the relationship's type, such as ``/comments``.
        content_type : str
            A content type, or its end without the prefix that all parts of a spreadsheet share.
        """
        name = self.free_name(part)
        self.create(name, text, content_type=content_type)
        return self._relate(source, kind, name)

    def free_name(self, part: str) -> str:
        """Return a name for a new part, with a number if the package already has such a part."""
        stem, extension = posixpath.splitext(part)
        number = 0
        while self._workbook.has(part) or part in self._texts:
            number += 1
            part = f"{stem}{number}{extension}"
        return part

    def drop(self, part: str, *, source: str) -> None:
        """Leave out a part and the relationship from another to it."""
        part = self._name(part)
        self._dropped.add(part)
        self.put(_TYPES, content_types.forget(self.text(_TYPES), part))

        relations = relations_part(source)
        text = self.text(relations)
        for element in reversed(children(text, root(text))):
            target = attribute(text[element.start : element.end], "Target") or ""
            if posixpath.basename(part_name(target)).lower() == posixpath.basename(part).lower():
                text = text[: element.start] + text[element.end :]
        self.put(relations, text)

    def save(self, file: IO[bytes]) -> None:
        """Write the package."""
        with zipfile.ZipFile(file, "w", _DEFLATED) as package:
            copied = set()
            for entry in self._workbook.entries():
                name = part_name(entry.filename)
                copied.add(name)
                if name not in self._dropped:
                    self._copy(entry, name, package)

            now = dt.datetime.now().timetuple()[:6]
            for name in self._texts:
                if name not in copied:
                    self._write(zipfile.ZipInfo(name, now), package)

    def _copy(self, original: zipfile.ZipInfo, name: str, package: zipfile.ZipFile) -> None:
        """Write a part of the original package, changed or not."""
        entry = zipfile.ZipInfo(name, original.date_time)
        entry.external_attr = original.external_attr
        if name in self._texts:
            self._write(entry, package)
            return

        with workbook_errors(self._workbook.path):
            content = self._workbook.package.read(original)
        if _is_list(name):
            content = _with_slashes(content)
        package.writestr(entry, content, _DEFLATED if content else zipfile.ZIP_STORED)

    def _write(self, entry: zipfile.ZipInfo, package: zipfile.ZipFile) -> None:
        """Write a changed part."""
        name = entry.filename
        text = self._texts[name]
        pieces: Iterable[bytes]
        if isinstance(text, PackedText):
            pieces = text
            entry.file_size = text.size
        else:
            content = text.encode("utf-8", "replace")
            pieces = [_with_slashes(content) if _is_list(name) else content]
            entry.file_size = len(content)
        entry.compress_type = _DEFLATED if entry.file_size else zipfile.ZIP_STORED

        # Never write broken XML to the user's file; the VML of other programs is often not XML.
        parser = None if name.endswith(".vml") else expat.ParserCreate()
        with package.open(entry, "w") as file:
            for piece in pieces:
                self._check(parser, piece)
                file.write(piece)
            self._check(parser, b"", is_last=True)

    def _check(
        self, parser: expat.XMLParserType | None, piece: bytes, *, is_last: bool = False
    ) -> None:
        if parser is None:
            return
        try:
            parser.Parse(piece, is_last)
        except expat.ExpatError as error:
            raise damaged(self._workbook.path) from error

    def _name(self, part: str) -> str:
        """Return a part's name as it is written, which can differ from its references by case."""
        if not self._workbook.has(part):
            return part
        return part_name(self._workbook.entry_name(part))

    def _relate(self, source: str, kind: str, part: str) -> str:
        """Add a relationship from one part to another, and return its id."""
        relations = self._name(relations_part(source))
        if relations not in self._texts and not self._workbook.has(relations):
            self.create(relations, _NO_RELATIONS, content_type=content_types.RELATIONS)
        text = self.text(relations)

        number = 1
        while f"rIdFlx{number}" in text:
            number += 1
        relation = f"rIdFlx{number}"

        tag = f"{prefix(text)}Relationship"
        namespace = relations_namespace(self.text(self._workbook.main))
        xml = f'<{tag} Id="{relation}" Type="{namespace}{kind}" Target="/{part}"/>'
        self.put(relations, append(text, root(text), xml))
        return relation


def _is_list(name: str) -> bool:
    """Return whether a part lists other parts."""
    return name == _TYPES or name.endswith(".rels")


def _with_slashes(content: bytes) -> bytes:
    """Return a list of parts with slashes in their names; some writers use backslashes."""
    if b"\\" not in content:
        return content

    def replaced(element: re.Match[bytes]) -> bytes:
        if _EXTERNAL.search(element[0]):
            return element[0]
        return _PART.sub(lambda name: name[0].replace(b"\\", b"/"), element[0])

    return re.sub(rb"<[^>]*>", replaced, content)
