"""Edit what surrounds the rows of a worksheet: view, widths, drawings. Pure: no network, no clock, no disk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from flxframe.files.references import letters, span
from flxframe.files.xlsx import xml_edit
from flxframe.files.xlsx.namespaces import relationships_namespace

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
        If there is no element for rows.
    """
    p = xml_edit.prefix(text)
    pattern = rf"<{p}sheetData(?:\s[^>]*)?(?:/>|>(.*)</{p}sheetData\s*>)"
    match = re.search(pattern, text, re.DOTALL)
    if match is None:
        raise ValueError("the sheet has no rows")
    frame = f"{text[: match.start()]}<{p}sheetData/>{text[match.end() :]}"
    return frame, match[1] or ""


def joined(frame: str, rows: str) -> str:
    """Return a worksheet with its rows."""
    p = xml_edit.prefix(frame)
    return frame.replace(f"<{p}sheetData/>", f"<{p}sheetData>{rows}</{p}sheetData>", 1)


def stretch(frame: str, *, row: int, column: int) -> str:
    """Return a worksheet whose declared size includes a cell."""
    dimension = xml_edit.child(frame, xml_edit.root(frame), "dimension")
    if dimension is None:
        return frame

    tag = frame[dimension.start : dimension.end]
    try:
        first_row, first_column, last_row, last_column = span(xml_edit.attribute(tag, "ref") or "")
    except ValueError:  # no size, or a damaged one
        return frame
    last_cell = f"{letters(max(column, last_column))}{max(row, last_row)}"
    size = f"{letters(first_column)}{first_row}:{last_cell}"
    return _replaced(frame, dimension, xml_edit.with_attribute(tag, "ref", size))


def freeze(frame: str, header_row: int) -> str:
    """Return a worksheet whose header stays visible, unless the user has split the view."""
    if header_row > _MAX_FROZEN_ROWS:
        return frame

    p = xml_edit.prefix(frame)
    if xml_edit.child(frame, xml_edit.root(frame), "sheetViews") is None:
        views_xml = f'<{p}sheetViews><{p}sheetView workbookViewId="0"/></{p}sheetViews>'
        frame = xml_edit.insert(frame, views_xml, _AFTER_VIEWS)

    views = xml_edit.child(frame, xml_edit.root(frame), "sheetViews")
    view = xml_edit.child(frame, views, "sheetView") if views else None
    if view is None or xml_edit.child(frame, view, "pane") is not None:
        return frame
    return _replaced(frame, view, _frozen(frame[view.start : view.end], p, header_row))


def widen(frame: str, widths: Mapping[int, float]) -> str:
    """Return a worksheet in which some columns have a width; the others keep theirs.

    Parameters
    ----------
    frame : str
        The worksheet without its rows.
    widths : mapping
        The widths, by column.
    """
    if not widths:
        return frame

    p = xml_edit.prefix(frame)
    columns = xml_edit.child(frame, xml_edit.root(frame), "cols")
    parts: list[tuple[int, str]] = []
    for element in xml_edit.children(frame, columns) if columns else ():
        parts += _without(frame[element.start : element.end], widths)
    for column, width in widths.items():
        xml = f'<{p}col min="{column}" max="{column}" width="{width}" customWidth="1"/>'
        parts.append((column, xml))

    parts.sort()
    xml = f"<{p}cols>{''.join([part for _, part in parts])}</{p}cols>"
    if columns is None:
        return xml_edit.insert(frame, xml, _AFTER_COLUMNS)
    return _replaced(frame, columns, xml)


def column_styles(frame: str, columns: list[int]) -> dict[int, int]:
    """Return the style of missing cells, for the columns that have one."""
    group = xml_edit.child(frame, xml_edit.root(frame), "cols")
    styles = {}
    for element in xml_edit.children(frame, group) if group else ():
        tag = frame[element.start : element.end]
        style = int(xml_edit.attribute(tag, "style") or 0)
        if style:
            first = int(xml_edit.attribute(tag, "min") or 0)
            last = int(xml_edit.attribute(tag, "max") or 0)
            styles.update({column: style for column in columns if first <= column <= last})
    return styles


def drawing(frame: str) -> str | None:
    """Return the id of the relationship to the boxes of comments, or None if there are none."""
    element = xml_edit.child(frame, xml_edit.root(frame), "legacyDrawing")
    if element is None:
        return None
    return xml_edit.attribute(frame[element.start : element.inside], r"[\w.-]+:id")


def with_drawing(frame: str, relation: str) -> str:
    """Return a worksheet with the boxes of its comments.

    Parameters
    ----------
    frame : str
        The worksheet without its rows.
    relation : str
        The id of the relationship to the boxes.
    """
    tag = f"{xml_edit.prefix(frame)}legacyDrawing"
    namespace = relationships_namespace(frame)
    xml = f'<{tag} xmlns:r="{namespace}" r:id="{relation}"/>'
    return xml_edit.insert(frame, xml, _AFTER_DRAWING)


def _frozen(view: str, prefix: str, header_row: int) -> str:
    """Return a view that is split below the header."""
    if view.endswith("/>"):
        view = f"{view[:-2].rstrip()}></{prefix}sheetView>"
    view = xml_edit.with_attribute(view, "topLeftCell", None)

    for element in reversed(xml_edit.children(view, xml_edit.root(view))):
        if element.name == "selection":
            tag = view[element.start : element.end]
            view = _replaced(view, element, xml_edit.with_attribute(tag, "pane", "bottomLeft"))

    pane = (
        f'<{prefix}pane ySplit="{header_row}" topLeftCell="A{header_row + 1}" '
        'activePane="bottomLeft" state="frozen"/>'
    )
    inside = xml_edit.root(view).inside
    return view[:inside] + pane + view[inside:]


def _without(xml: str, removed: Mapping[int, float]) -> Iterator[tuple[int, str]]:
    """Yield what remains of a range of columns, by its first column."""
    first = int(xml_edit.attribute(xml, "min") or 1)
    last = int(xml_edit.attribute(xml, "max") or 1)
    for column in sorted(removed):
        if not first <= column <= last:
            continue
        if first < column:
            yield first, _bounded(xml, first, column - 1)
        first = column + 1
    if first <= last:
        yield first, _bounded(xml, first, last)


def _bounded(xml: str, first: int, last: int) -> str:
    xml = xml_edit.with_attribute(xml, "min", str(first))
    return xml_edit.with_attribute(xml, "max", str(last))


def _replaced(xml: str, element: xml_edit.Element, replacement: str) -> str:
    return xml[: element.start] + replacement + xml[element.end :]
