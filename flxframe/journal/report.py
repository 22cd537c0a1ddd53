"""Reports from a journal alone: the progress of its last run, and the recorded rows."""

from __future__ import annotations

import time
from typing import Any

import pandas as pd

from flxframe.dtypes import column_array
from flxframe.journal.last_run import LastRun
from flxframe.journal.reader import Journal
from flxframe.models import Outcome
from flxframe.request import nested, paths
from flxframe.request.json_text import decode
from flxframe.result.compare import count_changes
from flxframe.text import counted, duration

_RUN_COLUMNS = (
    "run.status",
    "run.http_status",
    "run.error",
    "run.changes",
    "run.attempts",
    "run.seconds",
)


def progress_text(journal: Journal) -> str:
    """Return the counts by status, and the progress of the last run.

    Parameters
    ----------
    journal : Journal
        The journal of a run that is running or has ended.
    """
    counts = journal.summary()
    lines = []
    for base_url, status, rows in counts.itertuples(index=False):
        lines.append(f"{rows:,} {status} ({base_url})")

    run = journal.last_run()
    if run is None:
        lines.append("No run recorded yet.")
    else:
        lines.append(_last_run_text(run))

    return "\n".join(lines)


def _last_run_text(run: LastRun) -> str:
    started = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.started_at))
    state = "running" if run.running else "ended"
    parts = [f"Last run: started {started}, {state}."]

    if run.in_flight:
        rows = counted(run.in_flight, "row")
        parts.append(f"{rows} in flight, unknown until answered.")

    unsent = run.rows - run.settled
    sent = counted(run.settled, "row")
    parts.append(f"{sent} sent, {run.recalled:,} recalled, {unsent + run.later:,} left.")
    if unsent:
        parts.append(f"{duration(run.seconds * unsent / run.rows)} left.")

    return " ".join(parts)


def recorded_result(journal: Journal) -> pd.DataFrame:
    """Build a result from a journal alone: its rows as they were last sent and answered.

    A journal does not contain the rows that were never sent; `Journal.result` returns them too,
    given the table.

    Parameters
    ----------
    journal : Journal
        The journal.

    Returns
    -------
    DataFrame
        The request's fields, `objects.*` as answered, and the ``run.*`` columns that the journal
        has, in the order in which the rows were last sent.
    """
    rows = []
    sent_at = []
    for request, outcome in journal.last_attempts():
        body = {"objects": {}} if request is None else decode(request)
        rows.append(_recorded_row(body, outcome))
        sent_at.append(outcome.sent_at)

    fields = dict.fromkeys(name for row in rows for name in row if name not in _RUN_COLUMNS)
    columns = {}
    for name in [*fields, *_RUN_COLUMNS]:
        columns[name] = column_array([row.get(name) for row in rows])

    result = pd.DataFrame(columns)
    times = pd.to_datetime(pd.Series(sent_at, dtype="float64"), unit="s", utc=True)
    result["run.sent_at"] = times.dt.round("ms").dt.as_unit("ms")
    return result


def _recorded_row(body: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for key in ("id", "eventHandle", "draft"):
        if key in body:
            row[key] = body[key]

    for param in body.get("params", []):
        row[paths.format(("params", param["key"]))] = param["value"]

    objects = body["objects"] if outcome.objects is None else outcome.objects
    for path, value in nested.flatten(objects, ("objects",)).items():
        row[paths.format(path)] = value

    changes = None
    if outcome.status == "ok":
        changes = count_changes(body["objects"], objects)

    values = (
        outcome.status,
        outcome.http_status,
        outcome.error,
        changes,
        outcome.attempts,
        outcome.seconds,
    )
    row.update(zip(_RUN_COLUMNS, values, strict=True))
    return row
