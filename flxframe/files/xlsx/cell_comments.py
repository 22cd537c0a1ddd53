"""The comments of a sheet: their texts and their boxes. Pure: no network, no clock, no disk.

A workbook stores a comment in two parts: the text in one, the box, a VML drawing, in another.
flxframe's own comments are identified by their author or their first word; the user's are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from flxframe.files.references import letters, position
from flxframe.files.xlsx.cell_values import xml_text
from flxframe.files.xlsx.namespaces import DECLARATION
from flxframe.files.xlsx.xml_edit import (
    Element,
    append,
    attribute,
    child,
    children,
    insert,
    prefix,
    root,
)

AUTHOR = "flxframe"
SIGN = "flxframe: "
"""The start of each of flxframe's texts, since LibreOffice drops the author of a comment."""

_NO_COMMENTS = '<comments xmlns="{}"><authors/><commentList/></comments>'
NO_SHAPES = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit">'
    '<o:idmap v:ext="edit" data="1"/></o:shapelayout></xml>'
)

_MAX_COMMENTS = 10_000

_TEXT = re.compile(r"<(?:[\w.-]+:)?t(?:\s[^>]*)?>([^<]*)<")

_SHAPE = re.compile(r"<v:shape\s.*?</v:shape>", re.DOTALL)
_SHAPE_ID = re.compile(r"_s(\d+)")
_ROW = re.compile(r"<x:Row>\s*(\d+)\s*</x:Row>")
_COLUMN = re.compile(r"<x:Column>\s*(\d+)\s*</x:Column>")
_FIRST_SHAPE_ID = 1025
_NOTE = 'ObjectType="Note"'

