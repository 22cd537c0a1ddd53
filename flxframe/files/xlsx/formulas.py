"""The formulas of cells that are to hold a value instead. Pure: no network, no clock, no disk.

Excel writes a formula that was filled down once, in its first cell, and the other cells share it. So if a value takes
that cell's place, each of the others gets the formula written out. An array's formula fills several cells at once, so
none of them can get a value; they keep what they have.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from flxframe.files.references import column_number, letters
from flxframe.files.xlsx import xml_edit

_PLACE = re.compile(r"""\sr=["']\$?([A-Z]+)\$?([0-9]+)["']""")


_AREA = re.compile(r"\$?([A-Z]+)\$?([0-9]+)(?::\$?([A-Z]+)\$?([0-9]+))?")


Place = tuple[int, int]


class Released(NamedTuple):
    """The rows in which cells can be replaced."""

    rows: str
    formulas: dict[Place, str]
    """The formulas of the cells that will hold a value."""
    locked: set[Place]
    """The cells that can't hold one."""


def release(rows: str, prefix: str, cells: set[Place]) -> Released:
    """Make cells independent of each other's formulas, so that some can be replaced.

    Parameters
    ----------
    rows : str
        The rows of a sheet's XML.
    prefix : str
        The prefix of its elements.
    cells : set
        By row and column, the cells that are to be replaced.
    """
    if not cells or f"<{prefix}f" not in rows:
        return Released(rows, {}, set())
    cell = re.compile(rf"<{prefix}c(?=[\s/>])([^>]*?)(?:/>|>(.*?)</{prefix}c>)", re.DOTALL)
    formula = re.compile(rf"<{prefix}f(?=[\s/>])[^>]*?(?:/>|>(.*?)</{prefix}f>)", re.DOTALL)
    locked: set[Place] = set()
    own: dict[Place, tuple[str | None, str]] = {}
    masters: dict[str, tuple[Place, str]] = {}
    shared: list[tuple[Place, str, int, int]] = []
    for match in cell.finditer(rows):
        place = _PLACE.search(match[1])
        found = formula.search(rows, match.start(2), match.end(2)) if match[2] and place else None
        if found is None or place is None:
            continue
        here = (int(place[2]), column_number(place[1]))
        tag, text = found[0], found[1] or ""
        kind, group = xml_edit.attribute(tag, "t"), xml_edit.attribute(tag, "si")
        if kind in ("array", "dataTable"):
            locked |= {
                each for each in cells if _inside(each, xml_edit.attribute(tag, "ref") or "")
            }
        if kind == "shared" and group is not None:
            shared.append((here, group, *found.span()))
            if text:
                masters[group] = (here, text)
        if here in cells:
            own[here] = (group if kind == "shared" else None, text)
    broken = {group for group, (here, _) in masters.items() if here in cells - locked}
    pieces, last = [], 0
    for here, group, start, end in shared:
        if group in broken and here not in cells:
            pieces += [rows[last:start], f"<{prefix}f>{_moved(*masters[group], here)}</{prefix}f>"]
            last = end
    formulas = {
        here: _moved(*masters[group], here) if group in masters else text
        for here, (group, text) in own.items()
        if here not in locked
    }
    return Released("".join([*pieces, rows[last:]]), formulas, locked)


def _moved(origin: Place, text: str, to: Place) -> str:
    """Return what a formula is in another cell, in XML."""
    if origin == to:
        return text
    from html import unescape  # noqa: PLC0415  beside its only use

    from openpyxl.formula.translate import Translator  # noqa: PLC0415  it is slow to import

    source, target = (f"{letters(column)}{row}" for row, column in (origin, to))
    return xml_edit.escape(
        Translator(f"={unescape(text)}", origin=source).translate_formula(target)[1:]
    )


def _inside(place: Place, area: str) -> bool:
    match = _AREA.fullmatch(area)
    if match is None:
        return False
    top, left = int(match[2]), column_number(match[1])
    bottom, right = int(match[4] or top), column_number(match[3] or match[1])
    return top <= place[0] <= bottom and left <= place[1] <= right
