"""How long ``import flxframe`` takes, beside the import of what it needs at least."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

from tests.benchmarks.report import Line, spread

RUNS = 9


def run() -> list[Line]:
    """Import both, turn by turn, each time in a fresh process and from compiled files."""
    with tempfile.TemporaryDirectory() as compiled:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)

        def seconds(code: str) -> float:
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], env=environment, check=True)
            return time.perf_counter() - start

        ours, theirs = "import flxframe", "import pandas, requests"
        seconds(ours), seconds(theirs)
        ratios = [seconds(ours) / seconds(theirs) for _ in range(RUNS)]
    return [Line(f"`{ours}` / `{theirs}`: time", spread(ratios), goal="<= 1.3")]
