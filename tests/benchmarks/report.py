"""The output of the benchmarks: Markdown tables, and the machine they were made on."""

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
    "python-calamine",
    "xlsxwriter",
    "geopy",
    "requests-ratelimiter",
    "aiohttp",
)


@dataclass(frozen=True)
class Line:
    """A line of the table.

    Parameters
    ----------
    label : str
        The measurement, and its unit.
    figure, reference : str
        The figures of flxframe, and of the tool that it is compared with.
    goal : str
        The goal for flxframe's figure.
    """

    label: str
    figure: str
    reference: str = ""
    goal: str = ""


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = []
    for row in (head, ["---"] * len(head), *rows):
        cells = [cell.replace("|", "/") for cell in row]
        lines.append(f"| {' | '.join(cells)} |")

    return "\n".join(lines)


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """Return the median of several runs, and in brackets their minimum and maximum.

    Examples
    --------
    >>> spread([1.0, 1.1, 1.3]), spread([1.001, 1.002])
    ('1.10 (1.00 to 1.30)', '1.00')
    """
    median = format(statistics.median(values), form)
    minimum = format(min(values), form)
    maximum = format(max(values), form)
    return median if minimum == maximum else f"{median} ({minimum} to {maximum})"


def percent(share: float) -> str:
    """Return a share as text.

    Examples
    --------
    >>> percent(0.0), percent(0.0123)
    ('0 %', '1.2 %')
    """
    digits = 1 if 0 < share < 0.1 else 0
    return f"{100 * share:.{digits}f} %"


def machine() -> str:
    """Describe the machine and the versions that the figures were made with."""
    today = dt.date.today().isoformat()
    system = f"{platform.system()} {platform.release().partition('-')[0]}"
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"Made on {today}, on {os.cpu_count()} cores ({_processor()}), {system}, "
        f"Python {platform.python_version()}, {libraries}."
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(": ")[2]

    return platform.processor() or platform.machine()
