"""`run_workflows`: the one place where the parts of a run meet."""

from __future__ import annotations

import warnings
from array import array
from collections.abc import Mapping
from contextlib import ExitStack
from os import PathLike

import numpy as np
import pandas as pd

from flxframe.exceptions import RequestError, StoppedWarning
from flxframe.files.reading import Table, as_table
from flxframe.journal.matching import Array
from flxframe.journal.writer import JournalWriter
from flxframe.models import STATUSES, Outcome, RunWorkflowRequest
from flxframe.request.fields import Defaults
from flxframe.request.identity import digest
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder
from flxframe.run.client import FlxpointClient
from flxframe.run.lane import Lane
from flxframe.run.progress import Progress
from flxframe.run.scheduler import Scheduler
from flxframe.run.stopping import _limits, gravest_stop, how_to_resume
from flxframe.run.throttle import Throttle
from flxframe.run.tokens import Tokens, assign_tokens


def run_workflows(
    data: Table,
    *,
    event_handle: str | None = None,
    workflow_id: int | None = None,
    draft: bool | None = None,
    params: Mapping[str, int] | None = None,
    columns: Mapping[str, str | None] | None = None,
    object_handle: str | None = None,
    blanks: str = "omit",
    token: str | Mapping[str, str] | None = None,
    token_column: str | None = None,
    base_url: str | None = None,
    rate: float | None = 2.0,
    max_in_flight: int = 16,
    timeout: float = 60.0,
    retry_unknown: bool = False,
    stop_after_failures: int | None = 20,
    max_minutes: float | None = None,
    journal: str | PathLike[str] | None = None,
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
    object_handle : str, optional
        The object handle that takes every column which is no request field.
    blanks : {"omit", "null"}
        Whether a blank cell is left out or sent as null.
    token : str or Mapping, optional
        The API token; by default the environment's ``FLXPOINT_API_TOKEN``. Several by name, such as
        ``{"EU": "...", "US": "..."}``, each work at their own pace, all at once.
    token_column : str, optional
        With several tokens, the column whose cells name the token of each row.
    base_url : str, optional
        By default the environment's ``FLXPOINT_BASE_URL``, else the real API.
    rate : float, optional
        Requests a second; None is unthrottled, for rehearsals. The API allows 2 for each token
        (https://api.flxpoint.com/workflow/run).
    max_in_flight : int
        How many requests of a token may wait for their answers at once; 1 is strictly one after the other.
    timeout : float
        Seconds to wait for an answer.
    retry_unknown : bool
        Send a row again though its workflow may have run. A workflow can send e-mail.
    stop_after_failures : int, optional
        Stop when so many rows in a row fail for the server's or the network's fault; None never does.
    max_minutes : float, optional
        Start no more rows after so many minutes.
    journal : path, optional
        The file that remembers what was sent and answered. A run with the same journal skips what is ``ok``, whatever
        was sorted, inserted or deleted in the table, and sends what is new, mended or not yet delivered. Rows that are
        ``unknown`` are left alone unless `retry_unknown`.
    progress : bool
        Show a progress bar.

    Returns
    -------
    DataFrame
        The same rows, order, index and columns, `objects.*` as answered, new fields as new columns, and `run.status`,
        `run.http_status`, `run.error`, `run.changes` (fields), `run.attempts` (requests), `run.seconds`. Of a run that
        stopped early, ``attrs["flxframe"]["stopped"]`` is the reason: ``interrupted``, ``token``, ``deadline``,
        ``journal`` or ``trouble``.

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
    limits = _limits(max_in_flight, retry_unknown, stop_after_failures, max_minutes)
    plan = Plan(
        as_table(data),
        defaults=Defaults(event_handle, workflow_id, draft, params or {}),
        columns=columns,
        object_handle=object_handle,
        blanks=blanks,
    )
    tokens = assign_tokens(plan.table, token, token_column)
    results = ResultBuilder(plan)
    with ExitStack() as stack:
        clients = [
            stack.enter_context(
                FlxpointClient(
                    token=secret, base_url=base_url, timeout=timeout, connections=max_in_flight
                )
            )
            for secret in tokens.tokens
        ]
        record = None
        if journal is not None:
            record = stack.enter_context(JournalWriter(journal, base_url=clients[0].base_url))
        todo = _check(plan, results, tokens, record, retry_unknown=retry_unknown)
        lanes = [
            Lane(client, Throttle(rate), plan.requests(some), pending=len(some))
            for client, some in zip(clients, todo, strict=True)
        ]
        rows = sum(map(len, todo))
        if record is not None:
            record.start(rows, _seconds_left(lanes))
        bar = stack.enter_context(
            Progress(rows, seconds=_seconds_left(lanes), counts=results.counts, show=progress)
        )

        def add(position: int, outcome: Outcome, request: RunWorkflowRequest) -> None:
            results.add(position, outcome, request)
            if progress:
                bar.update(1, _seconds_left(lanes))

        runner = Scheduler(lanes, add=add, limits=limits, journal=record, note=bar.note)
        # From the first request on, an impatient user's Ctrl-C must not cost the result either.
        stack.enter_context(runner.interruptible())
        runner.run()
        stops = {number: lane.stop for number, lane in enumerate(lanes) if lane.stop is not None}
        for position in results.missing():
            why = stops.get(tokens.of_row[position])
            results.add(position, runner.unsent(position, why.text if why else "the run ended"))
        frame = results.frame(gravest_stop(stops).reason if stops else None)
    if stops:
        warnings.warn(how_to_resume(stops, tokens, results, journal), StoppedWarning, stacklevel=2)
    return frame


def _seconds_left(lanes: list[Lane]) -> float:
    # Each token at its own pace, all at once: the whole takes as long as the longest of them.
    return max((lane.pending * lane.throttle.spacing for lane in lanes), default=0.0)


def _check(
    plan: Plan,
    results: ResultBuilder,
    tokens: Tokens,
    record: JournalWriter | None,
    *,
    retry_unknown: bool,
) -> list[Array]:
    """Note the rows that are not to be sent, and return the positions of the others by token. Nothing has left yet."""
    fit = array("q")
    digests = bytearray()
    for position, request in plan.requests():
        if isinstance(request, RequestError):
            results.add(position, Outcome("invalid", error=str(request)))
        elif tokens.of_row[position] < 0:
            cell = plan.table[tokens.column].iloc[position]
            results.add(position, Outcome("invalid", error=tokens.problem(cell)))
        else:
            fit.append(position)
            if record is not None:
                name = None if tokens.column is None else tokens.names[tokens.of_row[position]]
                digests += digest(request, name)
    left = np.asarray(fit)
    if record is not None:
        keep = ("ok",) if retry_unknown else ("ok", "unknown")
        settled = np.isin(
            record.match(plan, left, digests), [STATUSES.index(status) for status in keep]
        )
        record.recall(plan, results, left[settled])
        left = left[~settled]
    numbers = tokens.of_row[left]
    return [left[numbers == number] for number in range(len(tokens.tokens))]
