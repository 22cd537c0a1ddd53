"""Make the tables of the README: ``python -m tests.benchmarks [--only NAME]``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.benchmarks import cost, crash, files, hostile, journal, memory, pace, sharing, start
from tests.benchmarks.report import Line, machine, markdown


def _table(name: str, lines: list[Line]) -> str:
    head = ["measurement", "flxframe", "reference", "goal", "made by"]
    rows = [
        [line.label, line.figure, line.reference, line.goal, f"`--only {name}`"] for line in lines
    ]
    return markdown(head, rows)


PARTS: dict[str, Callable[[], str]] = {
    "pace": pace.run,
    "sharing": lambda: _table("sharing", sharing.few_tokens()),
    "tokens": lambda: _table("tokens", sharing.many_tokens()),
    "cost": lambda: _table("cost", cost.run()),
    "files": lambda: _table("files", files.run()),
    "journal": lambda: _table("journal", journal.run()),
    "crash": lambda: _table("crash", crash.run()),
    "signals": lambda: _table("signals", crash.signals()),
    "faults": lambda: _table("faults", crash.faults()),
    "memory": lambda: _table("memory", memory.run()),
    "hostile": lambda: _table("hostile", hostile.run()),
    "start": lambda: _table("start", start.run()),
}

PHASES = [
    ("pace", "sharing"),
    ("tokens",),
    ("cost",),
    ("files",),
    ("journal",),
    ("crash", "faults"),
    ("memory",),
    ("hostile",),
    ("signals",),
    ("start",),
]
"""The parts that are measured at once: they hardly use the machine, or count rows, not seconds."""


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", choices=PARTS, help="measure this part alone")
    only = parser.parse_args().only
    phases = [(only,)] if only else PHASES

    durations = []
    for phase in phases:
        start = time.monotonic()
        with ThreadPoolExecutor() as pool:
            for text in pool.map(lambda name: PARTS[name](), phase):
                print(text, end="\n\n", flush=True)

        seconds = time.monotonic() - start
        durations.append(f"{' and '.join(phase)} {seconds:.0f} s")

    print(f"{machine()} It took: {', '.join(durations)}.")


if __name__ == "__main__":
    main()
