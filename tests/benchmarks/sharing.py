"""Runs that last: one token alone, two processes that share a token, and many tokens at once, counted at the server."""

from __future__ import annotations

import itertools
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pandas as pd

import flxframe
from flxframe.sandbox.app import Arrival
from tests.benchmarks.orders import TOKEN, table
from tests.benchmarks.processes import LIMITS, Servers, Setting, apart
from tests.benchmarks.report import Line, percent, spread

LIMIT = 2.0  # of the API, for each token, a second
ALONE = [Setting(limit, jitter) for limit, jitter in itertools.product(LIMITS, (0.005, 0.02))]
SETTLED = 60.0  # seconds until a spacing has found its width
MINUTES = 3.5
PAIRS = [Setting("sliding", 0.005)] * 3
TOGETHER = 2.25  # minutes that both send; one of them goes on
AFTER = 1.75
_SOME = 1_000_000  # rows of the second process begin here


def send(url: str, first: int, minutes: float) -> float:
    """Send rows with one token for so long; return the seconds of this process's time that a row cost."""
    start = time.process_time()
    result = _run(table(3000, first), base_url=url, token=TOKEN, max_minutes=minutes)
    return (time.process_time() - start) / max(1, int((result["run.attempts"] > 0).sum()))


def send_with_tokens(url: str, tokens: int, minutes: float) -> None:
    """Send rows with many tokens for so long."""
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


def lasting() -> list[Line]:
    """Measure what takes minutes and hardly any of the machine: alone, two together, and few tokens, all at once."""
    with ThreadPoolExecutor() as pool:
        parts: list[Future[list[Line]]] = [
            pool.submit(part) for part in (_alone, _pairs, _few_tokens)
        ]
        return [line for part in parts for line in part.result()]


def _alone() -> list[Line]:
    with Servers(ALONE) as servers, ThreadPoolExecutor() as pool:
        costs = list(pool.map(lambda url: apart(send, url, 0, MINUTES), servers.urls))
        found = servers.arrivals()
    lines = []
    for limit in LIMITS:
        cells = []
        for setting, arrivals in zip(ALONE, found, strict=True):
            if setting.limit == limit:
                since = arrivals[0].at + SETTLED
                share, refused = _share(arrivals, since, arrivals[0].at + 60 * MINUTES)
                cells.append(f"{share:.3f}, {percent(refused)}")
        what = (
            f"one token alone, {limit}: share of the limit, and 429s, at jitter of 5 ms; of 20 ms"
        )
        lines.append(Line(what, "; ".join(cells), goal="429s < 1 % at 5 ms"))
    return [
        *lines,
        Line(
            "seconds of CPU for 1,000 rows at 2 a second", spread([1000 * cost for cost in costs])
        ),
    ]


def _pairs() -> list[Line]:
    with Servers(PAIRS) as servers, ThreadPoolExecutor() as pool:
        both = [
            (url, *which)
            for url in servers.urls
            for which in ((0, TOGETHER), (_SOME, TOGETHER + AFTER))
        ]
        list(pool.map(lambda arguments: apart(send, *arguments), both))
        found = servers.arrivals()
    together, refused, back = [], [], []
    for arrivals in found:
        first = max(
            min(arrival.at for arrival in arrivals if _is_second(arrival) == second)
            for second in (0, 1)
        )
        last = max(arrival.at for arrival in arrivals if not _is_second(arrival))
        share, some = _share(arrivals, first, last)
        together.append(share)
        refused.append(some)
        back.append(_share(arrivals, last + 60.0, last + 60.0 * (AFTER - 0.1))[0])
    return [
        Line(
            "two processes on one token, sliding, 5 ms: share of the limit",
            spread(together),
            goal=">= 0.85",
        ),
        Line(
            "two processes on one token: 429s",
            f"{spread([100 * some for some in refused], '.1f')} %",
            goal="< 10 %",
        ),
        Line(
            "and a minute after one of them ended: share of the limit", spread(back), goal=">= 0.95"
        ),
    ]


def _is_second(arrival: Arrival) -> bool:
    return int(arrival.body["objects"]["order"]["number"]) >= _SOME


def _few_tokens() -> list[Line]:
    return [_tokens(tokens, repeats=3) for tokens in (1, 10)]


def many_tokens() -> list[Line]:
    """Measure what takes the whole machine."""
    return [_tokens(100, repeats=2)]


def _tokens(tokens: int, repeats: int) -> Line:
    shares, refused = [], []
    for _ in range(repeats):
        with Servers([Setting("sliding", tokens=tokens)]) as servers:
            apart(send_with_tokens, servers.urls[0], tokens, 0.5)
            (arrivals,) = servers.arrivals()
        share, some = _share(arrivals, arrivals[0].at, arrivals[0].at + 30.0)
        shares.append(share / tokens)
        refused.append(100 * some)
    what = f"{tokens} token{'s' * (tokens > 1)} in one run, 30 s: share of the limit; 429s"
    goal = ">= 0.95" if tokens == 100 else ""
    return Line(what, f"{spread(shares)}; {spread(refused, '.1f')} %", goal=goal)


def _share(arrivals: Sequence[Arrival], since: float, until: float) -> tuple[float, float]:
    """Return the share of one token's limit that was served in a time, and the share of the 429s."""
    some = [arrival.status for arrival in arrivals if since <= arrival.at < until]
    return some.count(200) / (LIMIT * (until - since)), some.count(429) / len(some)
