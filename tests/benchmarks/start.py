"""The time of ``import flxframe``, next to the import of the libraries that it needs at least."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

from tests.benchmarks.report import Line, spread

RUNS = 9

_OWN = "import flxframe"
_REFERENCE = "import pandas, requests"


def run() -> list[Line]:
    """Import both, in turns, each time in a fresh process and from compiled files."""
    with tempfile.TemporaryDirectory() as compiled:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)

        def seconds(code: str) -> float:
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], env=environment, check=True)
            return time.perf_counter() - start

        # Once for the compiled files.
        seconds(_OWN)
        seconds(_REFERENCE)
        ratios = [seconds(_OWN) / seconds(_REFERENCE) for _ in range(RUNS)]

    return [Line(f"`{_OWN}` / `{_REFERENCE}`: time", spread(ratios), goal="<= 1.3")]
