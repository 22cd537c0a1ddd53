"""`run_workflows` and `preview`: the one place where the parts meet."""

from __future__ import annotations

import dataclasses
import html
import math
import warnings
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from flxframe.bodies import as_curl, encode
from flxframe.client import FlxpointClient, resolve_base_url
from flxframe.exceptions import RequestError, SettingError, StoppedWarning, TableError
from flxframe.fields import Defaults
from flxframe.outcomes import Outcome, RunWorkflowRequest
from flxframe.payloads import Plan
from flxframe.progress import Progress, duration
from flxframe.results import Results
from flxframe.runner import Lane, Limits, Runner, Stop
from flxframe.throttle import Throttle

Table: TypeAlias = pd.DataFrame | str | PathLike[str]


def run_workflows(
    data: Table,
    *,
    event_handle: str | None = None,
    workflow_id: int | None = None,
    draft: bool | None = None,
    params: Mapping[str, int] | None = None,
    columns: Mapping[str, str | None] | None = None,
    handle: str | None = None,
    nulls: str = "omit",
    token: str | None = None,
    base_url: str | None = None,
    rate: float | None = 2.0,
    max_in_flight: int = 16,
    timeout: float = 60.0,
    retry_unknown: bool = False,
    stop_after: int | None = 20,
    max_minutes: float | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Run one workflow for each row of a table, and return the table as the workflows left it.

    Parameters
    ----------
    data : DataFrame or path
        The table, or a file that is read into one. Columns named like the request's fields are sent: `id`,
        `eventHandle`, `draft`, `params.<key>`, `objects.<handle>.<...>`. All others travel along.
    event_handle, workflow_id, draft, params
        What fills blank cells of `eventHandle`, `id`, `draft` and `params.<key>`.
    columns : Mapping, optional
        A column's path, such as ``{"Ship Country": "objects.order.shippingAddress.countryCode"}``, or None for a
        column that isn't to be sent.
    handle : str, optional
        The object handle that takes every column which is no request field.
    nulls : {"omit", "null"}
        Whether a blank cell is left out or sent as null.
    token : str, optional
        The API token; by default the environment's ``FLXPOINT_API_TOKEN``.
    base_url : str, optional
        By default the environment's ``FLXPOINT_BASE_URL``, else the real API.
    rate : float, optional
        Requests a second; None is unthrottled, for rehearsals. The API allows 2 for each token
        (https://api.flxpoint.com/workflow/run).
    max_in_flight : int
        How many requests may wait for their answers at once; 1 is strictly one after the other.
    timeout : float
        Seconds to wait for an answer.
    retry_unknown : bool
        Send a row again though its workflow may have run. A workflow can send e-mail.
    stop_after : int, optional
        Stop when so many rows in a row fail for the server's or the network's fault; None never does.
    max_minutes : float, optional
        Start no more rows after so many minutes.
    progress : bool
        Show a progress bar.

    Returns
    -------
    DataFrame
        The same rows, order, index and columns, `objects.*` as answered, new fields as new columns, and `run.status`,
        `run.http_status`, `run.error`, `run.changed` (fields), `run.attempts` (requests), `run.seconds`.

    Raises
    ------
    FlxframeError
        If anything is wrong before the first request leaves: the table, a setting or the token.

    Warns
    -----
    StoppedWarning
        If the run stopped before its end; it says how to go on.

    Examples
    --------
    >>> from flxframe import sandbox
    >>> orders = pd.DataFrame({
    ...     "eventHandle": ["order_import"], "objects.order.shippingAddress.countryCode": ["CA"]
    ... })
    >>> with sandbox() as api:
    ...     result = run_workflows(orders, token=api.token, base_url=api.url, progress=False)
    >>> result[["objects.order.status", "run.status"]]
      objects.order.status run.status
    0                 Hold         ok
    """
    limits = _limits(max_in_flight, retry_unknown, stop_after, max_minutes)
    plan = Plan(
        _table(data),
        defaults=Defaults(event_handle, workflow_id, draft, params or {}),
        columns=columns,
        handle=handle,
        nulls=nulls,
    )
    throttle = Throttle(rate)
    results = Results(plan)
    with FlxpointClient(token=token, base_url=base_url, timeout=timeout, connections=max_in_flight) as client:
        todo = _check(plan, results)
        lane = Lane(client, throttle, plan.requests(todo))
        seconds = len(todo) / rate if rate else 0.0
        left = len(todo)
        with Progress(len(todo), seconds=seconds, show=progress) as bar:

            def add(position: int, outcome: Outcome, request: RunWorkflowRequest) -> None:
                nonlocal left
                left -= 1
                results.add(position, outcome, request)
                bar.update(1, results.counts, left * throttle.spacing if rate else 0.0)

            stop = Runner([lane], add=add, limits=limits, note=bar.note).run()
    for position in results.missing():
        why = stop.text if stop is not None else "the run ended"
        results.add(position, Outcome("not_sent", error=f"not sent: {why}"))
    frame = results.frame()
    if stop is not None:
        frame.attrs["flxframe.stopped"] = stop.reason
        warnings.warn(_how_to_go_on(stop, results), StoppedWarning, stacklevel=2)
    return frame


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would send. Made by `preview`; prints as text, and as a table in a notebook.

    Parameters
    ----------
    rows : DataFrame
        For each row of the table, with its index: `request` (the JSON that would be sent) and `error` (what is wrong).
    passengers : list
        The columns that travel along unsent.
    seconds : float
        How long the run would take.
    base_url : str
        Where it would go.
    """

    rows: pd.DataFrame
    passengers: list[Any]
    seconds: float
    base_url: str
    plan: Plan = dataclasses.field(repr=False)

    def curl(self, position: int) -> str:
        """Write a row as a curl command for a POSIX shell; the token is left to ``$FLXPOINT_API_TOKEN``.

        Parameters
        ----------
        position : int
            The row's position.

        Raises
        ------
        RequestError
            If the row can't be a request.
        """
        if not 0 <= position < len(self.rows):
            raise SettingError(f"there is no row {position}: the table has {len(self.rows)} rows, counted from 0")
        _, request = next(self.plan.requests([position]))
        if isinstance(request, RequestError):
            raise request
        return as_curl(request, base_url=self.base_url)

    def _headline(self) -> str:
        invalid = int(self.rows["error"].notna().sum())
        lines = [
            f"{len(self.rows) - invalid} rows would be sent to {self.base_url}, in about {duration(self.seconds)}.",
            f"{invalid} rows can't be sent." if invalid else "",
            f"Columns that travel along unsent: {', '.join(map(str, self.passengers))}." if self.passengers else "",
        ]
        return "\n".join(line for line in lines if line)

    def __str__(self) -> str:
        return f"{self._headline()}\n{self.rows.to_string(max_colwidth=80, max_rows=20)}"

    def _repr_html_(self) -> str:
        shown = self.rows.to_html(max_rows=20, escape=True, na_rep="")
        return f"<p>{html.escape(self._headline()).replace(chr(10), '<br>')}</p>{shown}"


def preview(
    data: Table,
    *,
    event_handle: str | None = None,
    workflow_id: int | None = None,
    draft: bool | None = None,
    params: Mapping[str, int] | None = None,
    columns: Mapping[str, str | None] | None = None,
    handle: str | None = None,
    nulls: str = "omit",
    base_url: str | None = None,
    rate: float | None = 2.0,
    **unused: Any,
) -> Preview:
    """Show what `run_workflows` would send, and send nothing.

    Parameters
    ----------
    data, event_handle, workflow_id, draft, params, columns, handle, nulls, base_url, rate
        As for `run_workflows`.
    **unused
        The other arguments of `run_workflows`, so that a call can be previewed by its name alone; no token is needed.

    Returns
    -------
    Preview
        Each row's JSON or what is wrong with it, the columns that travel along, and how long the run would take.

    Raises
    ------
    FlxframeError
        As `run_workflows` would before its first request.

    Examples
    --------
    >>> orders = pd.DataFrame({"eventHandle": ["order_import", None], "objects.order.sku": ["007", "008"]})
    >>> preview(orders).rows["error"].tolist()[1]
    'the row has neither an id nor an eventHandle: fill one of the two'
    """
    known = {"token", "max_in_flight", "timeout", "retry_unknown", "stop_after", "max_minutes", "progress"}
    if strange := unused.keys() - known:
        raise TypeError(f"preview() got an unexpected keyword argument {min(strange)!r}")
    plan = Plan(
        _table(data),
        defaults=Defaults(event_handle, workflow_id, draft, params or {}),
        columns=columns,
        handle=handle,
        nulls=nulls,
    )
    requests: list[str | None] = []
    errors: list[str | None] = []
    for _, request in plan.requests():
        invalid = isinstance(request, RequestError)
        requests.append(None if isinstance(request, RequestError) else encode(request.body()))
        errors.append(str(request) if invalid else None)
    rows = pd.DataFrame({"request": requests, "error": errors}, index=plan.table.index, dtype=object)
    valid = errors.count(None)
    return Preview(rows, plan.passengers, max(0, valid - 1) / rate if rate else 0.0, resolve_base_url(base_url), plan)


def _table(data: Table) -> pd.DataFrame:
    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, (str, PathLike)):
        from flxframe.tables import read_table  # noqa: PLC0415  what reads workbooks is slow to import

        return read_table(data)
    raise TableError(f"a table is a DataFrame or the path of a file, not a {type(data).__name__}")


def _check(plan: Plan, results: Results) -> Sequence[int]:
    """Note the rows that can't be requests, and return the positions of the others. Nothing has left yet."""
    fit = np.zeros(len(plan.table), dtype=bool)
    for position, request in plan.requests():
        if isinstance(request, RequestError):
            results.add(position, Outcome("invalid", error=str(request)))
        else:
            fit[position] = True
    return array("q", np.flatnonzero(fit).tolist())


def _limits(max_in_flight: int, retry_unknown: bool, stop_after: int | None, max_minutes: float | None) -> Limits:
    for name, value in (("max_in_flight", max_in_flight), ("stop_after", stop_after)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise SettingError(f"{name}={value!r} must be a whole number of at least 1")
    if max_minutes is not None and not (max_minutes > 0 and math.isfinite(max_minutes)):
        raise SettingError(f"max_minutes={max_minutes!r} must be a number of minutes above 0")
    return Limits(max_in_flight, retry_unknown, stop_after, None if max_minutes is None else max_minutes * 60)


def _how_to_go_on(stop: Stop, results: Results) -> str:
    counts = results.counts
    unknown = f" Look into the {counts['unknown']} unknown ones first." if counts["unknown"] else ""
    return (
        f"the run stopped early: {stop.text}. {counts['not_sent']} rows were not sent; to send just those, run "
        f'result[result["run.status"] == "not_sent"].{unknown}'
    )
