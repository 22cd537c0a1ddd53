"""Random histories, judged by the sandbox's log: ``python -m tests.benchmarks.memory --seed 5``."""

from __future__ import annotations

import argparse

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import get_state_machine_test

from tests.benchmarks.report import Line
from tests.memory.machine import Histories

STEPS = 10_000
SEED = 17

_STEPS_PER_HISTORY = 30
_HISTORIES = 60
"""Histories that are made at a time, until there are enough steps."""


def run(steps: int = STEPS, first_seed: int = SEED) -> list[Line]:
    """Make at least this many steps of random histories.

    Raises
    ------
    AssertionError
        If a row ran twice, was called ok and did not run, was left, or was asked about in vain.
    """
    Histories.steps = 0
    histories = settings(
        max_examples=_HISTORIES,
        stateful_step_count=_STEPS_PER_HISTORY,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    number = first_seed
    while Histories.steps < steps:
        seed(number)(get_state_machine_test(Histories, settings=histories))()
        number += 1

    label = (
        f"{Histories.steps:,} steps of random histories (seeds {first_seed} to {number - 1}), with "
        f"{Histories.counts['question']:,} questions, {Histories.counts['kill']:,} kills: rows "
        "that ran twice, or are ok and did not run, or were left, or were asked about in vain"
    )
    return [Line(label, "0", goal="0")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.memory", description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    for line in run(arguments.steps, arguments.seed):
        print(f"{line.label}: {line.figure}")
