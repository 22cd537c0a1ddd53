"""The styles of a workbook, and marked ones derived from them. Pure: no network, no clock, no disk.

A mark is a fill in one of two colours. The fill also keeps the colour that the cell had before, as
the background of a solid pattern, which programs do not show. So the mark can be removed again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from flxframe.files.xlsx import number_formats, xml_edit

FAILED_FILL = "FFF4C7C3"
CHANGED_FILL = "FFFFF0B3"

_MARKS = (FAILED_FILL, CHANGED_FILL)
_MAX_BUILTIN_FORMAT = 163

# Number formats, fonts and fills, which alone can be missing, come before these.
_AFTER_FILLS = frozenset(("fonts", "fills", "borders", "cellStyleXfs", "cellXfs"))


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour of a fill, by the attributes of its element.

    Parameters
    ----------
    rgb : str or None
        Alpha, red, green and blue, in hexadecimal.
    theme : str or None
        The number of a colour of the theme.
    indexed : str or None
        The number of a colour of the palette.
    tint : str or None
        How much lighter or darker it is.
    """

    rgb: str | None = None
    theme: str | None = None
    indexed: str | None = None
    tint: str | None = None

    @classmethod
    def of(cls, fill: str, name: str) -> Colour:
        """Return a colour of a fill's pattern, ``fgColor`` or ``bgColor``."""
        pattern = xml_edit.child(fill, xml_edit.root(fill), "patternFill") if fill else None
        element = xml_edit.child(fill, pattern, name) if pattern else None
        if element is None:
            return AUTOMATIC

        tag = fill[element.start : element.inside]
        values = {field.name: xml_edit.attribute(tag, field.name) for field in fields(cls)}
        colour = cls(**values)
        return AUTOMATIC if colour == cls() else colour

    @property
    def attributes(self) -> str:
        """The attributes of the colour's element."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return " ".join(f'{name}="{value}"' for name, value in values.items() if value is not None)

    @property
    def is_saved(self) -> bool:
        """Whether the colour, as the background of a mark, is that of the cell before."""
        if self.rgb is not None:
            return self.rgb.startswith("00")
        return self.theme is not None or (self.indexed is not None and self != AUTOMATIC)

    def saved(self) -> Colour:
        """Return the colour as the background of a mark: without its alpha, which has no effect."""
        if self.rgb is None or self != Colour(rgb=self.rgb) or len(self.rgb) <= 6:
            return self
        return replace(self, rgb=f"00{self.rgb[-6:]}")


AUTOMATIC = Colour(indexed="64")


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
        self._styles = self._items("cellXfs")
        self._fills = self._items("fills")
        self._fonts = self._items("fonts")
        self._codes = self._items("numFmts")
        self._derived: dict[tuple[int, str | None, str | None], int] = {}
        self._unmarked: dict[int, int] = {}

    def style(self, base: int, *, mark: str | None = None, code: str | None = None) -> int:
        """Return a style like another, but marked or with another number format."""
        key = (base, mark, code)
        if key not in self._derived:
            self._derived[key] = self._derive(base, mark, code)
        return self._derived[key]

    def unmarked(self, base: int) -> int:
        """Return the style that a cell had before it was marked: mostly its own."""
        if base not in self._unmarked:
            self._unmarked[base] = self._without_mark(base)
        return self._unmarked[base]

    def bold(self) -> int:
        """Return the style of flxframe's own headers."""
        if not self._fonts:
            self._fonts.append(f"<{self._prefix}font/>")

        font = self._fonts[_number(self._styles[0], "fontId")]
        top = xml_edit.root(font)
        if xml_edit.child(font, top, "b") is None:
            bold = f"<{self._prefix}b/>"
            if top.inside == top.end:
                font = xml_edit.append(font, top, bold)
            else:
                font = font[: top.inside] + bold + font[top.inside :]

        font_id = self._put(self._fonts, font)
        style = _with(self._styles[0], fontId=str(font_id), applyFont="1")
        return self._add(style, self.looks[0])

    def text(self) -> str:
        """Return the part's XML, with the additions."""
        text = self._with_items(self._text, "numFmts", self._codes)
        text = self._with_items(text, "fonts", self._fonts)
        text = self._with_items(text, "fills", self._fills)
        return self._with_items(text, "cellXfs", self._styles)

    def _items(self, name: str) -> list[str]:
        """Return the XML of each item of a group."""
        group = xml_edit.child(self._text, xml_edit.root(self._text), name)
        if group is None:
            return []
        elements = xml_edit.children(self._text, group)
        return [self._text[element.start : element.end] for element in elements]

    def _with_items(self, text: str, name: str, items: list[str]) -> str:
        """Return the part's XML with the new items of a group."""
        group = xml_edit.child(text, xml_edit.root(text), name)
        number = len(xml_edit.children(text, group)) if group else 0
        if len(items) == number:
            return text

        count = str(len(items))
        if group is None:
            tag = f"{self._prefix}{name}"
            xml = f'<{tag} count="{count}">{"".join(items)}</{tag}>'
            return xml_edit.insert(text, xml, _AFTER_FILLS)

        text = xml_edit.append(text, group, "".join(items[number:]))
        return text[: group.start] + xml_edit.with_attribute(text[group.start :], "count", count)

    def _derive(self, base: int, mark: str | None, code: str | None) -> int:
        xml = self._styles[base]
        look = self.looks[base]
        if code is not None:
            xml = _with(xml, numFmtId=str(self._format_id(code)), applyNumberFormat="1")
            look = number_formats.parse(code)
        if mark is not None:
            xml = _with(xml, fillId=str(self._marked_fill(xml, mark)), applyFill="1")
        return self._add(xml, look)

    def _without_mark(self, base: int) -> int:
        xml = self._styles[base]
        fill = self._fills[_number(xml, "fillId")] if self._fills else ""
        if Colour.of(fill, "fgColor").rgb not in _MARKS:
            return base

        fill_id = 0
        before = Colour.of(fill, "bgColor")
        if before.is_saved:
            fill_id = self._put(self._fills, self._solid_fill(before, AUTOMATIC))
        style = _with(xml, fillId=str(fill_id), applyFill="1")
        return self._add(style, self.looks[base])

    def _marked_fill(self, style: str, mark: str) -> int:
        """Return the fill of a marked style, which keeps the colour that the style had."""
        if not self._fills:
            self._fills += [self._empty_fill("none"), self._empty_fill("gray125")]

        fill = self._fills[_number(style, "fillId")]
        before = AUTOMATIC
        if 'patternType="solid"' in fill:
            before = Colour.of(fill, "fgColor").saved()
        return self._put(self._fills, self._solid_fill(Colour(rgb=mark), before))

    def _solid_fill(self, front: Colour, back: Colour) -> str:
        p = self._prefix
        colours = f"<{p}fgColor {front.attributes}/><{p}bgColor {back.attributes}/>"
        pattern = f'<{p}patternFill patternType="solid">{colours}</{p}patternFill>'
        return f"<{p}fill>{pattern}</{p}fill>"

    def _empty_fill(self, pattern: str) -> str:
        p = self._prefix
        return f'<{p}fill><{p}patternFill patternType="{pattern}"/></{p}fill>'

    def _format_id(self, code: str) -> int:
        """Return the number of a number format, which is added if the workbook does not have it."""
        if code == "General":
            return 0

        numbers = {}
        for item in self._codes:
            numbers[xml_edit.attribute(item, "formatCode")] = _number(item, "numFmtId")
        if code not in numbers:
            numbers[code] = 1 + max([_MAX_BUILTIN_FORMAT, *numbers.values()])
            escaped = xml_edit.escape(code)
            tag = f"{self._prefix}numFmt"
            self._codes.append(f'<{tag} numFmtId="{numbers[code]}" formatCode="{escaped}"/>')
        return numbers[code]

    def _add(self, xml: str, look: number_formats.Format) -> int:
        """Return the number of a cell style, which is added if the workbook does not have it."""
        number = self._put(self._styles, xml)
        if number == len(self.looks):
            self.looks.append(look)
        return number

    def _put(self, items: list[str], xml: str) -> int:
        if xml not in items:
            items.append(xml)
        return items.index(xml)


def _with(xml: str, **attributes: str) -> str:
    for name, value in attributes.items():
        xml = xml_edit.with_attribute(xml, name, value)
    return xml


def _number(xml: str, name: str) -> int:
    return int(xml_edit.attribute(xml, name) or 0)
