"""The pace of one token, counted at the server, for flxframe and for other clients."""

from __future__ import annotations

import itertools
import time
from bisect import bisect_left
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from flxframe.sandbox import Arrival
from tests.benchmarks.peers import PEERS, install_newman, send_to_all
from tests.benchmarks.processes import LIMITS, Servers, Setting, in_fresh_process
from tests.benchmarks.report import markdown, percent, spread

ROWS = 30
LATENCIES = (0.05, 0.5, 1.0, 3.0, 5.0)
GRID = [
    Setting(limit, jitter, latency)
    for limit, jitter, latency in itertools.product(LIMITS, (0.0, 0.005, 0.02), LATENCIES)
]

_STRICT = [setting for setting in GRID if (setting.limit, setting.jitter) == ("sliding", 0.005)]

_STAGGER_SECONDS = 17.0
"""The time that all but the slow peers take, so that no two of them share the machine."""


@dataclass(frozen=True)
class Run:
    """The arrivals of a peer at one server.

    Parameters
    ----------
    setting : Setting
        The setting of the server.
    ratio : float
        From the first arrival to the last answer, over the ideal: (rows - 1) x 0.5 s and one
        answer's time.
    lost : int
        Rows that were not served.
    refused : int
        429s.
    arrivals : int
        All requests.
    peak : int
        Arrivals in the busiest second.
    """

    setting: Setting
    ratio: float
    lost: int
    refused: int
    arrivals: int
    peak: int


def count(setting: Setting, arrivals: Sequence[Arrival], rows: int) -> Run:
    """Count the arrivals."""
    served = [arrival.body["objects"]["order"]["number"] for arrival in arrivals if arrival.ran]
    if len(set(served)) < len(served):
        raise AssertionError("a row ran twice")

    times = [arrival.at for arrival in arrivals]
    duration = times[-1] - times[0] + setting.latency
    ideal = (rows - 1) * 0.5 + setting.latency
    statuses = [arrival.status for arrival in arrivals]
    return Run(
        setting,
        duration / ideal,
        rows - len(served),
        statuses.count(429),
        len(arrivals),
        max(bisect_left(times, at + 1.0) - number for number, at in enumerate(times)),
    )


def measure(peer: str) -> list[Run]:
    """Run a peer under all settings at once; newman, one process each, only under the strictest."""
    settings = _STRICT if peer.startswith("newman") else GRID
    with Servers(settings) as servers:
        in_fresh_process(send_to_all, peer, servers.urls, ROWS)
        pairs = zip(settings, servers.arrivals(), strict=True)
        return [count(setting, arrivals, ROWS) for setting, arrivals in pairs]


def run() -> str:
    """Measure all peers, and return the tables: each peer under all limits, and in full."""
    newman = install_newman()
    names = list(PEERS)
    if newman.startswith("left out"):
        names = [name for name in names if not name.startswith("newman")]

    with ThreadPoolExecutor(len(names)) as pool:
        futures = {}
        for name in names:
            futures[name] = pool.submit(measure, name)
            time.sleep(_STAGGER_SECONDS)

        runs = {name: future.result() for name, future in futures.items()}

    names.sort(key=lambda name: name != "flxframe")
    latencies = [f"{latency:g} s" for latency in LATENCIES]

    full_head = ["limit", "jitter", "who", *latencies, "rows lost", "429s"]
    full_rows = []
    for name in names:
        full_rows += _full_rows(name, runs[name])

    head = ["who", *latencies, "rows lost", "429s", "most in 1 s"]
    rows = [_row(name, runs[name]) for name in names]
    return "\n\n".join([markdown(full_head, full_rows), f"newman: {newman}.", markdown(head, rows)])


def _row(name: str, runs: list[Run]) -> list[str]:
    """Return the row of a peer: for each latency the ratios under all limits, and the sums."""
    cells = []
    for latency in LATENCIES:
        ratios = [run.ratio for run in runs if run.setting.latency == latency]
        cells.append(spread(ratios))

    lost = sum(run.lost for run in runs)
    peak = max(run.peak for run in runs)
    return [name, *cells, f"{lost} of {ROWS * len(runs):,}", _refused(runs), str(peak)]


def _full_rows(name: str, runs: list[Run]) -> list[list[str]]:
    rows = []
    by_limit = itertools.groupby(runs, lambda run: (run.setting.limit, run.setting.jitter))
    for (limit, jitter), group in by_limit:
        selection = list(group)
        ratios = [f"{run.ratio:.3f}" for run in selection]
        lost = str(sum(run.lost for run in selection))
        refused = _refused(selection)
        rows.append([str(limit), f"{1000 * jitter:g} ms", name, *ratios, lost, refused])

    return rows


def _refused(runs: list[Run]) -> str:
    refused = sum(run.refused for run in runs)
    return percent(refused / sum(run.arrivals for run in runs))
