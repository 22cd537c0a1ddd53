"""The long form of the crash test and of the storm of faults: ``python -m tests.benchmarks.crash --kills 500``."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.benchmarks.report import Line
from tests.crashes import crash
from tests.storms import KINDS, TRUE_RUNS, storm, table

KILLS = 500
STORM = 20_000
_ROWS_FOR_A_KILL = 8  # more than a run sends before it is killed, so that there are rows left for the last


def run(kills: int = KILLS) -> list[Line]:
    """Kill so often, and count.

    Raises
    ------
    AssertionError
        If a row is lost, or ran twice, or its status is not true.
    """
    rows = kills * _ROWS_FOR_A_KILL
    with tempfile.TemporaryDirectory() as folder:
        crashes = crash(rows, kills, Path(folder, "crash.journal.db"))
    if broken := crashes.broken():
        raise AssertionError("; ".join(broken))
    unknown = [number for number, status in crashes.status.items() if status == "unknown"]
    ran = sum(crashes.runs[number] for number in unknown)
    what = f"kill -9, {kills} times in {rows:,} rows ({crashes.interrupted:,} had run by then), and resume"
    what = f"{what}: rows lost; run twice; unknown"
    return [Line(what, f"0; 0; {len(unknown):,} ({ran:,} of them had run, once)", goal="0; 0")]


def faults() -> list[Line]:
    """Send rows into a storm of faults, and count the rows whose status is not what the sandbox knows.

    Raises
    ------
    AssertionError
        If there is one.
    """
    data = table(STORM)
    with tempfile.TemporaryDirectory() as folder:
        result = storm(data, Path(folder, "storm.journal.db"))
    untrue = [ran not in TRUE_RUNS[status] for ran, status in zip(result["runs"], result["run.status"], strict=True)]
    if any(untrue) or (result["arrivals"] != result["run.attempts"]).any():
        raise AssertionError(f"{sum(untrue)} rows are not what they are said to be")
    what = f"{STORM:,} rows, 3 in 10 requests met by one of {KINDS} kinds of faults: rows with an untrue status"
    return [Line(what, "0", goal="0")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    for line in run(parser.parse_args().kills):
        print(f"{line.what}: {line.ours}")
