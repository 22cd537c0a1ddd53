"""A real process that is killed for real, again and again, and what came of its rows; the sandbox knows what ran."""

import multiprocessing
import random
import time
from collections import Counter
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd

from flxframe import run_workflows
from flxframe.sandbox import sandbox

TOKEN = "a-secret-token-4711"


@dataclass(frozen=True)
class Crashes:
    """What came of the rows.

    Attributes
    ----------
    interrupted
        How many had run when the last process was killed.
    status
        What each row, by its number, is said to be after the run that was left to end.
    runs
        How often each row ran, by the sandbox's log.
    """

    interrupted: int
    status: dict[str, str]
    runs: Counter[str]

    def broken(self) -> list[str]:
        """Return the promises that were broken, in words."""
        lost = [number for number, status in self.status.items() if status not in ("ok", "unknown")]
        twice = [number for number, times in self.runs.items() if times > 1]
        untrue = [number for number, status in self.status.items() if status == "ok" and self.runs[number] != 1]
        found = {"lost": lost, "ran twice": twice, "ok without a run": untrue}
        return [f"{what}: {', '.join(numbers[:5])}" for what, numbers in found.items() if numbers]


def orders(rows: int) -> pd.DataFrame:
    """Return a table whose rows are known by their numbers."""
    return pd.DataFrame({"eventHandle": "order_import", "objects.order.number": [f"{n:05d}" for n in range(rows)]})


def _run_and_tell(rows: int, url: str, journal: Path, started: Connection) -> None:
    """What the killed process does: says that it begins, and runs."""
    started.send("ready")
    run_workflows(orders(rows), token=TOKEN, base_url=url, rate=200, journal=journal, progress=False)


def crash(rows: int, kills: int, journal: Path, seed: int = 7) -> Crashes:
    """Kill a run with a journal so often, each time at another instant, then let it run to its end."""
    chance = random.Random(seed)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["flxframe"])
    with sandbox(token=TOKEN, limit=None, latency=0.02) as api:
        for _ in range(kills):
            ready, started = processes.Pipe(duplex=False)
            child = processes.Process(target=_run_and_tell, args=(rows, api.url, journal, started))
            child.start()
            ready.recv()
            time.sleep(chance.random() * 0.2)  # it awaits nothing: it finds another instant each time
            child.kill()
            child.join()
            ready.close()
            started.close()
        interrupted = len(api.runs)
        result = run_workflows(orders(rows), token=TOKEN, base_url=api.url, rate=None, journal=journal, progress=False)
        runs = Counter(arrival.body["objects"]["order"]["number"] for arrival in api.runs)
    status = dict(zip(result["objects.order.number"], result["run.status"], strict=True))
    return Crashes(interrupted, status, runs)
