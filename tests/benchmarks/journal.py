"""How long a run with a journal of a million rows takes until it sends what is left."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import flxframe
from flxframe.journal import digest
from flxframe.journal_runs import JournalRun
from flxframe.outcomes import Outcome, RunWorkflowRequest
from flxframe.payloads import Plan
from tests.benchmarks.orders import TOKEN, table
from tests.benchmarks.processes import Servers, Setting, apart, peak_mib
from tests.benchmarks.report import Line

ROWS = 1_000_000
NEW = 10


def fill(path: Path, base_url: str) -> None:
    """Make the journal of a run in which all rows were ok, and one in four was changed."""
    plan = Plan(table(ROWS))
    digests = b"".join(digest(request) for _, request in _requests(plan))
    with JournalRun(path, base_url=base_url) as record:
        record.match(plan, np.arange(ROWS), digests)
        requests = _requests(plan)
        while some := list(itertools.islice(requests, 10_000)):
            record.begin(some)
            record.finish([(position, _outcome(position, sent)) for position, sent in some])


def _outcome(position: int, sent: RunWorkflowRequest) -> Outcome:
    order = sent.objects["order"] if position % 4 else {**sent.objects["order"], "status": "Hold"}
    return Outcome("ok", 200, None, {"order": order}, 1, 0.3)


def _requests(plan: Plan) -> Iterator[tuple[int, RunWorkflowRequest]]:
    for position, request in plan.requests():
        assert isinstance(request, RunWorkflowRequest), request
        yield position, request


def resume(path: Path, base_url: str) -> tuple[float, float, float]:
    """Run the rows and a few new ones; return the seconds, and the peak of memory in MiB before and after."""
    data = table(ROWS + NEW)
    before = peak_mib()
    start = time.perf_counter()
    result = flxframe.run_workflows(data, token=TOKEN, base_url=base_url, rate=None, journal=path, progress=False)
    if (result["run.status"] != "ok").any():
        raise AssertionError("a row isn't ok")
    return time.perf_counter() - start, before, peak_mib()


def run() -> list[Line]:
    """Make the journal, resume it in a fresh process, and see that just the new rows were sent."""
    with tempfile.TemporaryDirectory() as folder, Servers([Setting(None, latency=0.0)]) as servers:
        path, url = Path(folder, "million.journal.db"), servers.urls[0]
        apart(fill, path, url)
        seconds, before, after = apart(resume, path, url)
        sent = len(servers.arrivals()[0])
    if sent != NEW:
        raise AssertionError(f"{sent} rows were sent instead of {NEW}")
    what = (
        f"resume with a journal of {ROWS:,} rows, 1 in 4 changed, {NEW} left: seconds to the result; MiB, of which "
        "Python and the table"
    )
    return [Line(what, f"{seconds:.0f} s; {after:.0f} MiB, {before:.0f}", goal="< 60 s; < 500 MiB")]
