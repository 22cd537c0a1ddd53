"""The time until a run with a journal of a million rows has sent the remaining rows."""

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
from tests.benchmarks.processes import Servers, Setting, in_fresh_process, peak_mib
from tests.benchmarks.report import Line

ROWS = 1_000_000
NEW_ROWS = 10

_INSERT = """
INSERT INTO attempts (
    base_url, digest, nth, position, request, sent_at, answered_at, status, http_status, answer,
    outcome_digest, seconds
) VALUES (?, ?, 0, ?, ?, 0.0, 0.3, 'ok', 200, ?, ?, 0.3)
"""


def fill(path: Path, base_url: str) -> None:
    """Make the journal of a run in which all rows were ok, and one in four was changed.

    Its rows are inserted all at once, since a real run of a million would take too long.
    """
    with JournalWriter(path, base_url=base_url):
        pass

    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(_INSERT, _attempts(base_url))


def _attempts(base_url: str) -> Iterator[tuple[object, ...]]:
    for position, request in Plan(table(ROWS)).requests():
        assert isinstance(request, RunWorkflowRequest), request

        objects = request.objects
        answer = None
        if position % 4 == 0:
            objects = {"order": {**request.objects["order"], "status": "Hold"}}
            answer = encode(objects)

        yield (
            base_url,
            digest(request),
            position,
            encode(request.body()),
            answer,
            outcome_digest(request, objects),
        )


def resume(path: Path, base_url: str) -> tuple[float, float, float]:
    """Run the rows and the new ones; return the seconds, and the peak in MiB before and after."""
    data = table(ROWS + NEW_ROWS)
    before, start = peak_mib(), time.perf_counter()

    result = flxframe.run_workflows(
        data, token=TOKEN, base_url=base_url, rate=None, journal=path, progress=False
    )
    if (result["run.status"] != "ok").any():
        raise AssertionError("a row is not ok")

    return time.perf_counter() - start, before, peak_mib()


def run() -> list[Line]:
    """Make the journal, resume it in a fresh process, and check that only new rows were sent."""
    with tempfile.TemporaryDirectory() as folder, Servers([Setting(None, latency=0.0)]) as servers:
        path, url = Path(folder, "million.journal.db"), servers.urls[0]
        in_fresh_process(fill, path, url)
        seconds, before, after = in_fresh_process(resume, path, url)
        sent = len(servers.arrivals()[0])

    if sent != NEW_ROWS:
        raise AssertionError(f"{sent} rows were sent instead of {NEW_ROWS}")

    label = (
        f"resume with a journal of {ROWS:,} rows, 1 in 4 changed, {NEW_ROWS} left: "
        "seconds to the result; MiB, of which Python and the table"
    )
    figure = f"{seconds:.0f} s; {after:.0f} MiB, {before:.0f}"
    return [Line(label, figure, goal="< 60 s; < 500 MiB")]
