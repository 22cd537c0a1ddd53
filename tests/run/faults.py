"""Runs with kills and faults, and the number of times that the sandbox ran each row."""

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd

from flxframe import run_workflows
from flxframe.sandbox import Arrival, Sandbox, sandbox
from tests.conftest import orders

NUMBER = "objects.order.number"
_NOT_RUN = [
    *(400, 404, 422, 301, 307, 500, 502, 503, 504),
    *("400_html", "400_text", "400_empty", "400_list", "400_errors", "reset", "close"),
    "429_none",
]
_HOLDING = ["429_seconds", "429_date", "503_retry_after"]
"""Each of them pauses the token for a second or two, so there are only two of each."""

_RUN = [
    "500_after",
    "503_after",
    "reset_after",
    "close_after",
    "truncated",
    "html",
    "empty",
    "bad_json",
    "no_objects",
]
KINDS = len(_NOT_RUN) + len(_HOLDING) + len(_RUN)
TRUE_RUNS = {"ok": {1}, "rejected": {0}, "invalid": {0}, "not_sent": {0}, "unknown": {0, 1}}
"""The numbers of times that a row can have run, by its status."""


def orders_some_invalid(rows: int) -> pd.DataFrame:
    """Return a table of orders in which one in 500 is invalid."""
    data = orders(rows)
    data["params.sourceId"] = 1
    data["params.sourceId"] = data["params.sourceId"].astype(object)
    data.loc[7::500, "params.sourceId"] = "x"
    return data


def untrue(result: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a result that ran more or less often than their status says."""
    rows = zip(result["runs"], result["run.status"], strict=True)
    return result[[count not in TRUE_RUNS[status] for count, status in rows]]


def crash(data: pd.DataFrame, kills: int, journal: Path, seed: int = 7) -> tuple[int, pd.DataFrame]:
    """Kill a process that runs with a journal, again and again; then finish the run.

    Each process is killed at a random time: every second one soon after its first request arrived,
    however long that takes on a busy machine.

    Returns
    -------
    int
        The number of rows that had run when the last process was killed.
    pandas.DataFrame
        The result, with the columns "runs" and "arrivals": the counts of the sandbox's log.
    """
    chance = random.Random(seed)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["flxframe"])
    with sandbox(limit=None, latency=0.02) as api:
        for number in range(kills):
            ready, started = processes.Pipe(duplex=False)
            child = processes.Process(
                target=_run_in_process, args=(data, api.token, api.url, journal, started)
            )
            child.start()
            ready.recv()

            arrivals = len(api.arrivals)
            waits = number % 2 == 1
            while waits and len(api.arrivals) == arrivals and child.is_alive():
                time.sleep(0.001)
            # A random pause, so that each kill comes at another time.
            time.sleep(chance.random() * (0.05 if waits else 0.2))

            child.kill()
            child.join()
            ready.close()
            started.close()

        interrupted = len(api.runs)
        result = run_workflows(
            data, token=api.token, base_url=api.url, rate=None, journal=journal, progress=False
        )
        return interrupted, _with_log(result, data, api)


def _run_in_process(
    data: pd.DataFrame, token: str, url: str, journal: Path, started: Connection
) -> None:
    """Signal the start, and run a table, in a process that will be killed."""
    started.send("ready")
    run_workflows(data, token=token, base_url=url, rate=200, journal=journal, progress=False)


def storm(data: pd.DataFrame, journal: Path, seed: int = 1) -> pd.DataFrame:
    """Send rows against random faults of every kind; return the result as `crash` does."""
    with sandbox(limit=None) as api:
        for number, kind in enumerate(_HOLDING):
            api.fail(kind, times=2, after=400 * number)
        api.fail_randomly([*_NOT_RUN, *_RUN], 0.3, seed=seed)
        result = run_workflows(
            data,
            token=api.token,
            base_url=api.url,
            rate=None,
            stop_after_failures=None,
            journal=journal,
            progress=False,
        )
        return _with_log(result, data, api)


def _with_log(result: pd.DataFrame, data: pd.DataFrame, api: Sandbox) -> pd.DataFrame:
    counts = {"runs": _counts(api.runs), "arrivals": _counts(api.arrivals)}
    unexpected = set().union(*counts.values()) - set(data[NUMBER])
    assert not unexpected, f"orders that are not in the table: {unexpected}"

    result = result.copy()
    for name, times in counts.items():
        result[name] = [times[number] for number in data[NUMBER]]
    return result


def _counts(arrivals: Sequence[Arrival]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for arrival in arrivals:
        if arrival.body is not None:
            counts[arrival.body["objects"]["order"]["number"]] += 1
    return counts
