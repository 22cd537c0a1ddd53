"""The long fuzz test: ``python -m tests.benchmarks --only hostile``."""

from __future__ import annotations

import time

from tests.benchmarks.report import Line
from tests.run.hostile import KINDS, faulty, run_hostile

ROWS = 100_000
ROWS_PER_RUN = 10_000


def run(rows: int = ROWS) -> list[Line]:
    """Send rows to a server of random, hostile answers, and count what its log contradicts.

    Raises
    ------
    AssertionError
        If a status is untrue, or a row got the answer to another one; the message has the seed.
    """
    first_seed = time.time_ns() % 1_000_000
    for seed in range(first_seed, first_seed + rows // ROWS_PER_RUN):
        faults = faulty(run_hostile(ROWS_PER_RUN, seed))
        if not faults.empty:
            raise AssertionError(f"seed {seed}: {faults.to_string()}")

    label = (
        f"{rows:,} rows, answered by bytes of {len(set(KINDS)) + 1} hostile kinds (seeds from "
        f"{first_seed}): rows with an untrue status; rows with the answer to another"
    )
    return [Line(label, "0; 0", goal="0; 0")]
