"""What stands around the rows in a worksheet's XML: view, widths, drawings. Pure: no network, no clock, no disk."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flxframe.files.references import column_number, letters
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


_MOST_FROZEN = 10


_SPAN = re.compile(r"([A-Z]+)([0-9]+)(?::([A-Z]+)([0-9]+))?")


def split(text: str) -> tuple[str, str]:
    """Return a worksheet without its rows, and its rows."""
    p = xml_edit.prefix(text)
    match = re.search(rf"<{p}sheetData(?:\s[^>]*)?(?:/>|>(.*)</{p}sheetData\s*>)", text, re.DOTALL)
    if match is None:
        raise ValueError("the sheet has no rows")
    return f"{text[: match.start()]}<{p}sheetData/>{text[match.end() :]}", match[1] or ""


def joined(frame: str, rows: str) -> str:
    """Put the rows back."""
    p = xml_edit.prefix(frame)
    return frame.replace(f"<{p}sheetData/>", f"<{p}sheetData>{rows}</{p}sheetData>", 1)


def stretch(frame: str, *, row: int, column: int) -> str:
    """Let the sheet's announced size reach a cell."""
    found = xml_edit.child(frame, xml_edit.root(frame), "dimension")
    if found is None:
        return frame
    match = _SPAN.fullmatch(xml_edit.attribute(frame[found.start : found.inside], "ref") or "")
    if match is None:
        return frame
    row = max(row, int(match[4] or match[2]))
    column = max(column, column_number(match[3] or match[1]))
    tag = xml_edit.with_attribute(
        frame[found.start : found.end], "ref", f"{match[1]}{match[2]}:{letters(column)}{row}"
    )
    return frame[: found.start] + tag + frame[found.end :]


def freeze(frame: str, header_row: int) -> str:
    """Let the rows down to the header stay in sight, unless the user has parted the view otherwise."""
    if header_row > _MOST_FROZEN:
        return frame
    p = xml_edit.prefix(frame)
    views = xml_edit.child(frame, xml_edit.root(frame), "sheetViews")
    if views is None:
        frame = xml_edit.insert(
            frame,
            f'<{p}sheetViews><{p}sheetView workbookViewId="0"/></{p}sheetViews>',
            _AFTER_VIEWS,
        )
        views = xml_edit.child(frame, xml_edit.root(frame), "sheetViews")
    view = xml_edit.child(frame, views, "sheetView") if views else None
    if view is None or xml_edit.child(frame, view, "pane") is not None:
        return frame
    xml = frame[view.start : view.end]
    if view.inside == view.end:
        xml = f"{xml[:-2].rstrip()}></{p}sheetView>"
    xml = xml_edit.with_attribute(xml, "topLeftCell", None)
    for selection in reversed(xml_edit.children(xml, xml_edit.root(xml))):
        if selection.name == "selection":
            tag = xml_edit.with_attribute(
                xml[selection.start : selection.end], "pane", "bottomLeft"
            )
            xml = xml[: selection.start] + tag + xml[selection.end :]
    pane = f'<{p}pane ySplit="{header_row}" topLeftCell="A{header_row + 1}" activePane="bottomLeft" state="frozen"/>'
    end = xml.index(">") + 1
    return f"{frame[: view.start]}{xml[:end]}{pane}{xml[end:]}{frame[view.end :]}"


def widen(frame: str, widths: Mapping[int, float]) -> str:
    """Give columns of ours a width; the others keep theirs."""
    if not widths:
        return frame
    p = xml_edit.prefix(frame)
    found = xml_edit.child(frame, xml_edit.root(frame), "cols")
    parts: list[tuple[int, str]] = []
    for element in xml_edit.children(frame, found) if found else ():
        xml = frame[element.start : element.end]
        first, last = (int(xml_edit.attribute(xml, name) or 1) for name in ("min", "max"))
        for column in sorted(column for column in widths if first <= column <= last):
            if first < column:
                parts.append((first, _bounded(xml, first, column - 1)))
            first = column + 1
        if first <= last:
            parts.append((first, _bounded(xml, first, last)))
    parts += [
        (column, f'<{p}col min="{column}" max="{column}" width="{width}" customWidth="1"/>')
        for column, width in widths.items()
    ]
    xml = f"<{p}cols>{''.join(part for _, part in sorted(parts))}</{p}cols>"
    if found is None:
        return xml_edit.insert(frame, xml, _AFTER_COLUMNS)
    return frame[: found.start] + xml + frame[found.end :]


def column_styles(frame: str, columns: list[int]) -> dict[int, int]:
    """Return the style of the cells that aren't there, for those columns that have one."""
    found = xml_edit.child(frame, xml_edit.root(frame), "cols")
    styles = {}
    for element in xml_edit.children(frame, found) if found else ():
        tag = frame[element.start : element.end]
        first, last, style = (
            int(xml_edit.attribute(tag, name) or 0) for name in ("min", "max", "style")
        )
        styles.update({column: style for column in columns if first <= column <= last and style})
    return styles


def drawing(frame: str) -> str | None:
    """Return the id of the relationship to the boxes of the sheet's comments, if it has one."""
    found = xml_edit.child(frame, xml_edit.root(frame), "legacyDrawing")
    return xml_edit.attribute(frame[found.start : found.inside], r"[\w.-]+:id") if found else None


def with_drawing(frame: str, relation: str) -> str:
    """Name the boxes of the sheet's comments."""
    namespace = relationships_namespace(frame)
    xml = f'<{xml_edit.prefix(frame)}legacyDrawing xmlns:r="{namespace}" r:id="{relation}"/>'
    return xml_edit.insert(frame, xml, _AFTER_DRAWING)


def _bounded(xml: str, first: int, last: int) -> str:
    return xml_edit.with_attribute(
        xml_edit.with_attribute(xml, "min", str(first)), "max", str(last)
    )
