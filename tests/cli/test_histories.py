"""A command that is stopped by random signals, again and again, and then finishes."""

import random

from tests.conftest import orders
from tests.run.histories import KINDS, history


def test_whatever_stops_a_command_its_rows_have_true_statuses(tmp_path) -> None:
    """After each signal, the sandbox's log, the journal and the result file agree.

    The long version is a benchmark.
    """
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    counts = history(orders(90), 2 * len(KINDS), tmp_path, seed)
    assert sum(counts.results.values()) > 0
