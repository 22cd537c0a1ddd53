"""The parts of an .xlsx package: changed parts are rewritten, the others are copied."""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import zipfile
from typing import IO
from xml.parsers import expat

from flxframe.files.xlsx.namespaces import (
    DECLARATION,
    PACKAGE_RELATIONSHIPS,
    RELATIONSHIPS,
    SPREADSHEET,
)
from flxframe.files.xlsx.workbook import Workbook, relations_part, workbook_errors
from flxframe.files.xlsx.xml_edit import append, decode, prefix, root

_DEFLATED = zipfile.ZIP_DEFLATED
_TYPES = "[Content_Types].xml"
_NO_RELATIONS = f'{DECLARATION}<Relationships xmlns="{PACKAGE_RELATIONSHIPS}"/>'


class Package:
    """The parts of a workbook, some of them changed.

    Parameters
    ----------
    workbook : Workbook
        The workbook; it must stay open until `save` is done.
    """

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._texts: dict[str, str] = {}
        self._dropped: set[str] = set()

    def text(self, part: str) -> str:
        """Return the current XML of a part."""
        if part in self._texts:
            return self._texts[part]

        with workbook_errors(self._workbook.path):
            return decode(self._workbook.read(part))

    def put(self, part: str, text: str) -> None:
        """Replace the XML of a part."""
        self._texts[part] = text

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
        name = self._free_name(part)
        self._texts[name] = text

        if "/" not in content_type:
            content_type = f"{SPREADSHEET}{content_type}+xml"
        types = self.text(_TYPES)
        tag = f"{prefix(types)}Override"
        xml = f'<{tag} PartName="/{name}" ContentType="{content_type}"/>'
        self._texts[_TYPES] = append(types, root(types), xml)

        return self._relate(source, kind, name)

    def drop(self, part: str, *, source: str) -> None:
        """Leave out a part and the relationship from another to it."""
        self._dropped.add(part)
        self._remove_element(_TYPES, "PartName", part)
        self._remove_element(relations_part(source), "Target", part)

    def save(self, file: IO[bytes]) -> None:
        """Write the package."""
        original = self._workbook.package
        with zipfile.ZipFile(file, "w", _DEFLATED) as package:
            for entry in original.infolist():
                is_dropped = entry.filename in self._dropped
                if not is_dropped and not entry.is_dir():
                    self._copy(entry, package)

            now = dt.datetime.now().timetuple()[:6]
            known = set(original.namelist())
            for name in self._texts:
                if name not in known:
                    entry = zipfile.ZipInfo(name, now)
                    content = self._content(name)
                    package.writestr(entry, content, _DEFLATED)

    def _copy(self, original: zipfile.ZipInfo, package: zipfile.ZipFile) -> None:
        """Write a part of the original package, changed or not."""
        name = original.filename
        if name in self._texts:
            content = self._content(name)
        else:
            with workbook_errors(self._workbook.path):
                content = self._workbook.package.read(original)

        entry = zipfile.ZipInfo(name, original.date_time)
        entry.external_attr = original.external_attr
        compression = _DEFLATED if content else zipfile.ZIP_STORED
        package.writestr(entry, content, compression)

    def _content(self, name: str) -> bytes:
        content = self._texts[name].encode("utf-8", "replace")
        # Never write broken XML to the user's file; the VML of other programs is often not XML.
        if not name.endswith(".vml"):
            expat.ParserCreate().Parse(content, True)
        return content

    def _free_name(self, part: str) -> str:
        stem, extension = posixpath.splitext(part)
        number = 0
        while self._workbook.has(part) or part in self._texts:
            number += 1
            part = f"{stem}{number}{extension}"
        return part

    def _relate(self, source: str, kind: str, part: str) -> str:
        """Add a relationship from one part to another, and return its id."""
        relations = relations_part(source)
        text = _NO_RELATIONS
        if relations in self._texts or self._workbook.has(relations):
            text = self.text(relations)

        number = 1
        while f'"rIdFlx{number}"' in text:
            number += 1
        relation = f"rIdFlx{number}"

        tag = f"{prefix(text)}Relationship"
        xml = f'<{tag} Id="{relation}" Type="{RELATIONSHIPS}{kind}" Target="/{part}"/>'
        self._texts[relations] = append(text, root(text), xml)
        return relation

    def _remove_element(self, referrer: str, attribute: str, part: str) -> None:
        """Remove the elements of a part that have the name of another part as an attribute."""
        name = re.escape(posixpath.basename(part))
        value = rf'{attribute}="(?:[^"]*/)?{name}"'
        element = rf"<[\w:]+\s[^>]*{value}[^>]*?(?:/>|>\s*</[\w:]+>)"
        pattern = re.compile(element, re.IGNORECASE)
        self._texts[referrer] = pattern.sub("", self.text(referrer))
