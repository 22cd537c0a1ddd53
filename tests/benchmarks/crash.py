"""The long crash test, histories and storm: ``python -m tests.benchmarks.crash --kills 500``."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.benchmarks.report import Line
from tests.conftest import orders
from tests.run.faults import KINDS, crash, orders_some_invalid, storm, untrue
from tests.run.histories import history

KILLS = 500
SIGNALS = 500
STORM_ROWS = 20_000

_ROWS_PER_KILL = 8
"""More than a run sends before it is killed, so that rows remain for the last run."""


def run(kills: int = KILLS) -> list[Line]:
    """Kill a run `kills` times, and count.

    Raises
    ------
    AssertionError
        If a row is lost, ran twice, or has an untrue status.
    """
    rows = kills * _ROWS_PER_KILL
    with tempfile.TemporaryDirectory() as folder:
        interrupted, result = crash(orders(rows), kills, Path(folder, "crash.journal.db"))

    lost = ~result["run.status"].isin(["ok", "unknown"])
    wrong = len(untrue(result))
    if lost.any() or wrong:
        raise AssertionError(f"{lost.sum()} rows are lost, {wrong} have an untrue status")

    runs = result["runs"][result["run.status"] == "unknown"]
    label = (
        f"kill -9, {kills} times in {rows:,} rows ({interrupted:,} had run by then), and resume: "
        "rows lost; run twice; unknown"
    )
    figure = f"0; 0; {len(runs):,} ({runs.sum():,} of them had run, once)"
    return [Line(label, figure, goal="0; 0")]


def faults() -> list[Line]:
    """Send rows into a storm of faults, and count the statuses that the sandbox's log contradicts.

    Raises
    ------
    AssertionError
        If there is one, or if a row was sent more often than it says.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = storm(orders_some_invalid(STORM_ROWS), Path(folder, "storm.journal.db"))

    wrong = len(untrue(result))
    if wrong or (result["arrivals"] != result["run.attempts"]).any():
        raise AssertionError(
            f"{wrong} rows have an untrue status, or rows were sent more often than they say"
        )

    label = (
        f"{STORM_ROWS:,} rows, 3 in 10 requests met by one of {KINDS} kinds of faults: "
        "rows with an untrue status"
    )
    return [Line(label, "0", goal="0")]


def signals(count: int = SIGNALS, seed: int = 1) -> list[Line]:
    """Stop a command by `count` random signals, resume it each time, and compare what is left.

    Raises
    ------
    AssertionError
        If the sandbox's log, the journal and a result file disagree, or a row ran twice.
    """
    rows = count * _ROWS_PER_KILL
    with tempfile.TemporaryDirectory() as folder:
        counts = history(orders(rows), count, Path(folder), seed)

    label = (
        f"INT, TERM, HUP, KILL and a held Ctrl-C, {count} times in {rows:,} rows, and resume "
        f"({counts.results.total():,} results written): rows lost; run twice; unknown"
    )
    figure = f"0; 0; {counts.unknown:,} ({counts.runs:,} of them had run, once)"
    return [Line(label, figure, goal="0; 0")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    for line in run(parser.parse_args().kills):
        print(f"{line.label}: {line.figure}")
