"""XML as text, edited in place, so that what isn't changed stays byte for byte. Pure: no network, no clock, no disk.

A parser that writes XML anew gives namespaces other prefixes and drops those that only an attribute's text names, which
Excel then calls damage. So elements are found by their tags, and only their text is replaced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from xml.sax.saxutils import escape as _escape  # it only escapes; nothing is parsed

_TAG = re.compile(r"<(/?)([\w.:-]+)((?:[^>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>")


_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)


_DECLARATION = re.compile(r"^\ufeff?<\?xml[^>]*\?>")

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_STRICT_MAIN = "purl.oclc.org/ooxml/spreadsheetml"
_MAX_ROOT_LENGTH = 2_000


@dataclass(frozen=True, slots=True)
class Element:
    """Where an element stands in a text.

    Parameters
    ----------
    name : str
        Its name, without the prefix.
    start, end : int
        The element as a whole.
    inside, closing : int
        What is between its tags; both are `end` if it is one empty tag.
    """

    name: str
    start: int
    inside: int
    closing: int
    end: int


def decode(part: bytes) -> str:
    """Return a part's text; comments are dropped, and CDATA is written plainly."""
    text = part.decode("utf-16" if part[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    if "<!" in text:
        text = _CDATA.sub(lambda match: escape(match[1]), _COMMENT.sub("", text))
    return _DECLARATION.sub('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', text)


def root(text: str) -> Element:
    """Return a document's element."""
    for match in _TAG.finditer(text):
        closing = text.rfind("</")
        if match[4]:
            return Element(_local(match[2]), match.start(), match.end(), match.end(), match.end())
        return Element(
            _local(match[2]), match.start(), match.end(), closing, text.index(">", closing) + 1
        )
    raise ValueError("there is no XML in it")


def children(text: str, parent: Element) -> list[Element]:
    """Return the elements that stand directly in an element, in their order.

    Examples
    --------
    >>> text = "<a><b>1</b><x:c><b/></x:c></a>"
    >>> [text[child.start : child.end] for child in children(text, root(text))]
    ['<b>1</b>', '<x:c><b/></x:c>']
    """
    found = []
    depth = 0
    first = None
    for match in _TAG.finditer(text, parent.inside, parent.closing):
        if match[1]:
            depth -= 1
        elif depth == 0:
            first = match
        if not match[1] and not match[4]:
            depth += 1
        elif depth == 0 and first is not None:
            closing = match.start() if match[1] else match.end()
            found.append(
                Element(_local(first[2]), first.start(), first.end(), closing, match.end())
            )
    return found


def child(text: str, parent: Element, name: str) -> Element | None:
    """Return the first element of a name that stands directly in an element, if there is one."""
    return next((element for element in children(text, parent) if element.name == name), None)


def append(text: str, parent: Element, xml: str) -> str:
    """Add something as the last that is in an element."""
    if parent.inside == parent.end:  # <a/>
        tag = text[parent.start : parent.end]
        name = re.match(r"<([\w.:-]+)", tag)
        return f"{text[: parent.start]}{tag[:-2].rstrip()}>{xml}</{name[1] if name else ''}>{text[parent.end :]}"
    return text[: parent.closing] + xml + text[parent.closing :]


def insert(text: str, xml: str, followers: frozenset[str]) -> str:
    """Add something to a document's element, in front of the first of its followers."""
    top = root(text)
    for element in children(text, top):
        inner = children(text, element) if element.name == "AlternateContent" else []
        names = {element.name, *(each.name for choice in inner for each in children(text, choice))}
        if names & followers:
            return text[: element.start] + xml + text[element.start :]
    return append(text, top, xml)


def prefix(text: str) -> str:
    """Return the prefix that a document gives its element, with its colon; mostly it is empty."""
    match = re.match(r"<([\w.-]+:)?", text[root(text).start :])
    return (match[1] or "") if match else ""


def relations_namespace(text: str) -> str:
    """Return the namespace of ``r:id`` in a document; a strict workbook has one of its own.

    Examples
    --------
    >>> relations_namespace('<worksheet xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"/>')
    'http://purl.oclc.org/ooxml/officeDocument/relationships'
    """
    is_strict = _STRICT_MAIN in text[:_MAX_ROOT_LENGTH]
    return _STRICT_RELATIONS if is_strict else _RELATIONS


def attribute(tag: str, name: str) -> str | None:
    """Return an attribute of an element's first tag.

    Examples
    --------
    >>> attribute('<c r="A1" s="2"/>', "s")
    '2'
    """
    match = re.search(rf"\s{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag[: tag.find(">") + 1])
    return unescape(match[1] if match[1] is not None else match[2]) if match else None


def with_attribute(tag: str, name: str, value: str | None) -> str:
    """Return an element with an attribute set, or without it if the value is None.

    Examples
    --------
    >>> with_attribute('<c r="A1" s="2"/>', "s", "3"), with_attribute("<c>7</c>", "s", "3")
    ('<c r="A1" s="3"/>', '<c s="3">7</c>')
    """
    end = tag.find(">") + 1
    head = re.sub(rf"\s{name}\s*=\s*(?:\"[^\"]*\"|'[^']*')", "", tag[:end])
    if value is not None:
        head = re.sub(r"\s*(/?>)$", lambda match: f' {name}="{escape(value)}"{match[1]}', head)
    return head + tag[end:]


def escape(text: str) -> str:
    """Return a text as it stands in XML, within quotes too."""
    return _escape(text, {'"': "&quot;"})


def _local(name: str) -> str:
    return name.rpartition(":")[2]
