"""Short texts for a person: cut, on one line, a length of time. Pure."""

from __future__ import annotations

from flxframe.dtypes import kind_of


def duration(seconds: float) -> str:
    """Write a length of time for a person.

    Examples
    --------
    >>> duration(7), duration(125), duration(50000)
    ('7 s', '2 min 5 s', '13 h 53 min')
    """
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


_WIDEST = 300
"""A sentence of ours, or of a server, is whole in it."""


def cut(value: object, widest: int = _WIDEST) -> str:
    """Write a value as a text of so many letters; a missing one is blank."""
    text = "" if kind_of(value) == "missing" else str(value)
    return text if len(text) <= widest else f"{text[: widest - 1]}…"


def one_line(value: object) -> str:
    """Write anything as one line of printable text: what a server answers could also steer the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in str(value))
