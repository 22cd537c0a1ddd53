"""Parse numbers and booleans, by one strict rule for cells, files and arguments. Pure.

========  ==================================================================
text      is
========  ==================================================================
integer   an optional sign and at most 100 digits: ``12``, ``-7``, ``+012``
number    an integer, or one with a fraction or an exponent: ``2.5``, ``1e3``
boolean   true, yes, 1, false, no or 0, in any case
========  ==================================================================

Only ASCII digits count; ``1_000``, ``nan`` and ``inf`` are not numbers. Spaces around the text are
ignored.
"""

from __future__ import annotations

import math
import re

_INTEGER = re.compile(r"[+-]?[0-9]{1,100}")
_NUMBER = re.compile(
    r"""
    [+-]?
    ( [0-9]{1,100} ( \. [0-9]{0,100} )? | \. [0-9]{1,100} )
    ( [eE] [+-]? [0-9]{1,4} )?
    """,
    re.VERBOSE,
)
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def parse_integer(text: str) -> int | None:
    """Parse an integer; return None if the text is not one.

    Examples
    --------
    >>> parse_integer(" 12 "), parse_integer("12.0"), parse_integer("1_000")
    (12, None, None)
    """
    text = text.strip()
    return int(text) if _INTEGER.fullmatch(text) else None


def parse_number(text: str) -> int | float | None:
    """Parse a number; return None if the text is not one.

    Examples
    --------
    >>> parse_number("12"), parse_number("2.50"), parse_number("nan"), parse_number("1e999")
    (12, 2.5, None, None)
    """
    integer = parse_integer(text)
    if integer is not None:
        return integer

    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None

    number = float(text)
    return number if math.isfinite(number) else None


def parse_boolean(text: str) -> bool | None:
    """Parse a boolean; return None if the text is not one.

    Examples
    --------
    >>> parse_boolean("Yes"), parse_boolean("0"), parse_boolean("maybe")
    (True, False, None)
    """
    return _BOOLEANS.get(text.strip().lower())
