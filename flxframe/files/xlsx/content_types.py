"""The content types of a package's parts. Pure: no network, no clock, no disk.

A part has its own type, or the type of its extension. Without one, the package is invalid.
"""

from __future__ import annotations

from flxframe.files.xlsx.xml_edit import Element, append, attribute, children, prefix, root

RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
"""The content type of a part with relationships."""


def declare(types: str, part: str, content_type: str) -> str:
    """Return the list with the content type of a part.

    Parameters
    ----------
    types : str
        The XML of the list.
    part : str
        The name of the part.
    content_type : str
        Its content type.

    Examples
    --------
    >>> declare("<Types/>", "xl/a.xml", "text/xml")
    '<Types><Override PartName="/xl/a.xml" ContentType="text/xml"/></Types>'
    """
    if _type_of(types, part) == content_type:
        return types

    types = forget(types, part)
    tag = f"{prefix(types)}Override"
    xml = f'<{tag} PartName="/{part}" ContentType="{content_type}"/>'
    return append(types, root(types), xml)


def forget(types: str, part: str) -> str:
    """Return the list without a part."""
    element = _override(types, part)
    if element is None:
        return types
    return types[: element.start] + types[element.end :]


def _type_of(types: str, part: str) -> str | None:
    override = _override(types, part)
    if override is not None:
        return attribute(types[override.start : override.end], "ContentType")

    extension = part.rpartition(".")[2]
    default = _entry(types, "Extension", extension)
    return attribute(types[default.start : default.end], "ContentType") if default else None


def _override(types: str, part: str) -> Element | None:
    return _entry(types, "PartName", f"/{part}")


def _entry(types: str, name: str, value: str) -> Element | None:
    """Return the entry whose attribute has a value, in upper or lower case."""
    for element in children(types, root(types)):
        text = attribute(types[element.start : element.end], name) or ""
        if text.lower() == value.lower():
            return element
    return None
