"""Edit XML as text, keeping the rest byte for byte. Pure: no network, no clock, no disk.

An XML library changes the prefixes of namespaces, and drops prefixes that only the text of an
attribute uses, which Excel then reports as damage. So elements are found by their tags, and only
their text is replaced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from xml.sax.saxutils import escape as _escape  # it only escapes; nothing is parsed

_TAG = re.compile(r"<(/?)([\w.:-]+)((?:[^>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>")
_NAME = re.compile(r"<([\w.:-]+)")
_PREFIX = re.compile(r"<([\w.-]+:)?")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)

_DECLARATION = re.compile(r"^\ufeff?<\?xml[^>]*\?>")
_UTF8_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Element:
    """The position of an element in a text.

    Parameters
    ----------
    name : str
        Its name, without the prefix.
    start, end : int
        The element as a whole.
    inside, closing : int
        The content between its tags; both are `end` if it is one empty tag.
    """

    name: str
    start: int
    inside: int
    closing: int
    end: int


def decode(part: bytes) -> str:
    """Return the text of a part, without comments and with CDATA as ordinary text."""
    is_utf16 = part.startswith(_UTF16_MARKS)
    text = part.decode("utf-16" if is_utf16 else "utf-8-sig")

    if "<!" in text:
        text = _COMMENT.sub("", text)
        text = _CDATA.sub(lambda match: escape(match[1]), text)
    return _DECLARATION.sub(_UTF8_DECLARATION, text)


def root(text: str) -> Element:
    """Return the root element of a document.

    Raises
    ------
    ValueError
        If there is no element in the text.
    """
    tag = _TAG.search(text)
    if tag is None:
        raise ValueError("the part does not contain an XML element")

    name, start, inside = _local(tag[2]), tag.start(), tag.end()
    if tag[4]:
        return Element(name, start, inside, inside, inside)

    closing = text.rfind("</")
    return Element(name, start, inside, closing, text.index(">", closing) + 1)


def children(text: str, parent: Element) -> list[Element]:
    """Return the direct children of an element, in their order.

    Examples
    --------
    >>> text = "<a><b>1</b><x:c><b/></x:c></a>"
    >>> [text[child.start : child.end] for child in children(text, root(text))]
    ['<b>1</b>', '<x:c><b/></x:c>']
    """
    elements = []
    depth = 0
    opening = None
    for tag in _TAG.finditer(text, parent.inside, parent.closing):
        is_closing, is_empty = bool(tag[1]), bool(tag[4])
        if is_closing:
            depth -= 1
        elif depth == 0:
            opening = tag

        if not is_closing and not is_empty:
            depth += 1
        elif depth == 0 and opening is not None:
            start, inside = opening.span()
            closing = tag.start() if is_closing else tag.end()
            elements.append(Element(_local(opening[2]), start, inside, closing, tag.end()))

    return elements


def child(text: str, parent: Element, name: str) -> Element | None:
    """Return the first direct child of an element that has a name, or None."""
    for element in children(text, parent):
        if element.name == name:
            return element
    return None


def append(text: str, parent: Element, xml: str) -> str:
    """Add XML at the end of an element's content."""
    before, after = text[: parent.closing], text[parent.closing :]
    if parent.inside == parent.end:  # <a/>
        name = _NAME.match(text, parent.start)
        before = f"{before[:-2].rstrip()}>"
        after = f"</{name[1] if name else ''}>{after}"
    return before + xml + after


def insert(text: str, xml: str, followers: frozenset[str]) -> str:
    """Add XML to the root element, in front of the first of the elements that must follow it."""
    top = root(text)
    for element in children(text, top):
        if _names(text, element) & followers:
            return text[: element.start] + xml + text[element.start :]

    return append(text, top, xml)


def prefix(text: str) -> str:
    """Return the prefix of a document's root element, with its colon; usually it is empty."""
    match = _PREFIX.match(text, root(text).start)
    return (match and match[1]) or ""


def attribute(tag: str, name: str) -> str | None:
    """Return an attribute of an element's first tag, or None.

    Examples
    --------
    >>> attribute('<c r="A1" s="2"/>', "s")
    '2'
    """
    end = tag.find(">") + 1
    match = _attribute_pattern(name).search(tag, 0, end)
    if match is None:
        return None
    return unescape(match[1] or match[2] or "")


def with_attribute(tag: str, name: str, value: str | None) -> str:
    """Return an element with an attribute set, or without it if the value is None.

    Examples
    --------
    >>> with_attribute('<c r="A1" s="2"/>', "s", "3"), with_attribute("<c>7</c>", "s", "3")
    ('<c r="A1" s="3"/>', '<c s="3">7</c>')
    """
    end = tag.find(">") + 1
    opening, rest = tag[:end], tag[end:]
    assignment = "" if value is None else f' {name}="{escape(value)}"'

    pattern = _attribute_pattern(name)
    if pattern.search(opening):
        return pattern.sub(lambda _: assignment, opening, count=1) + rest
    return re.sub(r"\s*(/?>)$", lambda match: assignment + match[1], opening) + rest


def escape(text: str) -> str:
    """Return a text escaped for XML, for use in an attribute too."""
    return _escape(text, {'"': "&quot;"})


@lru_cache(maxsize=128)
def _attribute_pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"\s{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _names(text: str, element: Element) -> set[str]:
    """Return the name of an element, and of those that an AlternateContent can be read as."""
    names = {element.name}
    if element.name == "AlternateContent":
        for choice in children(text, element):
            names.update(inner.name for inner in children(text, choice))
    return names
