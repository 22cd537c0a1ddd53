"""Make the tables of the README: ``python -m tests.benchmarks [--only NAME]``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.benchmarks import cost, crash, files, journal, pace, sharing, start
from tests.benchmarks.report import Line, machine, markdown


def _table(name: str, lines: list[Line]) -> str:
    rows = [[line.what, line.ours, line.beside, line.goal, f"`--only {name}`"] for line in lines]
    return markdown(["what", "flxframe", "beside it", "goal", "made by"], rows)


PARTS: dict[str, Callable[[], str]] = {
    "pace": pace.run,
    "sharing": lambda: _table("sharing", sharing.lasting()),
    "tokens": lambda: _table("tokens", sharing.many_tokens()),
    "cost": lambda: _table("cost", cost.run()),
    "files": lambda: _table("files", files.run()),
    "journal": lambda: _table("journal", journal.run()),
    "crash": lambda: _table("crash", crash.run()),
    "faults": lambda: _table("faults", crash.faults()),
    "start": lambda: _table("start", start.run()),
}
PHASES = [
    ("pace", "sharing"),
    ("tokens",),
    ("cost",),
    ("files",),
    ("journal",),
    ("crash", "faults"),
    ("start",),
]
"""What is measured at once: what hardly uses the machine, or counts rows and not seconds."""


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", choices=PARTS, help="measure this part alone")
    only = parser.parse_args().only
    took = []
    for phase in [(only,)] if only else PHASES:
        start = time.monotonic()
        with ThreadPoolExecutor() as pool:
            for text in pool.map(lambda name: PARTS[name](), phase):
                print(text, end="\n\n", flush=True)
        took.append(f"{' and '.join(phase)} {time.monotonic() - start:.0f} s")
    print(f"{machine()} It took: {', '.join(took)}.")


if __name__ == "__main__":
    main()
