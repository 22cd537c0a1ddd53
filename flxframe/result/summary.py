"""Count the rows of a result by outcome. Pure: no network, no clock, no disk."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from flxframe.exceptions import TableError
from flxframe.frames import Frame, as_frame
from flxframe.models import STATUSES
from flxframe.result.compare import order_ids
from flxframe.result.listing import Listing
from flxframe.text import without_ids

_MAX_EXAMPLES = 5
_WITH_ORDERS = ["status", "http_status", "error", "orders", "rows", "examples"]


@dataclass(slots=True)
class _Group:
    """Rows with the same status, HTTP status and kind of error; `error` is that of the first."""

    status: str
    http_status: int | None
    error: str | None
    positions: list[int] = field(default_factory=list)


def summary(result: Frame) -> pd.DataFrame:
    """Count the rows of a result by status, HTTP status and error.

    Errors that differ only in an id are counted together; errors about different columns or fields
    are not.

    Parameters
    ----------
    result : DataFrame
        A result of `run_workflows`.

    Returns
    -------
    DataFrame
        `status`, `http_status`, `error` (of the first such row), `rows` (the count) and `examples`
        (the positions of the first five), with ok rows first. If the rows are lines of orders,
        `orders` counts these. Errors are displayed in full.

    Raises
    ------
    TableError
        If it is not a result.

    Examples
    --------
    >>> result = pd.DataFrame({"run.status": ["ok", "rejected", "rejected"]})
    >>> result["run.http_status"] = [200, 400, 400]
    >>> result["run.error"] = [None, "order 17 is unknown", "order 23 is unknown"]
    >>> summary(result)
    status    http_status  error                rows  examples
    ok        200                               1     0
    rejected  400          order 17 is unknown  2     1, 2
    """
    result = as_frame(result, "summary()")
    if "run.status" not in result.columns:
        raise TableError(
            "summary() expects a result of run_workflows: the table has no column 'run.status'"
        )

    groups = _group_rows(result)
    order: dict[str, int] = {status: number for number, status in enumerate(STATUSES)}
    groups.sort(key=lambda group: (order.get(group.status, len(order)), -len(group.positions)))

    statuses = [group.status for group in groups]
    http_statuses = [group.http_status for group in groups]
    errors = [group.error for group in groups]
    counts = [len(group.positions) for group in groups]
    orders = order_ids(result)
    examples = [", ".join(map(str, group.positions[:_MAX_EXAMPLES])) for group in groups]
    columns = {
        "status": pd.Series(statuses, dtype="str"),
        "http_status": pd.array(http_statuses, dtype="Int64"),
        "error": pd.Series(errors, dtype="str" if groups else object),
        "rows": pd.Series(counts, dtype="int64"),
        "examples": pd.Series(examples, dtype="str"),
    }
    if orders is None:
        return Listing(columns)

    counts = []
    for group in groups:
        own = {orders[position] for position in group.positions}
        counts.append(len(own))
    columns["orders"] = pd.Series(counts, dtype="int64")
    return Listing({name: columns[name] for name in _WITH_ORDERS})


def _group_rows(result: pd.DataFrame) -> list[_Group]:
    """Group the rows of a result; the groups are in the order of their first rows."""
    groups: dict[tuple[str, int | None, str], _Group] = {}
    columns = (result[name].tolist() for name in ("run.status", "run.http_status", "run.error"))

    for position, (status, http_status, error) in enumerate(zip(*columns, strict=True)):
        code = None if pd.isna(http_status) else int(http_status)
        text = error if isinstance(error, str) else None
        key = (str(status), code, without_ids(text or ""))

        group = groups.get(key)
        if group is None:
            group = groups[key] = _Group(str(status), code, text)
        group.positions.append(position)
    return list(groups.values())


def notes_of(result: pd.DataFrame) -> list[str]:
    """Return what the user must know about a result (``attrs["flxframe"]["notes"]``)."""
    notes: list[str] = result.attrs.get("flxframe", {}).get("notes", [])
    return notes


def stop_reason(result: pd.DataFrame) -> str | None:
    """Return why the run of a result stopped early (``attrs["flxframe"]["stopped"]``), or None."""
    facts = result.attrs.get("flxframe", {})
    reason: str | None = facts.get("stopped")
    return reason
