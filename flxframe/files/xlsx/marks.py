"""The marks of cells: fills in two colours, and what is under them. Pure.

A mark replaces the fill of a cell. The user's own fill is kept in a hidden cell style, on which the
marked style is based, so that removing the mark restores it, whatever it is. Excel and LibreOffice
keep such styles when they save a workbook.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flxframe.files.xlsx.style_groups import items, with_items
from flxframe.files.xlsx.xml_edit import attribute, child, escape, prefix, root, with_attribute

FAILED_FILL = "FFF4C7C3"
CHANGED_FILL = "FFFFF0B3"

_MARKS = (FAILED_FILL, CHANGED_FILL)
_NAME = re.compile(r"flxframe fill \d+ of (.*)", re.DOTALL)
_NORMAL = "Normal"


@dataclass(frozen=True, slots=True)
class _Saved:
    """What a hidden cell style keeps.

    Parameters
    ----------
    fill : str or None
        The attribute of the user's style with the number of its fill.
    apply : str or None
        The attribute of the user's style that applies the fill.
    base : int
        The number of the cell style that the user's style is based on.
    """

    fill: str | None
    apply: str | None
    base: int


class Marks:
    """The fills of a styles part, some of them marks.

    Parameters
    ----------
    text : str
        The part's XML, completed.
    is_result : bool
        Whether the workbook is the result of an earlier run.
    """

    def __init__(self, text: str, *, is_result: bool) -> None:
        self._prefix = prefix(text)
        self._fills = items(text, "fills")
        self._formats = items(text, "cellStyleXfs")
        self._names = items(text, "cellStyles")

        self._saved: dict[int, _Saved] = {}
        for item in self._names:
            if match := _NAME.fullmatch(attribute(item, "name") or ""):
                number = _number(item, "xfId")
                xml = self._formats[number]
                self._saved[number] = _saved(xml, self._base(match[1]))

        # Earlier versions, and programs that drop hidden styles, leave only the fill of a mark.
        self._has_bare_marks = is_result and not self._saved

    def marked(self, style: str, mark: str) -> str:
        """Return the XML of a style that is not marked yet with a mark."""
        saved = _saved(style, _number(style, "xfId"))
        style = with_attribute(style, "fillId", str(self._solid(f'rgb="{mark}"')))
        style = with_attribute(style, "applyFill", "1")
        return with_attribute(style, "xfId", str(self._hidden_style(saved)))

    def unmarked(self, style: str) -> str:
        """Return the XML of a style without its mark."""
        saved = self._saved.get(_number(style, "xfId"))
        if saved is None and not self._has_bare_marks:
            return style

        number = _number(style, "fillId")
        fill = self._fills[number if number < len(self._fills) else 0]
        is_marked = attribute(_colour(fill, "fgColor"), "rgb") in _MARKS
        if saved is None:
            return self._without_bare_mark(style, fill) if is_marked else style

        if is_marked:  # otherwise the user has filled the marked cell since
            style = with_attribute(style, "fillId", saved.fill)
            style = with_attribute(style, "applyFill", saved.apply)
        return with_attribute(style, "xfId", str(saved.base))

    def sign(self) -> None:
        """Add a hidden style, so that a result without marks is recognized as one."""
        if not self._saved:
            self._hidden_style(_Saved("0", None, 0))

    def written(self, text: str) -> str:
        """Return the part's XML with the additions."""
        text = with_items(text, "fills", self._fills)
        text = with_items(text, "cellStyleXfs", self._formats)
        return with_items(text, "cellStyles", self._names)

    def _without_bare_mark(self, style: str, fill: str) -> str:
        """Return a style with the fill that an earlier version kept as the mark's background."""
        colour = _colour(fill, "bgColor")
        rgb = attribute(colour, "rgb")
        if rgb is not None and (len(rgb) == 6 or rgb.startswith("00")):
            number = self._solid(f'rgb="FF{rgb[-6:]}"')
        elif attribute(colour, "theme") or attribute(colour, "indexed") not in (None, "64"):
            attributes = colour.strip("<>/ ").partition(" ")[2]
            number = self._solid(attributes)
        else:
            number = 0

        style = with_attribute(style, "fillId", str(number))
        return with_attribute(style, "applyFill", "1")

    def _hidden_style(self, saved: _Saved) -> int:
        """Return the number of the hidden style that keeps a fill."""
        for number, other in self._saved.items():
            if other == saved:
                return number

        xml = self._formats[saved.base if saved.base < len(self._formats) else 0]
        xml = with_attribute(xml, "fillId", saved.fill)
        xml = with_attribute(xml, "applyFill", saved.apply)
        number = len(self._formats)
        self._formats.append(xml)

        name = escape(self._free_name(saved.base))
        tag = f"{self._prefix}cellStyle"
        self._names.append(f'<{tag} name="{name}" xfId="{number}" hidden="1"/>')
        self._saved[number] = saved
        return number

    def _free_name(self, base: int) -> str:
        """Return a name for a hidden style that keeps a fill of a style with this base."""
        names = {attribute(item, "name") for item in self._names}
        base_name = self._name_of(base)
        number = 1
        while f"flxframe fill {number} of {base_name}" in names:
            number += 1
        return f"flxframe fill {number} of {base_name}"

    def _name_of(self, base: int) -> str:
        for item in self._names:
            if _number(item, "xfId") == base:
                return attribute(item, "name") or _NORMAL
        return _NORMAL

    def _base(self, name: str) -> int:
        for item in self._names:
            if attribute(item, "name") == name:
                return _number(item, "xfId")
        return 0

    def _solid(self, colour: str) -> int:
        """Return the number of a fill of one colour, which is added if it is new."""
        p = self._prefix
        xml = (
            f'<{p}fill><{p}patternFill patternType="solid"><{p}fgColor {colour}/>'
            f'<{p}bgColor indexed="64"/></{p}patternFill></{p}fill>'
        )
        if xml not in self._fills:
            self._fills.append(xml)
        return self._fills.index(xml)


def _saved(style: str, base: int) -> _Saved:
    return _Saved(attribute(style, "fillId"), attribute(style, "applyFill"), base)


def _colour(fill: str, name: str) -> str:
    """Return the tag of a colour of a fill's pattern, or an empty text."""
    pattern = child(fill, root(fill), "patternFill")
    element = child(fill, pattern, name) if pattern else None
    return "" if element is None else fill[element.start : element.inside]


def _number(xml: str, name: str) -> int:
    return int(attribute(xml, name) or 0)
