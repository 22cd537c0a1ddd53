"""The pace of one token, counted at the server, beside what people use today."""

from __future__ import annotations

import itertools
import time
from bisect import bisect_left
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from flxframe.sandbox.app import Arrival
from tests.benchmarks.peers import PEERS, install_newman, send_to_all
from tests.benchmarks.processes import LIMITS, Servers, Setting, apart
from tests.benchmarks.report import markdown, percent, spread

ROWS = 30
LATENCIES = (0.05, 0.5, 1.0, 3.0, 5.0)
GRID = [
    Setting(limit, jitter, latency)
    for limit, jitter, latency in itertools.product(LIMITS, (0.0, 0.005, 0.02), LATENCIES)
]
_STRICT = [setting for setting in GRID if (setting.limit, setting.jitter) == ("sliding", 0.005)]
_APART = 17.0  # what all but the slow ones take, so that no two of them share the machine


@dataclass(frozen=True)
class Run:
    """What arrived of a peer at one server.

    Parameters
    ----------
    setting : Setting
        Of the server.
    ratio : float
        From the first arrival to the last answer, over the ideal: (rows - 1) x 0.5 s and one answer's time.
    lost : int
        Rows that were not served.
    refused : int
        429s.
    arrivals : int
        All requests.
    most : int
        Arrivals in any one second.
    """

    setting: Setting
    ratio: float
    lost: int
    refused: int
    arrivals: int
    most: int


def count(setting: Setting, arrivals: Sequence[Arrival], rows: int) -> Run:
    """Count what arrived."""
    times = [arrival.at for arrival in arrivals]
    served = [arrival.body["objects"]["order"]["number"] for arrival in arrivals if arrival.ran]
    if len(set(served)) < len(served):
        raise AssertionError("a row ran twice")
    return Run(
        setting,
        (times[-1] - times[0] + setting.latency) / ((rows - 1) * 0.5 + setting.latency),
        rows - len(served),
        sum(arrival.status == 429 for arrival in arrivals),
        len(arrivals),
        max(bisect_left(times, at + 1.0) - place for place, at in enumerate(times)),
    )


def measure(peer: str) -> list[Run]:
    """Let a peer run under all settings at once; newman, a process for each, under the strictest alone."""
    settings = _STRICT if peer.startswith("newman") else GRID
    with Servers(settings) as servers:
        apart(send_to_all, peer, servers.urls, ROWS)
        return [
            count(setting, found, ROWS)
            for setting, found in zip(settings, servers.arrivals(), strict=True)
        ]


def run() -> str:
    """Measure all peers, and return the tables: each peer under all limits, and in full."""
    newman = install_newman()
    names = [
        name for name in PEERS if not (name.startswith("newman") and newman.startswith("left out"))
    ]
    with ThreadPoolExecutor(len(names)) as pool:
        under_way = {}
        for name in names:
            under_way[name] = pool.submit(measure, name)
            time.sleep(_APART)
        runs = {name: future.result() for name, future in under_way.items()}
    names.sort(key=lambda name: name != "flxframe")
    full = [line for name in names for line in _full(name, runs[name])]
    return "\n\n".join(
        [
            markdown(["limit", "jitter", "who", *_heads(), "rows lost", "429s"], full),
            f"newman: {newman}.",
            markdown(
                ["who", *_heads(), "rows lost", "429s", "most in 1 s"],
                [_line(name, runs[name]) for name in names],
            ),
        ]
    )


def _heads() -> list[str]:
    return [f"{latency:g} s" for latency in LATENCIES]


def _line(name: str, runs: list[Run]) -> list[str]:
    """Return the line of a peer: at each answer time the ratios under all limits, and the sums."""
    cells = [
        spread([run.ratio for run in runs if run.setting.latency == latency])
        for latency in LATENCIES
    ]
    lost = sum(run.lost for run in runs)
    return [
        name,
        *cells,
        f"{lost} of {ROWS * len(runs):,}",
        _refused(runs),
        str(max(run.most for run in runs)),
    ]


def _full(name: str, runs: list[Run]) -> list[list[str]]:
    lines = []
    for (limit, jitter), group in itertools.groupby(
        runs, lambda run: (run.setting.limit, run.setting.jitter)
    ):
        some = list(group)
        ratios = [f"{run.ratio:.3f}" for run in some]
        lines.append(
            [
                str(limit),
                f"{1000 * jitter:g} ms",
                name,
                *ratios,
                str(sum(run.lost for run in some)),
                _refused(some),
            ]
        )
    return lines


def _refused(runs: list[Run]) -> str:
    return percent(sum(run.refused for run in runs) / sum(run.arrivals for run in runs))
