"""The namespaces and content types of a workbook's parts. Pure: no network, no clock, no disk."""

from __future__ import annotations

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
"""The first line of a part."""

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_RELATIONSHIPS = "http://purl.oclc.org/ooxml/officeDocument/relationships"

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml."
"""The start of the content type of every part of a spreadsheet."""
VML_DRAWING = "application/vnd.openxmlformats-officedocument.vmlDrawing"

_STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_HEAD_LENGTH = 2_000


def relations_namespace(part: str) -> str:
    """Return the namespace of the relationship ids in a part; strict workbooks use their own.

    Parameters
    ----------
    part : str
        The part's XML.

    Examples
    --------
    >>> relations_namespace('<worksheet xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"/>')
    'http://purl.oclc.org/ooxml/officeDocument/relationships'
    """
    return STRICT_RELATIONSHIPS if _is_strict(part) else RELATIONSHIPS


def main_namespace(part: str) -> str:
    """Return the namespace of the elements in the parts of a workbook.

    Parameters
    ----------
    part : str
        The XML of one of its parts.

    Examples
    --------
    >>> main_namespace('<worksheet xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"/>')
    'http://purl.oclc.org/ooxml/spreadsheetml/main'
    """
    return _STRICT_MAIN if _is_strict(part) else MAIN


def _is_strict(part: str) -> bool:
    return _STRICT_MAIN in part[:_HEAD_LENGTH]
