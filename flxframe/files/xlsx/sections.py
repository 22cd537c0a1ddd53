"""The sections of a number format, and the texts that they show. Pure.

A format has up to four sections: for positive numbers, negative numbers, zero and texts. A section
that only adds literal text to an integer can be rendered; a number that another section shows, such
as an amount or a percentage, is a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_SPLIT = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^";\\\[]|["\\\[])*?)(;|\Z)', re.DOTALL)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?[0-9]{1,15}(?:\.[0-9]{1,15})?)\]")
_BRACKETS = re.compile(r"\[(?!(?:h+|m+|s+)\])[^\]]*\]", re.IGNORECASE)
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|([-() /+])|(0|\#|General)', re.IGNORECASE)
_TEXT_TOKEN = re.compile(r'"([^"]*)"|\\(.)|([-() /+])|(@)|[_*].')

_HIDES_ZERO = re.compile(r"\#[#,]*")
_PLACES = frozenset("0#")
_GROUPING = frozenset("-()")
"""Literals between digits that make an identifier, such as a phone number."""

_CODES = (
    "AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KRW|"
    "MXN|MYR|NGN|NOK|NZD|PEN|PHP|PKR|PLN|RMB|RON|RSD|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR|"
    "AU?|CA?|HK|NZ|R|S|US|DH|DKR|DM|FR|FT|KČ|KR|LEI|NKR|RM|RP|RS|SFR|SKR|TL|ZŁ"
)
_CURRENCY = r"$¢£¤¥฿\u20a0-\u20cf"
_AMOUNT = re.compile(
    rf"[-+()/\s.]*(?:(?:{_CODES})[\s.:{_CURRENCY}]*|[\s{_CURRENCY}]*[-+(\s]*)", re.IGNORECASE
)
"""The text before an amount: a sign, or a currency."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section for numbers.

    Parameters
    ----------
    code : str
        Its code, without colours, currencies and conditions.
    is_empty : bool
        Whether it shows nothing.
    hides_zero : bool
        Whether it shows nothing for 0, since it has no place for that digit.
    is_identifier : bool
        Whether it shows an integer as more than a number, such as 00123, #123 or 12-34.
    condition : tuple or None
        The comparison that a number must satisfy, and its limit.
    """

    code: str
    is_empty: bool
    hides_zero: bool
    is_identifier: bool
    condition: tuple[str, float] | None

    def accepts(self, number: float) -> bool:
        """Return whether a number satisfies the condition."""
        if self.condition is None:
            return True
        comparison, limit = self.condition
        if number == limit:
            return comparison in ("<=", ">=", "=")
        if number < limit:
            return comparison in ("<", "<=", "<>")
        return comparison in (">", ">=", "<>")

    def render(self, number: int) -> str:
        """Return the text that an identifier's section shows for an integer, without its sign."""
        tokens = _tokens(self.code)
        places = [token[4] for token in tokens if token[4]]
        digits = str(abs(number))
        if places[0] in _PLACES:
            zeros = len(places) - places.index("0") if "0" in places else 0
            digits = digits.lstrip("0").zfill(zeros)

        # The first place also takes the digits for which the code has no place.
        surplus = max(0, len(digits) - len(places))
        groups = [""] * (len(places) - len(digits))
        groups += [digits[: surplus + 1], *digits[surplus + 1 :]]
        return _fill(tokens, groups)


@lru_cache(maxsize=1_024)
def _tokens(code: str) -> list[re.Match[str]]:
    """Return the placeholders and literals of a section, or nothing if it cannot be rendered."""
    tokens = list(_TOKEN.finditer(code))
    if "".join([token[0] for token in tokens]) != code:
        return []
    places = [token[4] for token in tokens if token[4]]
    is_mixed = len(places) > 1 and not set(places) <= _PLACES
    return [] if is_mixed or not places else tokens


def _is_identifier(code: str) -> bool:
    tokens = _tokens(code)
    numbers = [number for number, token in enumerate(tokens) if token[4]]
    if not numbers:
        return False
    if len(numbers) > 1 and all(tokens[number][4] == "0" for number in numbers):
        return True

    prefix = _literals(tokens[: numbers[0]])
    inside = _literals(tokens[numbers[0] : numbers[-1]])
    return _is_label(prefix) or not _GROUPING.isdisjoint(inside)


