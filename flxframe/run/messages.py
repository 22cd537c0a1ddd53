"""Find the message in a server's answer: in JSON of any shape, otherwise in its text.

The time is proportional to the length of the answer, and the length has a limit: a hostile answer
must not hold up the other rows.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from flxframe.models import JSON
from flxframe.request.json_text import decode
from flxframe.run.answers import Answer
from flxframe.text import cut, escape_unprintable

_MESSAGE_KEYS = (
    "message",
    "error",
    "errors",
    "detail",
    "details",
    "title",
    "description",
    "reason",
    "msg",
)
_DETAIL_KEYS = ("errors", "details")

_MAX_EXCERPT = 2**16
"""Bytes of a page, or characters of a message, that are looked at."""

_MAX_PART = 1000
"""Characters of a part of a message: more than are shown of the whole."""

_HIDDEN_TAGS = ("script", "style")


def find_message(answer: Answer) -> str:
    """Return the message in an answer, on one line and cut to a readable length."""
    try:
        message = _find_message(decode(answer.body))
    except ValueError:
        return read_excerpt(answer)

    return shorten(message)


def read_excerpt(answer: Answer) -> str:
    """Return the start of an answer's text, without the tags of HTML."""
    is_complete = answer.problem is None and len(answer.body) <= _MAX_EXCERPT
    text = _decode_text(answer.body[:_MAX_EXCERPT], is_complete)
    kind = answer.headers.get("Content-Type", text[:200])
    if "html" in kind.lower():
        text = " ".join(_texts_of_html(text))
    return shorten(text)


def _decode_text(body: bytes, is_complete: bool) -> str:
    """Decode a text, or the start of one, which might end inside a letter.

    The server's charset is ignored: Python knows some by which decoding fails or takes very long.
    """
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(body, is_complete)
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _texts_of_html(text: str) -> Iterator[str]:
    """Yield the texts between the tags of a page, except scripts and styles.

    Not a regular expression or `html.parser`, which take very long for some texts.
    """
    first, *pieces = text.split("<")
    yield first

    end = ""
    for piece in pieces:
        tag, _, content = piece.partition(">")
        words = tag.lower().split(maxsplit=1)
        name = words[0] if words else ""
        if end and name != end:
            continue

        end = f"/{name}" if name in _HIDDEN_TAGS else ""
        if not end:
            yield content


def _find_message(content: JSON) -> str:
    if isinstance(content, dict):
        return _find_message_of_object(content)
    if isinstance(content, list):
        return _join(map(_find_message, content))
    if content is None or isinstance(content, bool):
        return ""
    return str(content)[:_MAX_PART]


def _find_message_of_object(content: dict[str, JSON]) -> str:
    # Each item is read once: twice on each level would be a million times on level 20.
    messages = {key: _find_message(item) for key, item in content.items()}
    message = _first(messages, _MESSAGE_KEYS)
    if message:
        # A message such as "Validation failed" is useless without its details.
        details = _first(messages, _DETAIL_KEYS)
        return message if details in ("", message) else f"{message}: {details}"[:_MAX_PART]

    return _join(f"{key}: {text}" for key, text in messages.items() if text)


def _first(messages: dict[str, str], keys: Iterable[str]) -> str:
    """Return the first message under one of the keys that is not empty."""
    for key in keys:
        if messages.get(key):
            return messages[key]
    return ""


def _join(texts: Iterable[str]) -> str:
    """Join texts up to the length of a part."""
    return "; ".join(filter(None, texts))[:_MAX_PART]


def shorten(text: str) -> str:
    """Return a text on one printable line, cut to a readable length."""
    line = " ".join(text[:_MAX_EXCERPT].split())
    return cut(escape_unprintable(line))
