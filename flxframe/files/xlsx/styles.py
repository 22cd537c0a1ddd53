"""The styles of a workbook, with more derived from them to mark what was changed. Pure: no network, no clock, no disk.

A mark is a fill of a colour of ours. The colour that the cell had before is kept in the fill as well, in a place that
no program shows (the background of a solid pattern), so that the mark can be taken off again.
"""

from __future__ import annotations

from flxframe.files.xlsx import number_formats, xml_edit

FAILED_FILL = "FFF4C7C3"


CHANGED_FILL = "FFFFF0B3"


_MARKS = (FAILED_FILL, CHANGED_FILL)


_NO_COLOUR = 'indexed="64"'


class Stylesheet:
    """The styles part of a workbook.

    Parameters
    ----------
    text : str
        Its XML.
    looks : list of Format
        The number format of each cell style.
    """

    def __init__(self, text: str, looks: list[number_formats.Format]) -> None:
        self._text = text
        self._prefix = xml_edit.prefix(text)
        self.looks = list(looks)
        self._styles = self._listed("cellXfs")
        self._fills = self._listed("fills")
        self._fonts = self._listed("fonts")
        self._codes = self._listed("numFmts")
        self._derived: dict[tuple[int, str | None, str | None], int] = {}
        self._unmarked: dict[int, int] = {}

    def style(self, base: int, *, mark: str | None = None, code: str | None = None) -> int:
        """Return the style that is like another, but marked or with another number format."""
        key = (base, mark, code)
        if key not in self._derived:
            xml = self._styles[base]
            if code is not None:
                xml = _with(xml, numFmtId=str(self._code(code)), applyNumberFormat="1")
            if mark is not None:
                xml = _with(xml, fillId=str(self._marked(xml, mark)), applyFill="1")
            self._derived[key] = self._add(
                xml, number_formats.parse(code) if code is not None else self.looks[base]
            )
        return self._derived[key]

    def unmarked(self, base: int) -> int:
        """Return the style that a cell had before it was marked, which mostly is the one that it has."""
        if base not in self._unmarked:
            xml = self._styles[base]
            fill = self._fills[_number(xml, "fillId")] if self._fills else ""
            found = base
            if _colour(fill, "fgColor").startswith(tuple(f'rgb="{mark}"' for mark in _MARKS)):
                before = _colour(fill, "bgColor")
                kept = before.startswith(('rgb="00', "theme=")) or (
                    before.startswith("indexed=") and before != _NO_COLOUR
                )
                solid = self._put(self._fills, self._fill(before, _NO_COLOUR)) if kept else 0
                found = self._add(_with(xml, fillId=str(solid), applyFill="1"), self.looks[base])
            self._unmarked[base] = found
        return self._unmarked[base]

    def bold(self) -> int:
        """Return the style of a header of ours."""
        self._fonts = self._fonts or [f"<{self._prefix}font/>"]
        font = self._fonts[_number(self._styles[0], "fontId")]
        if xml_edit.child(font, xml_edit.root(font), "b") is None:
            start = xml_edit.root(font)
            font = (
                font[: start.inside] + f"<{self._prefix}b/>" + font[start.inside :]
                if start.inside != start.end
                else xml_edit.append(font, start, f"<{self._prefix}b/>")
            )
        number = self._put(self._fonts, font)
        return self._add(_with(self._styles[0], fontId=str(number), applyFont="1"), self.looks[0])

    def text(self) -> str:
        """Return the part's XML, with what was added."""
        text = self._text
        for name, items in (
            ("numFmts", self._codes),
            ("fonts", self._fonts),
            ("fills", self._fills),
            ("cellXfs", self._styles),
        ):
            top = xml_edit.root(text)
            group = xml_edit.child(text, top, name)
            old = 0 if group is None else len(xml_edit.children(text, group))
            if len(items) == old:
                continue
            if group is None:
                xml = f'<{self._prefix}{name} count="{len(items)}">{"".join(items)}</{self._prefix}{name}>'
                # Number formats, fonts and fills, which alone may be missing, come first.
                text = xml_edit.insert(
                    text, xml, frozenset(("fonts", "fills", "borders", "cellStyleXfs", "cellXfs"))
                )
                continue
            grown = xml_edit.append(text, group, "".join(items[old:]))
            text = grown[: group.start] + xml_edit.with_attribute(
                grown[group.start :], "count", str(len(items))
            )
        return text

    def _listed(self, name: str) -> list[str]:
        group = xml_edit.child(self._text, xml_edit.root(self._text), name)
        found = [] if group is None else xml_edit.children(self._text, group)
        return [self._text[element.start : element.end] for element in found]

    def _add(self, xml: str, look: number_formats.Format) -> int:
        number = self._put(self._styles, xml)
        if number == len(self.looks):
            self.looks.append(look)
        return number

    def _put(self, items: list[str], xml: str) -> int:
        if xml not in items:
            items.append(xml)
        return items.index(xml)

    def _code(self, code: str) -> int:
        if code == "General":
            return 0
        known = {
            xml_edit.attribute(item, "formatCode"): _number(item, "numFmtId")
            for item in self._codes
        }
        if code not in known:
            known[code] = max([163, *known.values()]) + 1
            self._codes.append(
                f'<{self._prefix}numFmt numFmtId="{known[code]}" formatCode="{xml_edit.escape(code)}"/>'
            )
        return known[code]

    def _marked(self, style: str, mark: str) -> int:
        self._fills = self._fills or [self._none("none"), self._none("gray125")]
        fill = self._fills[_number(style, "fillId")]
        colour = _colour(fill, "fgColor") if 'patternType="solid"' in fill else _NO_COLOUR
        if colour.startswith('rgb="') and len(colour) >= 13:
            colour = (
                f'rgb="00{colour[-7:-1]}"'
                if colour.endswith('"') and colour.count('"') == 2
                else colour
            )
        return self._put(self._fills, self._fill(f'rgb="{mark}"', colour or _NO_COLOUR))

    def _none(self, pattern: str) -> str:
        return f'<{self._prefix}fill><{self._prefix}patternFill patternType="{pattern}"/></{self._prefix}fill>'

    def _fill(self, front: str, back: str) -> str:
        p = self._prefix
        return (
            f'<{p}fill><{p}patternFill patternType="solid"><{p}fgColor {front}/><{p}bgColor {back}/>'
            f"</{p}patternFill></{p}fill>"
        )


def _with(xml: str, **attributes: str) -> str:
    for name, value in attributes.items():
        xml = xml_edit.with_attribute(xml, name, value)
    return xml


def _number(xml: str, name: str) -> int:
    return int(xml_edit.attribute(xml, name) or 0)


def _colour(fill: str, name: str) -> str:
    """Return the attributes of a colour of a fill, as they are written."""
    top = xml_edit.root(fill) if fill else None
    pattern = xml_edit.child(fill, top, "patternFill") if top else None
    found = xml_edit.child(fill, pattern, name) if pattern else None
    if found is None:
        return ""
    tag = fill[found.start : found.inside]
    named = {key: xml_edit.attribute(tag, key) for key in ("rgb", "theme", "indexed", "tint")}
    return " ".join(f'{key}="{value}"' for key, value in named.items() if value is not None)