_SHAPE_TYPE_ID = "_x0000_t202"
_SHAPE_TYPE = (
    f'<v:shapetype id="{_SHAPE_TYPE_ID}" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)

_BOX = """\
<v:shape id="_x0000_s{number}" type="#{type}" style="position:absolute;visibility:hidden" \
fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>\
<v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>\
<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>\
<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>\
<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>\
<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"""
_MAX_BOX_HEIGHT = 20
_LETTERS_PER_LINE = 30


class Comment(NamedTuple):
    """A comment on a cell; row and column are counted from 1."""

    row: int
    column: int
    text: str

    @property
    def reference(self) -> str:
        """The reference of the cell, such as ``C7``."""
        return f"{letters(self.column)}{self.row}"


class UserComments(NamedTuple):
    """A part without flxframe's own comments."""

    text: str
    cells: set[str]
    """The cells that have a comment."""
    stripped_cells: set[str]
    """The cells that had one of flxframe's own comments."""


def no_comments(namespace: str) -> str:
    """Return a part without comments, in the namespace of a workbook's elements."""
    return DECLARATION + _NO_COMMENTS.format(namespace)


def strip(comments: str) -> UserComments:
    """Remove flxframe's own comments from a part."""
    top = root(comments)
    authors = child(comments, top, "authors")
    names = _texts(comments, authors)
    author_ids = set()
    for number, name in enumerate(names):
        if name == AUTHOR:
            author_ids.add(str(number))

    cells: set[str] = set()
    stripped_cells: set[str] = set()
    pieces = []
    end = 0
    items = child(comments, top, "commentList")
    elements = children(comments, items) if items else []
    for comment in elements:
        tag = comments[comment.start : comment.inside]
        reference = attribute(tag, "ref") or ""
        reference = reference.replace("$", "")
        author_id = attribute(tag, "authorId")
        texts = _TEXT.findall(comments, comment.inside, comment.closing)

        if author_id in author_ids or "".join(texts).startswith(SIGN):
            stripped_cells.add(reference)
            pieces.append(comments[end : comment.start])
            end = comment.end
        else:
            cells.add(reference)

    pieces.append(comments[end:])
    return UserComments("".join(pieces), cells, stripped_cells)


def without_collisions(
    comments: Iterable[Comment], user_cells: set[str]
) -> tuple[list[Comment], list[str]]:
    """Return the comments that can be written, and remarks on the others.

    Parameters
    ----------
    comments : iterable of Comment
        The comments to write.
    user_cells : set of str
        The cells that have a comment by the user.
    """
    free_comments = []
    remarks = []
    for comment in comments:
        if comment.reference in user_cells:
            remarks.append(
                f"{comment.reference} has your own comment, which was kept; the cell {comment.text}"
            )
        else:
            free_comments.append(comment)

    if len(free_comments) > _MAX_COMMENTS:
        remarks.append(
            f"Only the first {_MAX_COMMENTS:,} of {len(free_comments):,} changed cells "
            "have a comment with their old value"
        )
    return free_comments[:_MAX_COMMENTS], remarks


def add(comments: str, new: Iterable[Comment]) -> str:
    """Add flxframe's comments to a part."""
    p = prefix(comments)
    comments = _with_lists(comments, p)
    authors = child(comments, root(comments), "authors")
    names = _texts(comments, authors)
    if authors and AUTHOR not in names:
        author = f"<{p}author>{AUTHOR}</{p}author>"
        comments = append(comments, authors, author)
        names.append(AUTHOR)
    author_id = names.index(AUTHOR)

    elements = []
    for comment in new:
        text = xml_text(SIGN + comment.text)
        attributes = f'ref="{comment.reference}" authorId="{author_id}"'
        elements.append(
            f"<{p}comment {attributes}><{p}text><{p}r>"
            f'<{p}t xml:space="preserve">{text}</{p}t>'
            f"</{p}r></{p}text></{p}comment>"
        )

    items = child(comments, root(comments), "commentList")
    return append(comments, items, "".join(elements)) if items else comments


def strip_shapes(drawing: str, references: Iterable[str]) -> str:
    """Remove the boxes of the comments of some cells.

    Parameters
    ----------
    drawing : str
        The part with the boxes.
    references : iterable of str
        The cells.
    """
    cells = set()
    for reference in references:
        with suppress(ValueError):  # a damaged reference has no box
            cells.add(position(reference))

    def without_cells(shape: re.Match[str]) -> str:
        xml = shape[0]
        row, column = _ROW.search(xml), _COLUMN.search(xml)
        if not row or not column or _NOTE not in xml:
            return xml
        cell = (int(row[1]) + 1, int(column[1]) + 1)
        return "" if cell in cells else xml

    return _SHAPE.sub(without_cells, drawing)


def add_shapes(drawing: str, comments: Iterable[Comment]) -> str:
    """Add the boxes of comments; each is hidden until the pointer is over its cell."""
    shapes = []
    if _SHAPE_TYPE_ID not in drawing:
        shapes.append(_SHAPE_TYPE)

    next_ids = [int(number) + 1 for number in _SHAPE_ID.findall(drawing)]
    first = max([_FIRST_SHAPE_ID, *next_ids])
    for number, comment in enumerate(comments, first):
        shapes.append(_shape(number, comment))

    end = drawing.rindex("</")
    return drawing[:end] + "".join(shapes) + drawing[end:]


def _with_lists(comments: str, p: str) -> str:
    """Return a part with its two lists; some writers leave out the one of the authors."""
    top = root(comments)
    if child(comments, top, "commentList") is None:
        comments = append(comments, top, f"<{p}commentList/>")
    if child(comments, root(comments), "authors") is None:
        comments = insert(comments, f"<{p}authors/>", frozenset(["commentList"]))
    return comments


def _shape(number: int, comment: Comment) -> str:
    """Return the box of a comment, to the right of its cell and tall enough for its text."""
    row, column, text = comment
    lines = 3 + len(text) // _LETTERS_PER_LINE
    top = max(0, row - 2)
    bottom = top + min(_MAX_BOX_HEIGHT, lines)
    right = column + 3
    return _BOX.format(
        number=number,
        type=_SHAPE_TYPE_ID,
        anchor=f"{column}, 15, {top}, 10, {right}, 15, {bottom}, 4",
        row=row - 1,
        column=column - 1,
    )


def _texts(xml: str, parent: Element | None) -> list[str]:
    """Return the text of each child of an element."""
    elements = children(xml, parent) if parent else []
    return [xml[element.inside : element.closing] for element in elements]