def _fill(tokens: list[re.Match[str]], groups: list[str]) -> str:
    places = iter(groups)
    text = ""
    for token in tokens:
        text += next(places) if token[4] else _literals([token])
    return text


def _literals(tokens: list[re.Match[str]]) -> str:
    return "".join([token[1] or token[2] or token[3] or "" for token in tokens])


def _is_label(prefix: str) -> bool:
    """Return whether the text before a number is more than a sign or a currency.

    Examples
    --------
    >>> _is_label("SKU-"), _is_label("#"), _is_label("USD "), _is_label("-$")
    (True, True, False, False)
    """
    return _AMOUNT.fullmatch(prefix) is None


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections of a format.

    Parameters
    ----------
    numbers : tuple of Section
        The sections for numbers.
    text : str or None
        The code of the section for texts; None if there is none.
    """

    numbers: tuple[Section, ...]
    text: str | None = None

    @property
    def changes_numbers(self) -> bool:
        """Whether some numbers are not shown as numbers."""
        return any(
            section.is_empty or section.hides_zero or section.is_identifier
            for section in self.numbers
        )

    @property
    def changes_texts(self) -> bool:
        """Whether texts are shown with additions, or not at all."""
        return self.text is not None and self.show_text("x") != "x"

    def choose(self, number: float) -> tuple[Section | None, bool]:
        """Return the section that shows a number, and whether a minus is shown before it."""
        numbers = self.numbers
        if any(section.condition for section in numbers):
            for section in numbers:
                if section.accepts(number):
                    return section, number < 0
            return None, False

        if len(numbers) == 1 or number > 0:
            return numbers[0], number < 0
        if number < 0:
            return numbers[1], False
        return numbers[2 if len(numbers) > 2 else 0], False

    def show_number(self, number: int | float) -> str | int | float | None:
        """Return the text that is shown for a number, or the number if it remains one.

        Examples
        --------
        >>> split('"SKU-"00').show_number(7), split("00000;;;@").show_number(0)
        ('SKU-07', None)
        >>> split("0.00").show_number(7)
        7
        """
        section, is_negative = self.choose(number)
        if section is None:
            return number
        if section.is_empty or (section.hides_zero and number == 0):
            return None
        if number != int(number) or not section.is_identifier:
            return number
        text = section.render(int(number))
        return f"-{text}" if is_negative else text

    def show_text(self, text: str) -> str | None:
        """Return the text that is shown for a text.

        Examples
        --------
        >>> split('0;0;0;"SKU-"@').show_text("A7"), split(";;;").show_text("A7")
        ('SKU-A7', None)
        """
        if self.text is None:
            return text
        if not self.text:
            return None

        tokens = list(_TEXT_TOKEN.finditer(self.text))
        if "".join([token[0] for token in tokens]) != self.text or "@" not in self.text:
            return text
        displayed = ""
        for token in tokens:
            displayed += text if token[4] else _literals([token])
        return displayed


def split(code: str) -> Sections:
    """Return the sections of a code."""
    parts = []
    for match in _SPLIT.finditer(code):
        parts.append(match[1])
        if not match[2]:
            break

    text = None
    unquoted = re.sub(r'"[^"]*"|\\.', "", parts[-1])
    if len(parts) > 3:
        text = _BRACKETS.sub("", parts[3])
    elif "@" in unquoted:
        text = _BRACKETS.sub("", parts.pop())
    if not parts:
        parts = ["General"]

    can_be_empty = len(parts) + (text is not None) > 2
    sections = [_section(part, can_be_empty=can_be_empty) for part in parts[:3]]
    return Sections(tuple(sections), text)


def _section(part: str, *, can_be_empty: bool) -> Section:
    condition = None
    if match := _CONDITION.search(part):
        condition = (match[1], float(match[2]))
    code = _BRACKETS.sub("", part)
    is_empty = can_be_empty and not part
    hides_zero = _HIDES_ZERO.fullmatch(code) is not None
    return Section(code, is_empty, hides_zero, _is_identifier(code), condition)
