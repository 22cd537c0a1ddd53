"""What a journal tells a person who has nothing but the journal: how far the run is, and what came of it."""

from __future__ import annotations

import time
from typing import Any

import pandas as pd

from flxframe.dtypes import column_array
from flxframe.journal.reader import Journal
from flxframe.models import RUN_COLUMNS
from flxframe.request import nested, paths
from flxframe.request.json_text import decode
from flxframe.result.compare import count_changes
from flxframe.text import duration


def progress_text(journal: Journal) -> str:
    """Say what is done, what is left, and how long it will take.

    Parameters
    ----------
    journal : Journal
        The journal of a run that goes on or has ended.
    """
    counts = journal.summary()
    lines = [
        f"{rows:,} {status} ({base_url})"
        for base_url, status, rows in zip(
            counts["base_url"], counts["status"], counts["rows"], strict=True
        )
    ]
    run = journal.last_run()
    if run is None:
        return "\n".join([*lines, "No run has begun with this journal."])
    began = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.started_at))
    left = run.rows - run.settled
    rest = (
        "Nothing is left of it."
        if not left
        else f"{left:,} are left, {duration(run.seconds * left / run.rows)}."
    )
    going_on = "goes on" if run.going_on else "has ended"
    if run.in_flight:
        rest = f"{run.in_flight:,} await their answers, and count as unknown until then. {rest}"
    return "\n".join(
        [
            *lines,
            f"The last run began {began} with {run.rows:,} rows to send, and {going_on}. {rest}",
        ]
    )


def recorded_result(journal: Journal) -> pd.DataFrame:
    """Make a result of a journal alone: its rows as they were last sent, with what the workflows made of them.

    Rows that never left aren't in a journal; `Journal.result` with the table has those too.

    Parameters
    ----------
    journal : Journal
        The journal.

    Returns
    -------
    DataFrame
        The request's fields, `objects.*` as answered, and the ``run.*`` columns, in the order in which the rows were
        first sent.
    """
    rows: list[dict[str, Any]] = []
    for request, outcome in journal.last_attempts():
        body = decode(request)
        row: dict[str, Any] = {
            key: body[key] for key in ("id", "eventHandle", "draft") if key in body
        }
        row |= {
            paths.format(("params", param["key"])): param["value"]
            for param in body.get("params", [])
        }
        objects = body["objects"] if outcome.objects is None else outcome.objects
        row |= {
            paths.format(path): value
            for path, value in nested.flatten(objects, ("objects",)).items()
        }
        changed = count_changes(body["objects"], objects) if outcome.status == "ok" else None
        values = (
            outcome.status,
            outcome.http_status,
            outcome.error,
            changed,
            outcome.attempts,
            outcome.seconds,
        )
        rows.append(row | dict(zip(RUN_COLUMNS, values, strict=True)))
    names = dict.fromkeys(name for row in rows for name in row if name not in RUN_COLUMNS)
    return pd.DataFrame(
        {name: column_array([row.get(name) for row in rows]) for name in [*names, *RUN_COLUMNS]}
    )
