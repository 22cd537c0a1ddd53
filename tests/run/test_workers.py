"""The threads that send requests, in processes to which the system refuses more of them."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from flxframe import FlxpointClient, RunWorkflowRequest
from flxframe.run.workers import Workers
from flxframe.sandbox import Sandbox, sandbox
from tests.conftest import TOKEN, environment

REQUEST = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"sku": "1"}})

RUN = """
import resource, sys, threading
import flxframe, flxframe.run.client, numpy, pandas as pd, tqdm.std
from pathlib import Path

numpy.rec  # pandas uses it, and once limited, this process might not read its file
LIMIT

journal = sys.argv[1] or None
orders = pd.DataFrame({"eventHandle": "order_import", "objects.order.number": range(8)})
result = flxframe.run_workflows(orders, rate=None, journal=journal)
if journal:
    recorded = flxframe.Journal(journal).result(orders)
    assert recorded["run.status"].tolist() == result["run.status"].tolist()
print(*result["run.status"])
print(result["run.error"].iloc[-1])
"""

TWO_THREADS = """
GIB = 2**30
threading.stack_size(4 * GIB)
pages = int(Path("/proc/self/statm").read_text().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 9 * GIB,) * 2)
"""
"""Each thread needs 4 GiB of addresses, and the process may have 9 more."""

NO_THREADS = """
import os
if os.geteuid() == 0:
    os.setuid(65534)  # the limit does not apply to the administrator
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
"""
"""A limit of a user's processes also counts threads."""

TWO_SOCKETS = """
import os
files = max(map(int, os.listdir("/proc/self/fd"))) + 1
resource.setrlimit(resource.RLIMIT_NOFILE, (files + 1, files + 1))
"""
"""The descriptors in use, and two more: the one that listed them is free again."""


@pytest.fixture
def slow_api() -> Iterator[Sandbox]:
    """A sandbox whose answers overlap."""
    with sandbox(token=TOKEN, limit=None, latency=0.3) as api:
        yield api


def run_limited(api: Sandbox, journal: object, limit: str) -> list[str]:
    """Run orders in a process with a limit; return their statuses, and the error of the last."""
    process = subprocess.run(
        [sys.executable, "-c", RUN.replace("LIMIT", limit), str(journal)],
        env={**environment(api), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert process.returncode == 0, process.stderr
    *_, statuses, error = process.stdout.splitlines()
    return [*statuses.split(), error]


def test_threads_are_started_on_demand_and_reused(api: Sandbox) -> None:
    """Each answer has the position of its row."""
    workers = Workers()
    with FlxpointClient(token=TOKEN, base_url=api.url) as client:
        workers.require(2)
        workers.require(2)
        for position in range(6):
            workers.send(client, position, REQUEST)

        answers = {}
        deadline = time.monotonic() + 20
        while len(answers) < 6 and time.monotonic() < deadline:
            answers.update(workers.answers(0.1))
        workers.close()

    assert sorted(answers) == list(range(6))
    assert {attempt.outcome.status for attempt in answers.values()} == {"ok"}


def test_without_an_answer_the_wait_ends() -> None:
    """It returns nothing."""
    assert Workers().answers(0.001) == []


def test_a_wait_ends_even_if_a_signal_arrives_as_it_ends() -> None:
    """A held Ctrl-C sends many; here the handler returns after the end of the wait."""
    handler = signal.signal(signal.SIGALRM, lambda *_: time.sleep(0.02))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.005)
        assert Workers().answers(0.01) == []
    finally:
        signal.signal(signal.SIGALRM, handler)


def test_rows_that_are_out_finish_if_the_system_refuses_another_thread(slow_api, tmp_path) -> None:
    """The others are not sent, and say why; the journal agrees."""
    *statuses, error = run_limited(slow_api, tmp_path / "run.db", TWO_THREADS)
    ran = len(slow_api.runs)
    assert statuses == ["ok"] * ran + ["not_sent"] * (8 - ran)
    assert ran < 3
    assert "could not start another thread (can't start new thread)" in error


def test_no_row_leaves_without_a_thread(slow_api: Sandbox) -> None:
    """The run has a result nevertheless."""
    *statuses, error = run_limited(slow_api, "", NO_THREADS)
    assert statuses == ["not_sent"] * 8
    assert "can't start new thread" in error
    assert slow_api.arrivals == []


def test_rows_that_are_out_finish_if_no_more_sockets_can_be_opened(slow_api: Sandbox) -> None:
    """The others wait for one of the open connections, so each row runs once."""
    *statuses, _ = run_limited(slow_api, "", TWO_SOCKETS)
    assert statuses == ["ok"] * 8
    numbers = [arrival.body["objects"]["order"]["number"] for arrival in slow_api.runs]
    assert sorted(numbers) == list(range(8))
