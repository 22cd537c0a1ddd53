r"""Mask tokens in what a server answers, before it is shown or stored. Pure.

===================  ===============================================================================
a token is found     in texts, and in the keys and values of objects
===================  ===============================================================================
as it is             also if characters are percent-encoded (``%2d``), escaped in HTML (``&#45;``,
                     ``&amp;``) or in JSON (``\u002d``, ``\/``), in any case, and encoded twice
in base64            at any of the three alignments, so also within ``Basic`` credentials, and in
                     the alphabet of URLs; up to five bits at its ends stay
shorter than 8       only as a whole word of a text, or as a whole key or value of objects, since it
                     might be a part of any text
===================  ===============================================================================
"""

from __future__ import annotations

import base64
import html.entities
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from flxframe.models import JSON
from flxframe.request.token import Token

MASK = "[token]"
NOTE = f"the answer contained the token; it is shown as {MASK}"

_MIN_LENGTH = 8
"""A shorter token might be a part of any text."""

_FIRST_CHARACTERS = (0, 2, 3)
"""By alignment, the characters of base64 that bytes in front of the token determine too."""

_URL_ALPHABET = {"+": "-", "/": "_"}
_TO_URL_ALPHABET = str.maketrans("+/", "-_")

_ESCAPE = re.compile(
    r"""
      % (?:25){0,3} (?P<percent> [0-9a-f]{2} )
    | & (?:amp;){0,3} (?: \# 0{0,6} (?P<decimal> [0-9]{1,3} )
                        | \# x 0{0,6} (?P<hexadecimal> [0-9a-f]{2} )
                        | (?P<name> [a-z]{2,12} ) ) ;
    | \\{1,8} (?: u 00 (?P<json> [0-9a-f]{2} ) | (?P<character> ["'/] ) )
    """,
    re.VERBOSE | re.IGNORECASE,
)

_ENTITIES: dict[str, list[str]] = {}
for _name, _meaning in html.entities.html5.items():
    if _name.endswith(";"):
        _ENTITIES.setdefault(_meaning, []).append(_name)


class Mask:
    """Masks the tokens of a run.

    Parameters
    ----------
    tokens : iterable of Token
        The tokens.

    Examples
    --------
    >>> mask = Mask([Token("secret/4711")])
    >>> mask.text("no access for secret%2F4711 (c2VjcmV0LzQ3MTE=)")
    'no access for [token] ([token]E=)'
    >>> mask.objects({"secret/4711": ["my secret/4711", 7]})
    {'[token]': ['my [token]', 7]}
    """

    def __init__(self, tokens: Iterable[Token]) -> None:
        # The forms are needed as bytes and as texts, and a pattern would show them in its repr.
        self._forms = _Forms(tokens)

    def __repr__(self) -> str:
        return "Mask()"

    def is_in(self, body: bytes) -> bool:
        """Return whether an answer might contain a token; this takes microseconds for most."""
        text = body.decode("latin-1").replace("\0", "")  # every second byte of UTF-16
        return any(self._forms.found(text))

    def body(self, body: bytes) -> bytes:
        """Return the body of an answer with its tokens masked."""
        encoding = json.detect_encoding(body) if b"\0" in body else "latin-1"
        return self.text(body.decode(encoding, "replace")).encode(encoding, "replace")

    def text(self, text: str) -> str:
        """Return a text with its tokens masked."""
        for token in self._forms.found(text):
            text = _word_pattern(token).sub(MASK, text)
        return text

    def objects(self, value: JSON) -> JSON:
        """Return a value with the tokens in its keys, texts and numbers masked."""
        if isinstance(value, dict):
            members: dict[str, JSON] = {}
            for key, item in value.items():
                name = self._member(key)
                while name in members:
                    name += "'"
                members[name] = self.objects(item)
            return members

        if isinstance(value, list):
            return [self.objects(item) for item in value]
        if isinstance(value, str):
            return self._member(value)
        if value is None or isinstance(value, bool):
            return value
        return MASK if str(value) in self._forms.tokens else value

    def _member(self, text: str) -> str:
        for token in self._forms.found(text):
            if text == token:
                return MASK
            if len(token) >= _MIN_LENGTH:
                text = _word_pattern(token).sub(MASK, text)
        return text


