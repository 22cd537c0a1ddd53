"""What a journal costs: the rows of a run, a resumed million, and one row next to a million."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import flxframe
from flxframe.journal import runs
from flxframe.journal.checksums import sending_checksum
from flxframe.journal.schema import SENDING_FIELDS
from flxframe.journal.writer import JournalWriter
from flxframe.models import RunWorkflowRequest
from flxframe.request.base_url import place_of
from flxframe.request.fingerprints import ID_SIZE, token_tag
from flxframe.request.identity import Scope, content_digest
from flxframe.request.json_text import encode
from flxframe.request.plan import Plan
from flxframe.request.token import Token
from tests.benchmarks.echo import echo
from tests.benchmarks.orders import TOKEN, table
from tests.benchmarks.processes import Servers, Setting, in_fresh_process, peak_mib
from tests.benchmarks.report import Line, spread

ROWS = 1_000_000
NEW_ROWS = 10
ROWS_SENT = 3_000
ROWS_AT_PACE = 500
PACE = 50.0
"""Rows a second. Each row has its own transactions, as at the API's pace, which takes longer."""

RUNS = 3

_INSERT = (
    f"INSERT INTO sendings ({', '.join(SENDING_FIELDS)}, checksum) "
    f"VALUES ({', '.join('?' * len(SENDING_FIELDS))}, ?)"
)


def fill(path: Path, base_url: str) -> float:
    """Make the journal of a run in which all rows were ok, and one in four was changed.

    Its rows are inserted all at once, since a real run of a million would take too long. Return
    the seconds of the check of the whole file, which is made when the journal is opened next.
    """
    with JournalWriter(path, place=place_of(base_url)):
        pass

    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        run = runs.insert(connection, time.time(), ROWS, 1.0)
        run.end(connection, time.time(), complete=True)
        connection.executemany(_INSERT, _sendings(base_url, run.number))

    start = time.perf_counter()
    with JournalWriter(path, place=place_of(base_url)):
        return time.perf_counter() - start


def _sendings(base_url: str, run: int) -> Iterator[tuple[object, ...]]:
    scope = Scope(place_of(base_url))
    tag = int.from_bytes(token_tag(Token(TOKEN)), "big")
    now = time.time()
    for position, request in Plan(table(ROWS)).requests():
        assert isinstance(request, RunWorkflowRequest), request

        objects = request.objects
        answer = None
        if position % 4 == 0:
            objects = {"order": {**request.objects["order"], "status": "Hold"}}
            answer = encode(objects)

        left = scope.digest(content_digest(request, objects))
        uid = os.urandom(ID_SIZE)
        values = (
            *(uid, run, scope.key(request), 0, scope.place, tag, 0, position, None),
            *(encode(request.body()), left, now, now, "ok", 200, None, answer, 1, 0.3),
        )
        yield (*values, sending_checksum(*values))


def send(rows: int, base_url: str, path: Path | None, rate: float | None) -> tuple[float, ...]:
    """Run the first rows; return the seconds, those of CPU, and the peak before and after."""
    data = table(rows)
    before, start, cpu = peak_mib(), time.perf_counter(), time.process_time()

    result = flxframe.run_workflows(
        data,
        token=TOKEN,
        base_url=base_url,
        rate=rate,
        journal=False if path is None else path,
        progress=False,
    )
    if (result["run.status"] != "ok").any():
        raise AssertionError("a row is not ok")

    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    return seconds, cpu, before, peak_mib()


def send_one(base_url: str, path: Path) -> float:
    """Run one new row, in a process that has run one without a journal; return the seconds."""
    run = {"token": TOKEN, "base_url": base_url, "rate": None, "progress": False}
    flxframe.run_workflows(table(ROWS + 1).tail(1), journal=False, **run)
    row = table(ROWS + NEW_ROWS + 1).tail(1)

    start = time.perf_counter()
    flxframe.run_workflows(row, journal=path, **run)
    return time.perf_counter() - start


def run() -> list[Line]:
    """Measure all of them, each in fresh processes."""
    return [*_rows(), *_million()]


def _rows() -> list[Line]:
    fast, paced, paced_without = [], [], []
    with echo() as url, tempfile.TemporaryDirectory() as folder:
        for number in range(RUNS):
            path = Path(folder, f"fast-{number}.db")
            fast.append(ROWS_SENT / in_fresh_process(send, ROWS_SENT, url, path, None)[0])

            path = Path(folder, f"paced-{number}.db")
            paced.append(_cpu_at_pace(url, path))
            paced_without.append(_cpu_at_pace(url, None))

    return [
        Line(
            f"rows a second at rate=None with a journal, {ROWS_SENT:,} rows",
            spread(fast, ".0f"),
            goal=">= 300",
        ),
        Line(
            f"seconds of CPU for 1,000 rows with a journal at {PACE:g} a second; reference: "
            "without one",
            spread(paced),
            spread(paced_without),
        ),
    ]


def _cpu_at_pace(url: str, path: Path | None) -> float:
    cpu = in_fresh_process(send, ROWS_AT_PACE, url, path, PACE)[1]
    return 1000 * cpu / ROWS_AT_PACE


def _million() -> list[Line]:
    """Make a journal, resume it in a fresh process, and check that only new rows were sent."""
    with tempfile.TemporaryDirectory() as folder, Servers([Setting(None, latency=0.0)]) as servers:
        path, url = Path(folder, "million.journal.db"), servers.urls[0]
        check = in_fresh_process(fill, path, url)
        one = in_fresh_process(send_one, url, path)
        rows_before = len(servers.arrivals()[0])
        seconds, _, before, after = in_fresh_process(send, ROWS + NEW_ROWS, url, path, None)
        sent = len(servers.arrivals()[0]) - rows_before

    if sent != NEW_ROWS:
        raise AssertionError(f"{sent} rows were sent instead of {NEW_ROWS}")

    resumed = (
        f"resume with a journal of {ROWS:,} rows, 1 in 4 changed, {NEW_ROWS} left: "
        "seconds to the result; MiB, of which Python and the table"
    )
    figure = f"{seconds:.0f} s; {after:.0f} MiB, {before:.0f}"
    return [
        Line(resumed, figure, goal="< 60 s; < 500 MiB"),
        Line("a run of one row with that journal: seconds", f"{one:.2f}", goal="< 0.2"),
        Line("check of that journal after a kill or a copy: seconds", f"{check:.0f}"),
    ]
