"""What the benchmarks print: Markdown tables, and what they were made on."""

from __future__ import annotations

import datetime as dt
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

LIBRARIES = (
    "pandas",
    "numpy",
    "requests",
    "ratelimit",
    "openpyxl",
    "geopy",
    "requests-ratelimiter",
    "aiohttp",
)


@dataclass(frozen=True)
class Line:
    """A line of the table.

    Parameters
    ----------
    what : str
        What was measured, and its unit.
    ours, beside : str
        The figures of flxframe, and of what people use today.
    goal : str
        What the figure of ours should be.
    """

    what: str
    ours: str
    beside: str = ""
    goal: str = ""


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """Write the median of several runs, and in brackets the least and the most of them.

    Examples
    --------
    >>> spread([1.0, 1.1, 1.3]), spread([1.001, 1.002])
    ('1.10 (1.00 to 1.30)', '1.00')
    """
    middle, least, most = (
        format(value, form) for value in (statistics.median(values), min(values), max(values))
    )
    return middle if least == most else f"{middle} ({least} to {most})"


def percent(share: float) -> str:
    """Write a share.

    Examples
    --------
    >>> percent(0.0), percent(0.0123)
    ('0 %', '1.2 %')
    """
    digits = 1 if 0 < share < 0.1 else 0
    return f"{100 * share:.{digits}f} %"


def machine() -> str:
    """Say what the figures were made on."""
    model = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        models = [
            line.partition(": ")[2]
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        model = models[0] if models else model
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"Made on {dt.date.today().isoformat()}, on {os.cpu_count()} cores ({model}), {platform.system()} "
        f"{platform.release().partition('-')[0]}, Python {platform.python_version()}, {libraries}."
    )
