"""The groups of a styles part: fonts, fills, cell styles. Pure: no network, no clock, no disk."""

from __future__ import annotations

import re

from flxframe.files.xlsx.xml_edit import (
    append,
    child,
    children,
    insert,
    prefix,
    root,
    with_attribute,
)

_ORDER = (
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
)

# Each cell style refers to these, and Excel reserves the first two fills for itself.
_REQUIRED = {
    "fonts": ['<font><sz val="11"/><name val="Calibri"/><family val="2"/></font>'],
    "fills": [
        '<fill><patternFill patternType="none"/></fill>',
        '<fill><patternFill patternType="gray125"/></fill>',
    ],
    "borders": ["<border><left/><right/><top/><bottom/><diagonal/></border>"],
    "cellStyleXfs": ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'],
    "cellXfs": ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'],
    "cellStyles": ['<cellStyle name="Normal" xfId="0" builtinId="0"/>'],
}
_TAG_NAME = re.compile(r"<(/?)(?=\w)")


def items(text: str, name: str) -> list[str]:
    """Return the XML of each item of a group.

    Examples
    --------
    >>> items("<styleSheet><fonts><font/></fonts></styleSheet>", "fonts")
    ['<font/>']
    """
    group = child(text, root(text), name)
    elements = children(text, group) if group else []
    return [text[element.start : element.end] for element in elements]


def with_items(text: str, name: str, new_items: list[str]) -> str:
    """Return a styles part with all items of a group: those that it has, and new ones at the end.

    Parameters
    ----------
    text : str
        The part's XML.
    name : str
        The name of the group, which is added if the part does not have it.
    new_items : list of str
        The XML of each item, old and new.
    """
    number = len(items(text, name))
    if len(new_items) == number:
        return text

    group = child(text, root(text), name)
    if group is None:
        xml = f"<{prefix(text)}{name}/>"
        text = insert(text, xml, frozenset(_ORDER[_ORDER.index(name) :]))
        return with_items(text, name, new_items)

    text = append(text, group, "".join(new_items[number:]))
    head, tail = text[: group.start], text[group.start :]
    return head + with_attribute(tail, "count", str(len(new_items)))


def completed(text: str) -> str:
    """Return a styles part with what every workbook needs; some writers leave it out."""
    p = prefix(text)
    for name, required in _REQUIRED.items():
        present = items(text, name)
        missing = required[len(present) :]
        missing = [_TAG_NAME.sub(rf"<\1{p}", item) for item in missing]
        text = with_items(text, name, present + missing)
    return text
