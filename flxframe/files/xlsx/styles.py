"""The styles of a workbook, and marked ones derived from them. Pure: no network, no clock, no disk.

A mark is a fill in one of two colours. It also stores the cell's previous colour, as the background
of a solid pattern, which programs do not show. So the mark can be removed again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from flxframe.files.xlsx import number_formats
from flxframe.files.xlsx.xml_edit import (
    append,
    attribute,
    child,
    children,
    escape,
    insert,
    prefix,
    root,
    with_attribute,
)

FAILED_FILL = "FFF4C7C3"
CHANGED_FILL = "FFFFF0B3"

_MARKS = (FAILED_FILL, CHANGED_FILL)
_MAX_BUILTIN_FORMAT = 163

_Derivation = tuple[int, str | None, str | None]
_FLAGS = {
    "fillId": "applyFill",
    "fontId": "applyFont",
    "numFmtId": "applyNumberFormat",
}

# Number formats, fonts and fills, the only ones that can be missing, come before these.
_AFTER_FILLS = frozenset(("fonts", "fills", "borders", "cellStyleXfs", "cellXfs"))


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour of a fill.

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
        pattern = child(fill, root(fill), "patternFill")
        element = child(fill, pattern, name) if pattern else None
        if element is None:
            return AUTOMATIC

        tag = fill[element.start : element.inside]
        colour = cls(*[attribute(tag, field.name) for field in fields(cls)])
        return AUTOMATIC if colour == cls() else colour

    @property
    def attributes(self) -> str:
        """The attributes of the colour's element."""
        attributes = []
        for name, value in asdict(self).items():
            if value is not None:
                attributes.append(f'{name}="{value}"')
        return " ".join(attributes)

    @property
    def is_saved(self) -> bool:
        """Whether the colour, as the background of a mark, is the cell's previous colour."""
        if self.rgb is not None:
            return self.rgb.startswith("00")
        if self.theme is not None:
            return True
        return self.indexed is not None and self != AUTOMATIC

    def saved(self) -> Colour:
        """Return the colour as the background of a mark: with an alpha of 00, which is ignored."""
        rgb = self.rgb
        if rgb is None or len(rgb) <= 6 or self != Colour(rgb):
            return self
        return Colour(f"00{rgb[-6:]}")


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
        self._prefix = prefix(text)
        self.looks = list(looks)
        self._styles = _items(text, "cellXfs")
        self._fills = _items(text, "fills")
        self._fonts = _items(text, "fonts")
        self._codes = _items(text, "numFmts")
        self._derived: dict[_Derivation, int] = {}
        self._unmarked: dict[int, int] = {}

    def style(self, base: int, *, mark: str | None = None, code: str | None = None) -> int:
        """Return a style like another, but marked or with another number format."""
        key = (base, mark, code)
        if key not in self._derived:
            self._derived[key] = self._derive(base, mark, code)
        return self._derived[key]

    def unmarked(self, base: int) -> int:
        """Return the style that a cell had before it was marked, which is usually its own."""
        if base not in self._unmarked:
            self._unmarked[base] = self._without_mark(base)
        return self._unmarked[base]

    def bold(self) -> int:
        """Return the style of flxframe's own headers."""
        if not self._fonts:
            self._fonts.append(f"<{self._prefix}font/>")

        font = self._fonts[_number(self._styles[0], "fontId")]
        top = root(font)
        if child(font, top, "b") is None:
            bold = f"<{self._prefix}b/>"
            if top.inside == top.end:
                font = append(font, top, bold)
            else:
                font = font[: top.inside] + bold + font[top.inside :]

        font_id = self._put(self._fonts, font)
        xml = _with(self._styles[0], "fontId", font_id)
        return self._add(xml, self.looks[0])

    def text(self) -> str:
        """Return the part's XML, with the additions."""
        text = self._with_items(self._text, "numFmts", self._codes)
        text = self._with_items(text, "fonts", self._fonts)
        text = self._with_items(text, "fills", self._fills)
        return self._with_items(text, "cellXfs", self._styles)

    def _with_items(self, text: str, name: str, items: list[str]) -> str:
        """Return the part's XML with the new items of a group."""
        group = child(text, root(text), name)
        number = len(children(text, group)) if group else 0
        if len(items) == number:
            return text

        count = str(len(items))
        if group is None:
            tag = f"{self._prefix}{name}"
            content = "".join(items)
            xml = f'<{tag} count="{count}">{content}</{tag}>'
            return insert(text, xml, _AFTER_FILLS)

        text = append(text, group, "".join(items[number:]))
        head, tail = text[: group.start], text[group.start :]
        return head + with_attribute(tail, "count", count)

    def _derive(self, base: int, mark: str | None, code: str | None) -> int:
        xml = self._styles[base]
        look = self.looks[base]
        if code is not None:
            xml = _with(xml, "numFmtId", self._format_id(code))
            look = number_formats.parse(code)
        if mark is not None:
            xml = _with(xml, "fillId", self._marked_fill(xml, mark))
        return self._add(xml, look)

    def _without_mark(self, base: int) -> int:
        xml = self._styles[base]
        if not self._fills:
            return base
        fill = self._fills[_number(xml, "fillId")]
        if Colour.of(fill, "fgColor").rgb not in _MARKS:
            return base

        fill_id = 0
        old_colour = Colour.of(fill, "bgColor")
        if old_colour.is_saved:
            fill = self._solid_fill(old_colour, AUTOMATIC)
            fill_id = self._put(self._fills, fill)
        xml = _with(xml, "fillId", fill_id)
        return self._add(xml, self.looks[base])

    def _marked_fill(self, style: str, mark: str) -> int:
        """Return the fill of a marked style, which stores the style's previous colour."""
        if not self._fills:
            self._fills.append(self._empty_fill("none"))
            self._fills.append(self._empty_fill("gray125"))

        fill = self._fills[_number(style, "fillId")]
        old_colour = AUTOMATIC
        if 'patternType="solid"' in fill:
            old_colour = Colour.of(fill, "fgColor").saved()
        fill = self._solid_fill(Colour(mark), old_colour)
        return self._put(self._fills, fill)

    def _solid_fill(self, front: Colour, back: Colour) -> str:
        p = self._prefix
        tag = f"{p}patternFill"
        return (
            f'<{p}fill><{tag} patternType="solid">'
            f"<{p}fgColor {front.attributes}/>"
            f"<{p}bgColor {back.attributes}/>"
            f"</{tag}></{p}fill>"
        )

    def _empty_fill(self, pattern: str) -> str:
        p = self._prefix
        xml = f'<{p}patternFill patternType="{pattern}"/>'
        return f"<{p}fill>{xml}</{p}fill>"

    def _format_id(self, code: str) -> int:
        """Return the number of a number format, which is added if the workbook does not have it."""
        if code == "General":
            return 0

        numbers = {}
        for item in self._codes:
            item_code = attribute(item, "formatCode")
            numbers[item_code] = _number(item, "numFmtId")
        if code in numbers:
            return numbers[code]

        number = 1 + max([_MAX_BUILTIN_FORMAT, *numbers.values()])
        tag = f"{self._prefix}numFmt"
        attributes = f'numFmtId="{number}" formatCode="{escape(code)}"'
        self._codes.append(f"<{tag} {attributes}/>")
        return number

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


def _items(text: str, name: str) -> list[str]:
    """Return the XML of each item of a group."""
    group = child(text, root(text), name)
    elements = children(text, group) if group else []
    return [text[element.start : element.end] for element in elements]


def _with(xml: str, name: str, number: int) -> str:
    """Return a cell style with another font, fill or number format."""
    xml = with_attribute(xml, name, str(number))
    return with_attribute(xml, _FLAGS[name], "1")


def _number(xml: str, name: str) -> int:
    return int(attribute(xml, name) or 0)
