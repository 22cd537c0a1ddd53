"""The line that says in short what a run did. Pure."""

from __future__ import annotations

import pandas as pd

from flxframe.models import STATUSES
from flxframe.text import counted, duration


def headline(
    result: pd.DataFrame, seconds: float | None = None, *, lines: int | None = None
) -> str:
    """Return one line that tells what was sent and what was recalled.

    Parameters
    ----------
    result : DataFrame
        The result.
    seconds : float, optional
        How long the run took.
    lines : int, optional
        The number of lines, if a row of the result is an order.

    Examples
    --------
    >>> runs = {"run.status": ["ok", "ok"], "run.changes": [1, 0], "run.attempts": [1, 1]}
    >>> result = pd.DataFrame({**runs, "run.recalled": [False, True]})
    >>> headline(result, 13)
    '2 rows in 13 s: 2 ok (1 changed); 1 sent, 1 recalled'
    """
    if not len(result):
        return "Nothing was sent: the table has no rows"

    recalled = int(result["run.recalled"].sum())
    sent = int(((result["run.attempts"] > 0) & ~result["run.recalled"]).sum())
    requests = f"{sent:,} sent" if sent else "nothing was sent"
    time = f" in {duration(seconds)}" if seconds is not None and sent else ""
    rows = counted(len(result), "row" if lines is None else "order")
    if lines is not None:
        rows = f"{rows} ({counted(lines, 'row')})"
    return f"{rows}{time}: {_statuses(result)}; {requests}, {recalled:,} recalled"


def _statuses(result: pd.DataFrame) -> str:
    counts = result["run.status"].value_counts()
    changed = int((result["run.changes"] > 0).sum())

    parts = []
    for status in STATUSES:
        if status not in counts:
            continue
        part = f"{counts[status]:,} {status}"
        if status == "ok" and changed:
            part += f" ({changed:,} changed)"
        parts.append(part)
    return ", ".join(parts)
