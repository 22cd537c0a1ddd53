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
import itertools
import json
import re
import string
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from flxframe.models import JSON
from flxframe.request.token import Token
from flxframe.run.escapes import MAX_LENGTH, Decoded, Places, decode_escapes

MASK = "[token]"
NOTE = f"the answer contained the token; it is shown as {MASK}"

_MIN_LENGTH = 8
"""A shorter token might be a part of any text."""

_FIRST_CHARACTERS = (0, 2, 3)
"""By alignment, the characters of base64 that bytes in front of the token determine too."""

_FROM_URL_ALPHABET = bytes.maketrans(b"-_", b"+/")
"""Applied to tokens and answers, so that one form is enough for both alphabets of base64."""

_IN_WORD = np.zeros(256, bool)
_IN_WORD[list(b"%b%b" % (string.ascii_letters.encode(), string.digits.encode()))] = True

_FEW_NEEDLES = 20
"""More are only looked for in runs of letters that are long enough."""

_SHORT_TEXT = 2**12
_CHUNK = 2**18
"""Characters. Arrays of this size stay in the cache of the processor."""

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
        self._forms = _Forms(tokens)

    def __repr__(self) -> str:
        return "Mask()"

    def is_in(self, body: bytes) -> bool:
        """Return whether an answer might contain a token; this takes microseconds for most."""
        text = body.decode("latin-1").replace("\0", "")  # every second byte of UTF-16
        return self._forms.might_be_in(text)

    def body(self, body: bytes) -> bytes:
        """Return the body of an answer with its tokens masked."""
        encoding = json.detect_encoding(body) if b"\0" in body else "latin-1"
        return self.text(body.decode(encoding, "replace")).encode(encoding, "replace")

    def text(self, text: str) -> str:
        """Return a text with its tokens masked."""
        return self._forms.mask(text, self._forms.words | self._forms.parts)

    def objects(self, value: JSON) -> JSON:
        """Return a value with the tokens in its keys, texts and numbers masked."""
        # Masked at once: there might be a million texts.
        texts = list(dict.fromkeys(_texts(value)))
        lines = iter(self._forms.mask("\n".join(texts), self._forms.parts).split("\n"))
        masked = {}
        for text in texts:
            masked[text] = "\n".join(itertools.islice(lines, text.count("\n") + 1))
        return self._replaced(value, masked | dict.fromkeys(self._forms.tokens, MASK))

    def _replaced(self, value: JSON, masked: Mapping[str, str]) -> JSON:
        """Return a value with its texts and keys replaced."""
        if isinstance(value, dict):
            members: dict[str, JSON] = {}
            for key, item in value.items():
                name = masked[key]
                while name in members:
                    name += "'"
                members[name] = self._replaced(item, masked)
            return members

        if isinstance(value, list):
            return [self._replaced(item, masked) for item in value]
        if isinstance(value, str):
            return masked[value]
        if value is None or isinstance(value, bool):
            return value
        return MASK if str(value) in self._forms.tokens else value