class _Forms:
    """The forms of tokens, which no repr shows."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        # The longest first: one token might be the start of another.
        self.tokens = sorted({token.reveal() for token in tokens}, key=len, reverse=True)
        self._needles: dict[str, list[str]] = {}
        for token in self.tokens:
            encoded = _encoded(token) if len(token) >= _MIN_LENGTH else []
            urls = [form.translate(_TO_URL_ALPHABET) for form in encoded]
            self._needles[token] = [token, json.dumps(token)[1:-1], *encoded, *urls]

        needles = [needle for forms in self._needles.values() for needle in forms]
        letters = re.escape("".join(sorted(set().union(*needles))))
        length = min(map(len, needles), default=1)
        self._words = re.compile(rf"(?<![{letters}])[{letters}]{{{length},}}")

    def __repr__(self) -> str:
        return "_Forms()"

    def found(self, text: str) -> Iterator[str]:
        """Yield the tokens that a text might contain in one of their forms."""
        words = self._words.findall(text)
        if "%" in text or "&" in text or "\\" in text:
            words += self._words.findall(_ESCAPE.sub(_unescape, text))
        if not words:
            return

        for token, needles in self._needles.items():
            if any(needle in word for word in words for needle in needles):
                yield token


def _unescape(escape: re.Match[str]) -> str:
    """Return the character of an escape; an unknown one as it is."""
    code = escape["percent"] or escape["json"] or escape["hexadecimal"]
    if code:
        return chr(int(code, 16))
    if escape["decimal"]:
        return chr(int(escape["decimal"]))
    if escape["character"]:
        return escape["character"]
    return html.entities.html5.get(f"{escape['name']};", escape[0])


def _encoded(text: str) -> list[str]:
    """Return the base64 of a token at each alignment, without what its neighbours determine."""
    forms = []
    for offset, first in enumerate(_FIRST_CHARACTERS):
        content = bytes(offset) + text.encode()
        last = len(content) * 8 // 6
        forms.append(base64.b64encode(content).decode()[first:last])
    return forms


@lru_cache(maxsize=16)
def _word_pattern(token: str) -> re.Pattern[str]:
    """Return the pattern of a token in all its forms; of a short one, as a word."""
    if len(token) < _MIN_LENGTH:
        return re.compile(rf"(?<![0-9A-Za-z]){_pattern(token)}(?![0-9A-Za-z])")
    return re.compile("|".join(map(_pattern, [token, *_encoded(token)])))


def _pattern(text: str) -> str:
    """Return the pattern of a text of which each character might be escaped."""
    return "".join(map(_character, text))


@cache
def _character(character: str) -> str:
    """Return the pattern of a character and its escapes."""
    code = ord(character)
    digits = f"{code:02x}"
    hexadecimal = "".join(f"[{digit}{digit.upper()}]" for digit in digits)

    # The longest first: a character of one form might be the start of another.
    forms = [
        rf"\\{{1,8}}[uU]00{hexadecimal}",
        rf"%(?:25){{0,3}}{hexadecimal}",
        rf"&(?:amp;){{0,3}}#0{{0,6}}{code};",
        rf"&(?:amp;){{0,3}}#[xX]0{{0,6}}{hexadecimal};",
    ]
    forms += [f"&(?:amp;){{0,3}}{name}" for name in _ENTITIES.get(character, ())]
    forms.append(rf"\\{{0,8}}{re.escape(character)}")
    if character in _URL_ALPHABET:
        forms.append(_URL_ALPHABET[character])
    return f"(?:{'|'.join(forms)})"
