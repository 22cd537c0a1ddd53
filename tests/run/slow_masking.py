"""Mask a token by one regular expression of all its forms: simple, but slow for hostile texts."""

import base64
import html.entities
import re
from functools import cache

MASK = "[token]"


def slowly_masked(text: str, token: str) -> str:
    """Return a text in which a token of at least 8 characters is masked."""
    return _pattern(token).sub(MASK, text)


@cache
def _pattern(token: str) -> re.Pattern[str]:
    forms = [token]
    for offset, first in enumerate((0, 2, 3)):
        content = bytes(offset) + token.encode()
        forms.append(base64.b64encode(content).decode()[first : len(content) * 8 // 6])
    return re.compile("|".join("".join(map(_character, form)) for form in forms))


@cache
def _character(character: str) -> str:
    """Return the pattern of a character and its escapes."""
    code = ord(character)
    digits = "".join(f"[{digit}{digit.upper()}]" for digit in f"{code:02x}")
    forms = [
        rf"\\{{1,8}}[uU]00{digits}",
        rf"%(?:25){{0,3}}{digits}",
        rf"&(?:amp;){{0,3}}#0{{0,6}}{code};",
        rf"&(?:amp;){{0,3}}#[xX]0{{0,6}}{digits};",
    ]
    for name, meaning in html.entities.html5.items():
        if meaning == character and name.endswith(";"):
            forms.append(f"&(?:amp;){{0,3}}{name}")
    forms.append(rf"\\{{0,8}}{re.escape(character)}")
    forms += {"+": ["-"], "/": ["_"]}.get(character, [])
    return f"(?:{'|'.join(forms)})"