def _texts(value: JSON) -> Iterator[str]:
    """Yield the texts and the keys in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        yield from value
        yield from _texts(list(value.values()))


class _Forms:
    """The forms of tokens, which no repr shows."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self.tokens = {token.reveal() for token in tokens}
        short, long = set(), set()
        for token in self.tokens:
            form = _comparable(token.encode())
            if len(form) < _MIN_LENGTH:
                short.add(form)
            else:
                # A token might look like an escape, which is decoded in answers.
                decoded = [part.characters for part in decode_escapes(token)]
                forms = map(_comparable, [*decoded, *_encoded(token)])
                long |= {form for form in forms if len(form) >= _MIN_LENGTH}

        short.discard(b"")
        self.parts = dict.fromkeys(long, False)
        self.words = dict.fromkeys(short, True)
        self._needles = needles = short | long
        self._margin = MAX_LENGTH * max(map(len, needles), default=1)

        letters = re.escape(bytes(sorted(set().union(*needles)))) or rb"\0"
        length = min(map(len, needles), default=1)
        self._runs = re.compile(rb"(?<![%b])[%b]{%d,}" % (letters, letters, length))

    def __repr__(self) -> str:
        return "_Forms()"

    def might_be_in(self, text: str) -> bool:
        """Return whether a text might contain a token in one of its forms."""
        if len(text) > _SHORT_TEXT:
            return any(self._are_in(part.characters) for _, part in self._decoded(text))

        texts = [text]
        if "%" in text or "&" in text or "\\" in text:
            texts += [_ESCAPE.sub(_unescape, text)]
        return any(self._are_in(text.encode("latin-1", "replace")) for text in texts)

    def mask(self, text: str, forms: Mapping[bytes, bool]) -> str:
        """Return a text with forms masked, or only if it is a word, whatever is escaped in it."""
        if len(text) <= _SHORT_TEXT and not self.might_be_in(text):
            return text

        spans = np.zeros((0, 2), np.intp)
        for start, part in self._decoded(text):
            if self._are_in(part.characters):
                spans = np.concatenate([spans, start + _spans(part, forms)])
        return _replace(text, spans)

    def _decoded(self, text: str) -> Iterator[tuple[int, Decoded]]:
        """Yield the parts of a text with their starts; each token is whole in one of them."""
        size = max(_CHUNK, self._margin)
        for start in range(0, len(text), size):
            for part in decode_escapes(text[start : start + size + self._margin]):
                yield start, part

    def _are_in(self, characters: bytes) -> bool:
        text = _comparable(characters)
        if len(self._needles) > _FEW_NEEDLES:
            text = b" ".join(self._runs.findall(text))
        return any(needle in text for needle in self._needles)


def _comparable(characters: bytes) -> bytes:
    """Return characters without backslashes, in the alphabet of base64."""
    return characters.translate(_FROM_URL_ALPHABET, b"\\")


def _spans(part: Decoded, forms: Mapping[bytes, bool]) -> Places:
    """Return where forms start and end in a part of a text, with the backslashes in front."""
    ends = np.concatenate([[0], part.ends()])
    characters = _comparable(part.characters)
    spans = [np.zeros((0, 2), np.intp)]
    for form, is_word in forms.items():
        # Not by regular expression, since a million matches would take too long.
        lengths = np.fromiter(map(len, characters.split(form)), np.intp)
        starts = np.cumsum(lengths[:-1] + len(form)) - len(form)
        if is_word:
            around = np.frombuffer(b" " + characters + b" ", np.uint8)
            is_free = ~(_IN_WORD[around[starts]] | _IN_WORD[around[starts + len(form) + 1]])
            starts = starts[is_free]
        spans.append(np.stack([ends[starts], ends[starts + len(form)]], axis=1))
    return np.concatenate(spans)


def _replace(text: str, spans: Places) -> str:
    """Return a text with the mask in place of spans, which can overlap and be in any order."""
    spans = spans[np.lexsort((spans[:, 1], spans[:, 0]))]
    starts = spans[:, 0]
    ends = np.maximum.accumulate(spans[:, 1])
    is_first = np.concatenate([[True], starts[1:] >= ends[:-1]])[: len(starts)]
    is_last = np.concatenate([is_first[1:], [True]])[: len(starts)]

    between = zip([0, *ends[is_last].tolist()], [*starts[is_first].tolist(), None], strict=True)
    return MASK.join(text[start:end] for start, end in between)


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


def _encoded(text: str) -> list[bytes]:
    """Return the base64 of a token at each alignment, without what its neighbours determine."""
    forms = []
    for offset, first in enumerate(_FIRST_CHARACTERS):
        content = bytes(offset) + text.encode()
        last = len(content) * 8 // 6
        forms.append(base64.b64encode(content)[first:last])
    return forms
