"""A worksheet without its rows: size, view, widths. Pure: no network, no clock, no disk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from flxframe.files.references import letters, span
from flxframe.files.xlsx.namespaces import relations_namespace
from flxframe.files.xlsx.xml_edit import (
    Element,
    attribute,
    child,
    children,
    insert,
    prefix,
    root,
    with_attribute,
)

_AFTER_VIEWS = frozenset(("sheetFormatPr", "cols", "sheetData"))
_AFTER_COLUMNS = frozenset(("sheetData",))
_AFTER_DRAWING = frozenset(
    [
        "legacyDrawingHF",
        "drawingHF",
        "picture",
        "oleObjects",
        "controls",
        "webPublishItems",
        "tableParts",
        "extLst",
    ]
)

_MAX_FROZEN_ROWS = 10


def split(text: str) -> tuple[str, str]:
    """Return a worksheet without its rows, and its rows.

    Raises
    ------
    ValueError
        If the worksheet does not have an element for rows.
    """
    p = prefix(text)
    start = rf"<{p}sheetData(?:\s[^>]*)?"
    end = rf"</{p}sheetData\s*>"
    match = re.search(rf"{start}(?:/>|>(.*){end})", text, re.DOTALL)
    if match is None:
        raise ValueError("the sheet has no rows")

    head, tail = text[: match.start()], text[match.end() :]
    return f"{head}<{p}sheetData/>{tail}", match[1] or ""


def joined(frame: str, rows: Iterable[str]) -> Iterator[str]:
    """Yield a worksheet with its rows piece by piece.

    Parameters
    ----------
    frame : str
        The worksheet without its rows.
    rows : iterable of str
        The pieces of the XML of its rows.
    """
    tag = f"{prefix(frame)}sheetData"
    before, _, after = frame.partition(f"<{tag}/>")
    yield f"{before}<{tag}>"
    yield from rows
    yield f"</{tag}>{after}"


def stretch(frame: str, *, row: int, column: int) -> str:
    """Return a worksheet whose declared size includes a cell."""
    dimension = _section(frame, "dimension")
    if dimension is None:
        return frame

    tag = frame[dimension.start : dimension.end]
    try:
        top, left, bottom, right = span(attribute(tag, "ref") or "")
    except ValueError:  # no size, or a damaged one
        return frame

    bottom = max(bottom, row)
    right = max(right, column)
    size = f"{letters(left)}{top}:{letters(right)}{bottom}"
    return _replaced(frame, dimension, with_attribute(tag, "ref", size))


def freeze(frame: str, header_row: int) -> str:
    """Return a worksheet whose header stays visible, unless the user has split the view."""
    if header_row > _MAX_FROZEN_ROWS:
        return frame

    p = prefix(frame)
    if _section(frame, "sheetViews") is None:
        xml = f'<{p}sheetView workbookViewId="0"/>'
        xml = f"<{p}sheetViews>{xml}</{p}sheetViews>"
        frame = insert(frame, xml, _AFTER_VIEWS)

    views = _section(frame, "sheetViews")
    view = child(frame, views, "sheetView") if views else None
    if view is None or child(frame, view, "pane"):
        return frame
    xml = _frozen(frame[view.start : view.end], p, header_row)
    return _replaced(frame, view, xml)


def widen(frame: str, widths: Mapping[int, float]) -> str:
    """Return a worksheet in which some columns have a width and are visible.

    The other columns, and all styles, stay as they are.

    Parameters
    ----------
    frame : str
        The worksheet without its rows.
    widths : mapping
        The widths, by column; a width of 0 hides the column.
    """
    if not widths:
        return frame

    p = prefix(frame)
    parts: list[tuple[int, str]] = []
    columns = dict.fromkeys(widths, f"<{p}col/>")
    for tag in _columns(frame):
        parts += _without(tag, widths)
        columns.update(dict.fromkeys(_covered(tag, widths), tag))
    for column, tag in columns.items():
        parts.append((column, _widened(tag, column, widths[column])))

    parts.sort()
    content = "".join([xml for _, xml in parts])
    xml = f"<{p}cols>{content}</{p}cols>"
    group = _section(frame, "cols")
    if group is None:
        return insert(frame, xml, _AFTER_COLUMNS)
    return _replaced(frame, group, xml)


def column_styles(frame: str, columns: list[int]) -> dict[int, int]:
    """Return the style for new cells, for each column that has one."""
    styles = {}
    for tag in _columns(frame):
        first = int(attribute(tag, "min") or 0)
        last = int(attribute(tag, "max") or 0)
        style = int(attribute(tag, "style") or 0)
        for column in columns:
            if style and first <= column <= last:
                styles[column] = style
    return styles


def drawing(frame: str) -> str | None:
    """Return the id of the relationship to the boxes of comments, or None if there is none."""
    element = _section(frame, "legacyDrawing")
    if element is None:
        return None
    tag = frame[element.start : element.inside]
    return attribute(tag, r"[\w.-]+:id")


def with_drawing(frame: str, relation: str) -> str:
    """Return a worksheet with the boxes of its comments.

    Parameters
    ----------
    frame : str
        The worksheet without its rows.
    relation : str
        The id of the relationship to the boxes.
    """
    tag = f"{prefix(frame)}legacyDrawing"
    namespace = relations_namespace(frame)
    xml = f'<{tag} xmlns:r="{namespace}" r:id="{relation}"/>'
    return insert(frame, xml, _AFTER_DRAWING)


def _section(frame: str, name: str) -> Element | None:
    return child(frame, root(frame), name)


def _columns(frame: str) -> list[str]:
    """Return the tags of the ranges of columns."""
    group = _section(frame, "cols")
    elements = children(frame, group) if group else []
    return [frame[element.start : element.end] for element in elements]


def _frozen(view: str, p: str, header_row: int) -> str:
    """Return a view that is split below the header."""
    if view.endswith("/>"):
        view = f"{view[:-2].rstrip()}></{p}sheetView>"
    view = with_attribute(view, "topLeftCell", None)

    elements = children(view, root(view))
    for element in reversed(elements):
        if element.name == "selection":
            tag = view[element.start : element.end]
            tag = with_attribute(tag, "pane", "bottomLeft")
            view = _replaced(view, element, tag)

    pane = (
        f'<{p}pane ySplit="{header_row}" '
        f'topLeftCell="A{header_row + 1}" '
        'activePane="bottomLeft" state="frozen"/>'
    )
    inside = root(view).inside
    return view[:inside] + pane + view[inside:]


def _without(xml: str, removed: Mapping[int, float]) -> Iterator[tuple[int, str]]:
    """Yield the parts that remain of a range of columns, each with its first column."""
    first = int(attribute(xml, "min") or 1)
    last = int(attribute(xml, "max") or 1)
    for column in sorted(removed):
        if not first <= column <= last:
            continue
        if first < column:
            yield first, _bounded(xml, first, column - 1)
        first = column + 1
    if first <= last:
        yield first, _bounded(xml, first, last)


def _covered(xml: str, columns: Mapping[int, float]) -> list[int]:
    """Return those of some columns that are in a range of columns."""
    first = int(attribute(xml, "min") or 1)
    last = int(attribute(xml, "max") or 1)
    return [column for column in columns if first <= column <= last]


def _widened(xml: str, column: int, width: float) -> str:
    """Return the tag of one column of a range, with a width, and hidden only if that is 0."""
    xml = _bounded(xml, column, column)
    for name in ("collapsed", "bestFit"):
        xml = with_attribute(xml, name, None)
    xml = with_attribute(xml, "hidden", None if width else "1")
    xml = with_attribute(xml, "width", str(width))
    return with_attribute(xml, "customWidth", "1")


def _bounded(xml: str, first: int, last: int) -> str:
    xml = with_attribute(xml, "min", str(first))
    return with_attribute(xml, "max", str(last))


def _replaced(xml: str, element: Element, replacement: str) -> str:
    return xml[: element.start] + replacement + xml[element.end :]
