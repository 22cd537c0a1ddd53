"""Histories of a command that is stopped by signals again and again, and their checks."""

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pandas as pd

from flxframe import Journal, read_table
from flxframe.cli import main
from flxframe.files.writing import write_results
from flxframe.sandbox import Sandbox, sandbox
from tests.run.faults import untrue, with_log

HELD = "held"
KINDS: tuple[signal.Signals | str, ...] = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGKILL,
    HELD,
)
"""The signals, and a Ctrl-C that is held down until the process has ended."""

_SHELL_STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, HELD: 130}


@dataclass
class History:
    """The counts of a history.

    Parameters
    ----------
    results : Counter
        The number of processes that wrote a result, by kind of signal.
    early : Counter
        The number of processes that ended before their first request.
    unknown, runs : int
        The number of rows that are unknown at the end, and of those among them that ran.
    """

    results: Counter[str] = field(default_factory=Counter)
    early: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    runs: int = 0


def history(data: pd.DataFrame, signals: int, folder: Path, seed: int) -> History:
    """Interrupt a command `signals` times, resume it each time, and check all that it left.

    Raises
    ------
    AssertionError
        If the sandbox's log, the journal and the result file disagree, a row has no status, or a
        row ran twice.
    """
    chance = random.Random(seed)
    table = write_results(data, folder / "orders.csv")
    output = folder / "orders.done.csv"
    counts = History()
    with sandbox(limit=None, latency=lambda: random.random() * 0.06) as api:
        for _ in range(signals):
            kind = chance.choice(KINDS)
            output.unlink(missing_ok=True)
            arrivals = len(api.arrivals)
            status = _interrupted(api, table, kind, chance)
            _check(api, table, output)
            _count(
                counts, kind, status, has_result=output.exists(), sent=len(api.arrivals) > arrivals
            )

        output.unlink(missing_ok=True)
        process = _start(api, table)
        process.join()
        result = _check(api, table, output)

    assert result is not None
    assert set(result["run.status"]) <= {"ok", "unknown"}
    is_unknown = result["run.status"] == "unknown"
    counts.unknown = int(is_unknown.sum())
    counts.runs = int(result["runs"][is_unknown].sum())
    return counts


def _start(api: Sandbox, table: Path) -> ForkServerProcess:
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["flxframe.cli", "tqdm.std"])
    process = processes.Process(target=_command, args=(api.token, api.url, table))
    process.start()
    return process


def _command(token: str, url: str, table: Path) -> None:
    """Run the command in a process of its own, as a shell starts it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ |= {
        "FLXPOINT_API_TOKEN": token,
        "FLXPOINT_BASE_URL": url,
        "FLXFRAME_JOURNAL": str(journal_of(table)),
    }
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (1, 2):
        os.dup2(nowhere, number)
    main(["run", str(table), "--rate", "60", "--max-in-flight", "4"])


def journal_of(table: Path) -> Path:
    """Return the journal of the commands, which they know from their environment."""
    return table.with_name("journal.db")


def _interrupted(
    api: Sandbox, table: Path, kind: signal.Signals | str, chance: random.Random
) -> int:
    """Start the command, interrupt it at a random time, and return its exit status."""
    arrivals = len(api.arrivals)
    waits = chance.random() < 0.8
    process = _start(api, table)
    while waits and len(api.arrivals) == arrivals and process.is_alive():
        time.sleep(0.001)
    time.sleep(chance.random() * 0.15)

    number = signal.SIGINT if kind == HELD else signal.Signals(kind)
    _send(process, number)
    while kind == HELD and process.is_alive():
        _send(process, number)
        time.sleep(0.005)

    process.join(30)
    assert process.exitcode is not None, f"a process does not end after {kind}"
    return process.exitcode


def _send(process: ForkServerProcess, number: signal.Signals) -> None:
    if process.pid is not None and process.is_alive():
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(process.pid, number)


def _check(api: Sandbox, table: Path, output: Path) -> pd.DataFrame | None:
    """Compare the journal and the result, if there is one, with the sandbox's log."""
    data = read_table(table)
    journal = journal_of(table)
    if not journal.exists():
        assert not api.arrivals
        return None

    recorded = with_log(Journal(journal).result(data), data, api)
    assert len(untrue(recorded)) == 0, untrue(recorded)
    if not output.exists():
        return None

    result = with_log(read_table(output), data, api)
    assert result["run.status"].tolist() == recorded["run.status"].tolist()
    assert result["objects.order.number"].tolist() == data["objects.order.number"].tolist()
    return result


def _count(
    counts: History, kind: signal.Signals | str, status: int, *, has_result: bool, sent: bool
) -> None:
    """Count a process, and check its exit status."""
    name = str(getattr(kind, "name", kind))
    if has_result:
        counts.results[name] += 1
        # A signal can also come after the last row.
        assert status in (_SHELL_STATUS.get(kind), 0, 1, -signal.SIGKILL), (name, status)
        return

    counts.early[name] += 1
    if kind != signal.SIGKILL:
        assert not sent, f"a process that had sent rows left no result after {name}"
