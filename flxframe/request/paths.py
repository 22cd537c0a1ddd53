"""Column names and paths. Pure: no network, no clock, no disk.

A path is where a value lives in the JSON body, as a tuple of keys and list positions::

    objects.order.items[0].sku             ("objects", "order", "items", 0, "sku")
    objects.order["note.to.buyer"]         ("objects", "order", "note.to.buyer")
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TypeAlias

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


_MUST_QUOTE = re.compile(r'[.\[\]"]')


def parse(name: str) -> Path:
    """Read a column's name as a path.

    Parameters
    ----------
    name : str
        Keys joined by ``.``, list items as ``[n]``, awkward keys as ``["..."]``.

    Raises
    ------
    PathError
        If the name isn't a path; the message says where it stops being one.

    Examples
    --------
    >>> parse('objects.order.items[0]["a.b"]')
    ('objects', 'order', 'items', 0, 'a.b')
    """
    steps: list[str | int] = []
    position = 0
    while position < len(name):
        match = _STEP.match(name, position)
        # A key after a step needs its dot; a first key must not have one.
        if match is None or (match["key"] is not None and bool(match["dot"]) != bool(steps)):
            raise _no_path(name, position)
        if match["index"] is not None:
            steps.append(int(match["index"]))
        elif match["quoted"] is not None:
            try:
                steps.append(json.loads(match["quoted"], strict=False))
            except ValueError:
                raise _no_path(name, position) from None
        else:
            steps.append(match["key"])
        position = match.end()
    return tuple(steps)


def _no_path(name: str, position: int) -> PathError:
    return PathError(
        f"column {name!r} is no path: it can't be read from {name[position:]!r} on. Join keys with '.', write list "
        'items as [0], and a key that holds . [ ] or " as ["..."]; '
        f"or leave the column out of the request with columns={{{name!r}: None}}"
    )


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
            name += f"[{json.dumps(step, ensure_ascii=False)}]"
        else:
            name += f".{step}" if name else step
    return name
