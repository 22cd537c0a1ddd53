"""The comments of a sheet: the texts and the shapes that show them. Pure: no network, no clock, no disk.

A comment stands in two parts of a workbook, its text in one and its box, as a drawing in VML, in another. Comments of
ours are known by their author or their first word; those of the user are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from flxframe.files.references import column_number, letters
from flxframe.files.xlsx import cell_values, xml_edit
from flxframe.files.xlsx.namespaces import DECLARATION, MAIN

AUTHOR = "flxframe"


SIGN = "flxframe: "
"""Begins each text of ours, since LibreOffice forgets who wrote a comment."""


_TEXT = re.compile(r"<(?:[\w.-]+:)?t(?:\s[^>]*)?>([^<]*)<")


_SHAPE = re.compile(r"<v:shape\s.*?</v:shape>", re.DOTALL)


_SHAPE_ID = re.compile(r"_s(\d+)")


_ROW = re.compile(r"<x:Row>\s*(\d+)\s*</x:Row>")


_COLUMN = re.compile(r"<x:Column>\s*(\d+)\s*</x:Column>")


_REFERENCE = re.compile(r"([A-Z]+)([0-9]+)")


NO_COMMENTS = f'{DECLARATION}<comments xmlns="{MAIN}"><authors/><commentList/></comments>'


NO_SHAPES = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/>'
    "</o:shapelayout></xml>"
)


_SHAPE_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)


def strip(comments: str) -> tuple[str, set[str], set[str]]:
    """Take the comments of ours out of a part.

    Returns
    -------
    (str, set, set)
        What is left, the cells whose comments are gone, and those that still have one.
    """
    top = xml_edit.root(comments)
    authors = xml_edit.child(comments, top, "authors")
    names = (
        [
            comments[author.inside : author.closing]
            for author in xml_edit.children(comments, authors)
        ]
        if authors
        else []
    )
    ours = {str(number) for number, name in enumerate(names) if name == AUTHOR}
    listed = xml_edit.child(comments, top, "commentList")
    gone, kept, pieces, last = set(), set(), [], 0
    for comment in xml_edit.children(comments, listed) if listed else ():
        tag = comments[comment.start : comment.inside]
        reference = (xml_edit.attribute(tag, "ref") or "").replace("$", "")
        text = "".join(_TEXT.findall(comments, comment.inside, comment.closing))
        if xml_edit.attribute(tag, "authorId") in ours or text.startswith(SIGN):
            gone.add(reference)
            pieces.append(comments[last : comment.start])
            last = comment.end
        else:
            kept.add(reference)
    return "".join([*pieces, comments[last:]]), gone, kept


def add(comments: str, notes: Iterable[tuple[int, int, str]]) -> str:
    """Add comments of ours, each of a row, a column and a text."""
    p = xml_edit.prefix(comments)
    authors = xml_edit.child(comments, xml_edit.root(comments), "authors")
    if authors is None:
        raise ValueError("the comments have no authors")
    names = [
        comments[author.inside : author.closing] for author in xml_edit.children(comments, authors)
    ]
    if AUTHOR not in names:
        comments = xml_edit.append(comments, authors, f"<{p}author>{AUTHOR}</{p}author>")
        names.append(AUTHOR)
    listed = xml_edit.child(comments, xml_edit.root(comments), "commentList")
    if listed is None:
        raise ValueError("the comments have no list")
    number = names.index(AUTHOR)
    made = [
        f'<{p}comment ref="{letters(column)}{row}" authorId="{number}"><{p}text><{p}r><{p}t xml:space="preserve">'
        f"{cell_values.xml_text(SIGN + text)}</{p}t></{p}r></{p}text></{p}comment>"
        for row, column, text in notes
    ]
    return xml_edit.append(comments, listed, "".join(made))


def strip_shapes(drawing: str, gone: set[str]) -> str:
    """Take out the boxes of comments that are gone."""
    places = {
        (int(match[2]) - 1, column_number(match[1]) - 1)
        for ref in gone
        if (match := _REFERENCE.fullmatch(ref))
    }

    def without(shape: re.Match[str]) -> str:
        row, column = _ROW.search(shape[0]), _COLUMN.search(shape[0])
        is_gone = (
            row
            and column
            and (int(row[1]), int(column[1])) in places
            and 'ObjectType="Note"' in shape[0]
        )
        return "" if is_gone else shape[0]

    return _SHAPE.sub(without, drawing) if places else drawing


def add_shapes(drawing: str, notes: Iterable[tuple[int, int, str]]) -> str:
    """Add the boxes of comments of ours; they are hidden until one points at the cell."""
    first = max([1024, *map(int, _SHAPE_ID.findall(drawing))]) + 1
    made = [] if "_x0000_t202" in drawing else [_SHAPE_TYPE]
    for number, (row, column, text) in enumerate(notes, first):
        lines = 2 + len(text) // 30
        anchor = f"{column}, 15, {max(0, row - 2)}, 10, {column + 3}, 15, {max(0, row - 2) + min(20, lines + 1)}, 4"
        made.append(
            f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;visibility:hidden" '
            'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow color="black" obscured="t"/>'
            '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left">'
            '</div></v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
            f"<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row - 1}</x:Row>"
            f"<x:Column>{column - 1}</x:Column></x:ClientData></v:shape>"
        )
    end = drawing.rindex("</")
    return drawing[:end] + "".join(made) + drawing[end:]
