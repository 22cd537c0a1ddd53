"""Find the message in a server's answer: in JSON of any shape, otherwise in its text."""

from __future__ import annotations

import re
from collections.abc import Iterable

import requests

from flxframe.models import JSON
from flxframe.request.json_text import decode
from flxframe.text import cut

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


def find_message(response: requests.Response) -> str:
    """Return the message in an answer, on one line and cut to a readable length."""
    try:
        message = _find_message(decode(response.content))
    except ValueError:
        return read_excerpt(response)

    return shorten(message)


def read_excerpt(response: requests.Response) -> str:
    """Return the start of an answer's text, without the tags of HTML."""
    text = response.text
    kind = response.headers.get("Content-Type", text[:200])
    if "<" in text and "html" in kind.lower():
        text = re.sub(r"(?is)<(script|style)\b.*?</\1>|<[^>]*>", " ", text)
    return shorten(text)


def _find_message(answer: JSON) -> str:
    if isinstance(answer, dict):
        return _find_message_of_object(answer)
    if isinstance(answer, list):
        return "; ".join(filter(None, map(_find_message, answer)))
    if answer is None or isinstance(answer, bool):
        return ""
    return str(answer)


def _find_message_of_object(answer: dict[str, JSON]) -> str:
    messages = {key: _find_message(answer.get(key)) for key in _MESSAGE_KEYS}
    message = _first(messages.values())
    if message:
        # A message such as "Validation failed" is useless without its details.
        details = _first(messages[key] for key in _DETAIL_KEYS)
        return message if details in ("", message) else f"{message}: {details}"

    texts = []
    for key, item in answer.items():
        text = _find_message(item)
        if text:
            texts.append(f"{key}: {text}")
    return "; ".join(texts)


def _first(texts: Iterable[str]) -> str:
    """Return the first text that is not empty."""
    return next(filter(None, texts), "")


def shorten(text: str) -> str:
    """Return a text on one line, cut to a readable length."""
    return cut(" ".join(text.split()))
