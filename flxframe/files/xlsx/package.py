"""The parts of an .xlsx package, with some of them changed: all others are copied as they are."""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import zipfile
from typing import IO
from xml.parsers import expat

from flxframe.files.xlsx import xml_edit
from flxframe.files.xlsx.workbook import Workbook, relations_part, workbook_errors

_TYPES = "[Content_Types].xml"


_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml."


_NO_RELATIONS = (
    f'{_XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
)


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
        """Return a part's XML as it is now."""
        if part not in self._texts:
            with workbook_errors(self._workbook.path):
                return xml_edit.decode(self._workbook.read(part))
        return self._texts[part]

    def put(self, part: str, text: str) -> None:
        """Change a part."""
        self._texts[part] = text

    def add(self, part: str, text: str, *, source: str, kind: str, content_type: str) -> str:
        """Add a part, related to another, and return the relationship's id.

        Parameters
        ----------
        part : str
            Its name; a number is put before its ending if the package has it already.
        text : str
            Its XML.
        source : str
            The part that is to name it.
        kind : str
            How the relationship's type ends, such as ``/comments``.
        content_type : str
            What it is; the beginning that all parts of spreadsheets share is left out.
        """
        stem, ending = posixpath.splitext(part)
        number = 0
        while self._workbook.has(part) or part in self._texts:
            number += 1
            part = f"{stem}{number}{ending}"
        self._texts[part] = text
        full = content_type if "/" in content_type else f"{_SPREADSHEET}{content_type}+xml"
        types = self.text(_TYPES)
        p = xml_edit.prefix(types)
        declared = f'<{p}Override PartName="/{part}" ContentType="{full}"/>'
        self._texts[_TYPES] = xml_edit.append(types, xml_edit.root(types), declared)
        return self._relate(source, kind, part)

    def drop(self, part: str, *, source: str) -> None:
        """Leave out a part that another names."""
        self._dropped.add(part)
        name = re.escape(posixpath.basename(part))
        for holder, attribute in ((_TYPES, "PartName"), (relations_part(source), "Target")):
            pattern = rf'<[\w:]+\s[^>]*{attribute}="(?:[^"]*/)?{name}"[^>]*?(?:/>|>\s*</[\w:]+>)'
            self._texts[holder] = re.sub(pattern, "", self.text(holder), flags=re.IGNORECASE)

    def save(self, file: IO[bytes]) -> None:
        """Write the package."""
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
            for info in self._workbook.package.infolist():
                if info.filename in self._dropped or info.is_dir():
                    continue
                kept = zipfile.ZipInfo(info.filename, info.date_time)
                kept.external_attr = info.external_attr
                changed = info.filename in self._texts
                content = self._content(info.filename) if changed else self._original(info)
                package.writestr(
                    kept, content, zipfile.ZIP_STORED if not content else zipfile.ZIP_DEFLATED
                )
            now = dt.datetime.now().timetuple()[:6]
            for name in self._texts.keys() - set(self._workbook.package.namelist()):
                package.writestr(
                    zipfile.ZipInfo(name, now), self._content(name), zipfile.ZIP_DEFLATED
                )

    def _original(self, info: zipfile.ZipInfo) -> bytes:
        with workbook_errors(self._workbook.path):
            return self._workbook.package.read(info)

    def _content(self, name: str) -> bytes:
        content = self._texts[name].encode("utf-8", "replace")
        if not name.endswith(".vml"):  # which programs write that never was XML
            expat.ParserCreate().Parse(
                content, True
            )  # what isn't well-formed must not reach the user's file
        return content

    def _relate(self, source: str, kind: str, part: str) -> str:
        relations = relations_part(source)
        known = relations in self._texts or self._workbook.has(relations)
        text = self.text(relations) if known else _NO_RELATIONS
        number = 1
        while f'"rIdFlx{number}"' in text:
            number += 1
        xml = f'<{xml_edit.prefix(text)}Relationship Id="rIdFlx{number}" Type="{_RELATED}{kind}" Target="/{part}"/>'
        self._texts[relations] = xml_edit.append(text, xml_edit.root(text), xml)
        return f"rIdFlx{number}"
