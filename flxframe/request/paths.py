"""Column names and paths. Pure: no network, no clock, no disk.

A path is the place of a value in the JSON body, as a tuple of keys and list positions::

    objects.order.items[0].sku             ("objects", "order", "items", 0, "sku")
    objects.order["note.to.buyer"]         ("objects", "order", "note.to.buyer")
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, TypeAlias

from flxframe.exceptions import PathError

Path: TypeAlias = tuple[str | int, ...]

_STEP = re.compile(
    r"""
      \[ (?P<index> 0 | [1-9][0-9]{0,99} ) \]
    | \[ (?P<quoted> "(?: [^"\\] | \\. )*" ) \]
    | (?P<dot> \. )? (?P<key> [^.\[\]"]+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_AFTER_FIRST_KEY = re.compile(r"[.\[].*", re.DOTALL)
_MUST_QUOTE = re.compile(r'[.\[\]"]')


def parse(name: str, *, label: str = "", column: Any = None) -> Path:
    """Parse a column's name as a path.

    Parameters
    ----------
    name : str
        Keys joined by ``.``, list items as ``[n]``, keys with special characters as ``["..."]``.
    label : str, optional
        The description of the path in error messages, if it is not the name of a column.
    column : Any, optional
        With `label`, the column that the path is for.

    Raises
    ------
    PathError
        If the name is not a valid path; the message quotes it from the first invalid character.

    Examples
    --------
    >>> parse('objects.order.items[0]["a.b"]')
    ('objects', 'order', 'items', 0, 'a.b')
    """
    steps: list[str | int] = []
    position = 0
    while position < len(name):
        match = _STEP.match(name, position)
        step = _parse_step(match, is_first=not steps)
        if match is None or step is None:
            if not label:
                label, column = f"column {name!r}", name
            raise PathError(
                f"{label} is not a valid path (at {name[position:]!r}): "
                "join keys with '.', write list items as [0], "
                'and a key that contains . [ ] or " as ["..."]; '
                "or leave the column out of the request "
                f"with columns={{{column!r}: None}}"
            )

        steps.append(step)
        position = match.end()

    return tuple(steps)


def _parse_step(match: re.Match[str] | None, *, is_first: bool) -> str | int | None:
    """Return the key or list position of a match, or None if it is not valid."""
    if match is None:
        return None
    if match["index"] is not None:
        return int(match["index"])

    if match["quoted"] is not None:
        try:
            return str(json.loads(match["quoted"], strict=False))
        except ValueError:
            return None

    # A key after a step needs its dot; the first key must not have one.
    has_dot = match["dot"] is not None
    return match["key"] if has_dot is not is_first else None


@lru_cache(maxsize=65536)
def format(path: Path) -> str:
    """Write a path as a column's name, so that ``parse(format(path)) == path``.

    Examples
    --------
    >>> format(("objects", "order", "items", 0, "a.b"))
    'objects.order.items[0]["a.b"]'
    """
    name = ""
    for step in path:
        if isinstance(step, int):
            name += f"[{step}]"
        elif not step or _MUST_QUOTE.search(step):
            quoted = json.dumps(step, ensure_ascii=False)
            name += f"[{quoted}]"
        elif name:
            name += f".{step}"
        else:
            name = step
    return name


def first_key(name: str) -> str:
    """Return the first key of a column's name, whether or not the name is a valid path.

    Examples
    --------
    >>> first_key("objects.order.sku"), first_key("Ship Country")
    ('objects', 'Ship Country')
    """
    return _AFTER_FIRST_KEY.sub("", name, count=1)
