"""Runs of minutes, counted at the server: one token alone, two processes on one, many tokens."""

from __future__ import annotations

import itertools
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pandas as pd

import flxframe
from flxframe.sandbox import Arrival
from tests.benchmarks.orders import TOKEN, table
from tests.benchmarks.processes import LIMITS, Servers, Setting, in_fresh_process
from tests.benchmarks.report import Line, percent, spread

LIMIT = 2.0
"""The API's limit: requests a second, for each token."""

ALONE = [Setting(limit, jitter) for limit, jitter in itertools.product(LIMITS, (0.005, 0.02))]
SETTLING_SECONDS = 60.0
"""The time until the spacing has found its width."""

MINUTES = 3.5

PAIRS = [Setting("sliding", 0.005)] * 3
MINUTES_TOGETHER = 2.25
"""The time that both processes send; then one of them continues."""

MINUTES_AFTER = 1.75

_SECOND_START = 1_000_000
"""The first row of the second process."""


def send(url: str, first: int, minutes: float) -> float:
    """Send rows with one token for `minutes`; return the CPU seconds of a row."""
    start = time.process_time()
    result = _run(table(3000, first), base_url=url, token=TOKEN, max_minutes=minutes)
    sent = int((result["run.attempts"] > 0).sum())
    return (time.process_time() - start) / max(1, sent)


def send_with_tokens(url: str, tokens: int, minutes: float) -> None:
    """Send rows with many tokens for `minutes`."""
    rows = int(tokens * minutes * 60 * LIMIT) + tokens
    shops = [f"Shop {number % tokens}" for number in range(rows)]
    names = {f"Shop {number}": f"token-{number}" for number in range(tokens)}
    _run(
        table(rows).assign(Shop=shops),
        base_url=url,
        token=names,
        token_column="Shop",
        max_minutes=minutes,
    )


def _run(data: pd.DataFrame, **settings: object) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", flxframe.StoppedWarning)  # the minutes are over
        return flxframe.run_workflows(data, progress=False, **settings)


def few_tokens() -> list[Line]:
    """Measure all at once: it takes minutes and hardly uses the machine."""
    with ThreadPoolExecutor() as pool:
        parts: list[Future[list[Line]]] = [
            pool.submit(part) for part in (_alone, _pairs, _one_and_ten_tokens)
        ]
        return [line for part in parts for line in part.result()]


def many_tokens() -> list[Line]:
    """Measure 100 tokens, which takes the whole machine."""
    return [_tokens(100, repeats=2)]


def _alone() -> list[Line]:
    with Servers(ALONE) as servers, ThreadPoolExecutor() as pool:
        costs = list(pool.map(lambda url: in_fresh_process(send, url, 0, MINUTES), servers.urls))
        logs = servers.arrivals()

    lines = []
    for limit in LIMITS:
        cells = []
        for setting, arrivals in zip(ALONE, logs, strict=True):
            if setting.limit == limit:
                start = arrivals[0].at
                rates = _rates(arrivals, start + SETTLING_SECONDS, start + 60 * MINUTES)
                cells.append(f"{rates.share:.3f}, {percent(rates.refused)}")

        label = (
            f"one token alone, {limit}: share of the limit, and 429s, at jitter of 5 ms; of 20 ms"
        )
        lines.append(Line(label, "; ".join(cells), goal="429s < 1 % at 5 ms"))

    cpu = spread([1000 * cost for cost in costs])
    return [*lines, Line("seconds of CPU for 1,000 rows at 2 a second", cpu)]


def _pairs() -> list[Line]:
    sends = []
    with Servers(PAIRS) as servers, ThreadPoolExecutor() as pool:
        for url in servers.urls:
            sends.append((url, 0, MINUTES_TOGETHER))
            sends.append((url, _SECOND_START, MINUTES_TOGETHER + MINUTES_AFTER))

        list(pool.map(lambda arguments: in_fresh_process(send, *arguments), sends))
        logs = servers.arrivals()

    together, shares_after = [], []
    for arrivals in logs:
        first = [arrival.at for arrival in arrivals if not _is_second(arrival)]
        second = [arrival.at for arrival in arrivals if _is_second(arrival)]
        start, end = max(min(first), min(second)), max(first)
        together.append(_rates(arrivals, start, end))

        after = _rates(arrivals, end + 60.0, end + 60.0 * (MINUTES_AFTER - 0.1))
        shares_after.append(after.share)

    share = spread([rates.share for rates in together])
    refused = spread([100 * rates.refused for rates in together], ".1f")
    return [
        Line(
            "two processes on one token, sliding, 5 ms: share of the limit", share, goal=">= 0.85"
        ),
        Line("two processes on one token: 429s", f"{refused} %", goal="< 10 %"),
        Line(
            "and a minute after one of them ended: share of the limit",
            spread(shares_after),
            goal=">= 0.95",
        ),
    ]


def _is_second(arrival: Arrival) -> bool:
    return int(arrival.body["objects"]["order"]["number"]) >= _SECOND_START


def _one_and_ten_tokens() -> list[Line]:
    return [_tokens(tokens, repeats=3) for tokens in (1, 10)]


def _tokens(tokens: int, repeats: int) -> Line:
    shares, refused = [], []
    for _ in range(repeats):
        with Servers([Setting("sliding", tokens=tokens)]) as servers:
            in_fresh_process(send_with_tokens, servers.urls[0], tokens, 0.5)
            (arrivals,) = servers.arrivals()

        rates = _rates(arrivals, arrivals[0].at, arrivals[0].at + 30.0)
        shares.append(rates.share / tokens)
        refused.append(100 * rates.refused)

    label = f"{tokens} token{'s' * (tokens > 1)} in one run, 30 s: share of the limit; 429s"
    goal = ">= 0.95" if tokens == 100 else ""
    return Line(label, f"{spread(shares)}; {spread(refused, '.1f')} %", goal=goal)


@dataclass(frozen=True)
class _Rates:
    """The share of one token's limit that was served, and the share of the 429s."""

    share: float
    refused: float


def _rates(arrivals: Sequence[Arrival], start: float, end: float) -> _Rates:
    """Return the rates from `start` until before `end`."""
    statuses = [arrival.status for arrival in arrivals if start <= arrival.at < end]
    share = statuses.count(200) / (LIMIT * (end - start))
    return _Rates(share, statuses.count(429) / len(statuses))
