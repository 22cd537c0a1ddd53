"""The styles of a workbook, and new ones derived from them. Pure: no network, no clock, no disk."""

from __future__ import annotations

from flxframe.files.xlsx import number_formats
from flxframe.files.xlsx.marks import Marks
from flxframe.files.xlsx.style_groups import completed, items, with_items
from flxframe.files.xlsx.xml_edit import (
    append,
    attribute,
    child,
    escape,
    prefix,
    root,
    with_attribute,
)

_MAX_BUILTIN_FORMAT = 163

_Derivation = tuple[int, str | None, str | None]
_FLAGS = {
    "fontId": "applyFont",
    "numFmtId": "applyNumberFormat",
}


class Stylesheet:
    """The styles part of a workbook.

    Parameters
    ----------
    text : str
        Its XML.
    looks : list of Format
        The number format of each cell style.
    is_result : bool
        Whether the workbook is the result of an earlier run, which can have marks.
    """

    def __init__(
        self, text: str, looks: list[number_formats.Format], *, is_result: bool = False
    ) -> None:
        self._text = completed(text)
        self._prefix = prefix(text)
        self.looks = list(looks)
        self._styles = items(self._text, "cellXfs")
        self._fonts = items(self._text, "fonts")
        self._codes = items(self._text, "numFmts")
        self._marks = Marks(self._text, is_result=is_result)
        self._derived: dict[_Derivation, int] = {}
        self._unmarked: dict[int, int] = {}

    def style(self, base: int, *, mark: str | None = None, code: str | None = None) -> int:
        """Return a style like another, but marked or with another number format."""
        key = (base, mark, code)
        if key not in self._derived:
            self._derived[key] = self._derive(base, mark, code)
        return self._derived[key]

    def unmarked(self, base: int) -> int:
        """Return the style that a cell had before it was marked, which is usually its own.

        A style that the workbook does not have is the first one.
        """
        if base >= len(self._styles):
            return 0

        if base not in self._unmarked:
            xml = self._marks.unmarked(self._styles[base])
            self._unmarked[base] = self._add(xml, self.looks[base])
        return self._unmarked[base]

    def sign(self) -> None:
        """Mark the workbook as a result."""
        self._marks.sign()

    def bold(self) -> int:
        """Return the style of flxframe's own headers."""
        number = _number(self._styles[0], "fontId")
        font = self._fonts[number if number < len(self._fonts) else 0]
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
        text = with_items(self._text, "numFmts", self._codes)
        text = with_items(text, "fonts", self._fonts)
        text = self._marks.written(text)
        return with_items(text, "cellXfs", self._styles)

    def _derive(self, base: int, mark: str | None, code: str | None) -> int:
        xml = self._styles[base]
        look = self.looks[base]
        if code is not None:
            xml = _with(xml, "numFmtId", self._format_id(code))
            look = number_formats.parse(code)
        if mark is not None:
            xml = self._marks.marked(xml, mark)
        return self._add(xml, look)

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


def _with(xml: str, name: str, number: int) -> str:
    """Return a cell style with another font or number format."""
    xml = with_attribute(xml, name, str(number))
    return with_attribute(xml, _FLAGS[name], "1")


def _number(xml: str, name: str) -> int:
    return int(attribute(xml, name) or 0)
