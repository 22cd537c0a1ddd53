"""The long form of the crash test and of the storm of faults: ``python -m tests.benchmarks.crash --kills 500``."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.benchmarks.report import Line
from tests.conftest import orders
from tests.run.faults import KINDS, crash, orders_some_invalid, storm, untrue

KILLS = 500
STORM = 20_000
_ROWS_FOR_A_KILL = (
    8  # more than a run sends before it is killed, so that there are rows left for the last
)


def run(kills: int = KILLS) -> list[Line]:
    """Kill so often, and count.

    Raises
    ------
    AssertionError
        If a row is lost, or ran twice, or its status is not true.
    """
    rows = kills * _ROWS_FOR_A_KILL
    with tempfile.TemporaryDirectory() as folder:
        interrupted, result = crash(orders(rows), kills, Path(folder, "crash.journal.db"))
    lost = ~result["run.status"].isin(["ok", "unknown"])
    if lost.any() or len(untrue(result)):
        raise AssertionError(
            f"{lost.sum()} rows are lost, {len(untrue(result))} are not what they are said to be"
        )
    runs = result["runs"][result["run.status"] == "unknown"]
    what = (
        f"kill -9, {kills} times in {rows:,} rows ({interrupted:,} had run by then), and resume: "
        "rows lost; run twice; unknown"
    )
    return [Line(what, f"0; 0; {len(runs):,} ({runs.sum():,} of them had run, once)", goal="0; 0")]


def faults() -> list[Line]:
    """Send rows into a storm of faults, and count the rows whose status is not what the sandbox knows.

    Raises
    ------
    AssertionError
        If there is one.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = storm(orders_some_invalid(STORM), Path(folder, "storm.journal.db"))
    if len(untrue(result)) or (result["arrivals"] != result["run.attempts"]).any():
        raise AssertionError(
            f"{len(untrue(result))} rows are not what they are said to be, or were sent more often"
        )
    what = f"{STORM:,} rows, 3 in 10 requests met by one of {KINDS} kinds of faults: rows with an untrue status"
    return [Line(what, "0", goal="0")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    for line in run(parser.parse_args().kills):
        print(f"{line.what}: {line.ours}")
