"""How long a run with a journal of a million rows takes until it sends what is left."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import flxframe
from flxframe.journal.writer import JournalWriter
from flxframe.models import RunWorkflowRequest
from flxframe.request.identity import digest, outcome_digest
from flxframe.request.json_text import encode
from flxframe.request.plan import Plan
from tests.benchmarks.orders import TOKEN, table
from tests.benchmarks.processes import Servers, Setting, apart, peak_mib
from tests.benchmarks.report import Line

ROWS = 1_000_000
NEW = 10


def fill(path: Path, base_url: str) -> None:
    """Make the journal of a run in which all rows were ok, and one in four was changed.

    Its rows are written all at once: a run of a million would have to be waited for.
    """
    with JournalWriter(path, base_url=base_url):
        pass
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO attempts (base_url, digest, nth, position, request, sent_at, answered_at, status, "
            "http_status, answer, outcome_digest, seconds) VALUES (?, ?, 0, ?, ?, 0.0, 0.3, 'ok', 200, ?, ?, 0.3)",
            _attempts(base_url),
        )


def _attempts(base_url: str) -> Iterator[tuple[object, ...]]:
    for position, request in Plan(table(ROWS)).requests():
        assert isinstance(request, RunWorkflowRequest), request
        objects = (
            request.objects
            if position % 4
            else {"order": {**request.objects["order"], "status": "Hold"}}
        )
        answer = None if position % 4 else encode(objects)
        yield (
            base_url,
            digest(request),
            position,
            encode(request.body()),
            answer,
            outcome_digest(request, objects),
        )


def resume(path: Path, base_url: str) -> tuple[float, float, float]:
    """Run the rows and a few new ones; return the seconds, and the peak of memory in MiB before and after."""
    data = table(ROWS + NEW)
    before = peak_mib()
    start = time.perf_counter()
    result = flxframe.run_workflows(
        data, token=TOKEN, base_url=base_url, rate=None, journal=path, progress=False
    )
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
