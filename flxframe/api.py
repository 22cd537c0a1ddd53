"""`run_workflows`, which puts the parts of a run together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import numpy as np
import pandas as pd

from flxframe.journal.matching import Array
from flxframe.journal.writer import JournalWriter
from flxframe.models import STATUSES, Outcome, RunWorkflowRequest
from flxframe.options import RunOptions
from flxframe.options.arguments import takes
from flxframe.request.plan import Plan
from flxframe.request.rows import sendable_rows
from flxframe.request.tokens import Tokens, assign_tokens
from flxframe.result.build import ResultBuilder
from flxframe.run.client import FlxpointClient
from flxframe.run.interrupts import Interrupts
from flxframe.run.lane import Lane, Stop
from flxframe.run.masking import Mask
from flxframe.run.progress import Progress
from flxframe.run.scheduler import Scheduler
from flxframe.run.stopping import gravest_stop, how_to_resume, warn_stopped
from flxframe.run.throttle import Throttle
from flxframe.run.tokens import known_tokens
from flxframe.sources.table import Table, as_table


@takes(RunOptions)
def run_workflows(data: Table, options: RunOptions) -> pd.DataFrame:
    """Run one workflow for each row of a table, and return the table as the workflows left it.

    Parameters
    ----------
    data : DataFrame, list of dicts, path or link
        The table, of any library, or a file that is read into one; see `read_table`. Columns named
        like the request's fields are sent: `id`, `eventHandle`, `draft`, `params.<key>`,
        `objects.<handle>.<...>`. All others are kept in the result.
    {options}

    Returns
    -------
    DataFrame
        The same rows, order, index and columns, `objects.*` as answered, new fields as new columns,
        and `run.status`, `run.http_status`, `run.error`, `run.changes` (the number of changed
        fields), `run.attempts` (the number of requests) and `run.seconds`. If the run stopped
        early, ``attrs["flxframe"]["stopped"]`` is the reason: ``interrupted``, ``token``,
        ``deadline``, ``journal`` or ``failures``. A list of more than 100 items, or an object with
        more than 1,000 new fields, is whole in one cell, and ``attrs["flxframe"]["notes"]`` says
        so.

    Raises
    ------
    FlxframeError
        If anything is wrong before the first request leaves: the table, an argument or the token.

    Warns
    -----
    StoppedWarning
        If the run stopped early; the message says how to resume it.

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
    with Interrupts() as interrupts:
        result, warning = perform(data, options, interrupts)
        if warning is not None:
            warn_stopped(warning, stacklevel=3)
    return result


def perform(
    data: Table, options: RunOptions, interrupts: Interrupts
) -> tuple[pd.DataFrame, str | None]:
    """Run a table; return the result, and the warning of a run that stopped early.

    Parameters
    ----------
    data : DataFrame, list of dicts, path or link
        The table.
    options : RunOptions
        The arguments of `run_workflows`.
    interrupts : Interrupts
        The signals that stop the run. They are caught before the first request leaves; the caller
        restores them, after everything that must not be interrupted.

    Raises
    ------
    FlxframeError
        If anything is wrong before the first request leaves.
    """
    table = as_table(data, options)
    plan = Plan(table, **options.plan_keywords())
    token = known_tokens(options.token, required=True)
    tokens = assign_tokens(plan.table, token, options.token_column)
    results = ResultBuilder(plan)

    with ExitStack() as stack:
        clients = [stack.enter_context(client) for client in _clients(tokens, options)]
        journal = None
        if options.journal is not None:
            journal = JournalWriter(options.journal, base_url=clients[0].base_url)
            stack.enter_context(journal)

        rows_of_token = _rows_to_send(plan, tokens, results, journal, options)
        lanes = [
            Lane(client, Throttle(options.rate), plan.requests(rows), pending=len(rows))
            for client, rows in zip(clients, rows_of_token, strict=True)
        ]
        rows_to_send = sum(map(len, rows_of_token))
        if journal is not None:
            journal.start(rows_to_send, _seconds_left(lanes))

        bar = Progress(
            rows_to_send,
            seconds=_seconds_left(lanes),
            counts=results.counts,
            show=options.progress,
        )
        stack.enter_context(bar)
        bar.note("\n".join(plan.table.attrs.get("flxframe", {}).get("remarks", [])))

        def add(position: int, outcome: Outcome, request: RunWorkflowRequest) -> None:
            _add_outcome(results, position, outcome, request)
            if options.progress:
                bar.update(1, _seconds_left(lanes))

        scheduler = Scheduler(
            lanes, add=add, options=options, journal=journal, interrupts=interrupts, note=bar.note
        )
        interrupts.catch()
        scheduler.run()

        stops = {number: lane.stop for number, lane in enumerate(lanes) if lane.stop is not None}
        _add_unsent(results, scheduler, tokens, stops)
        result = results.frame(gravest_stop(stops).reason if stops else None)
        bar.note("\n".join(result.attrs.get("flxframe", {}).get("notes", [])))

    warning = how_to_resume(stops, tokens, results, options.journal) if stops else None
    return result, warning


def _clients(tokens: Tokens, options: RunOptions) -> Iterator[FlxpointClient]:
    """Yield the client of each token."""
    mask = Mask(tokens.tokens)
    for token in tokens.tokens:
        yield FlxpointClient(
            token=token,
            base_url=options.base_url,
            timeout=options.timeout,
            connections=options.max_in_flight,
            mask=mask,
        )


def _add_outcome(
    results: ResultBuilder, position: int, outcome: Outcome, request: RunWorkflowRequest
) -> None:
    """Add the outcome of a row that was sent; without its answer if that can't be stored."""
    try:
        results.add(position, outcome, request)
    except Exception as error:  # the row has run, and so might others that are in flight
        text = f"the answer can't be shown ({type(error).__name__}: {error})"
        results.add(position, dataclasses.replace(outcome, objects=None, error=text))


def _add_unsent(
    results: ResultBuilder, scheduler: Scheduler, tokens: Tokens, stops: Mapping[int, Stop]
) -> None:
    """Add the outcomes of the rows that a stopped run did not get to."""
    for position in results.missing():
        stop = stops.get(tokens.of_row[position])
        reason = "the run ended" if stop is None else stop.text
        results.add(position, scheduler.unsent(position, reason))


def _seconds_left(lanes: list[Lane]) -> float:
    # The tokens send in parallel, each at its own pace, so the slowest one decides.
    return max((lane.pending * lane.throttle.spacing for lane in lanes), default=0.0)


def _rows_to_send(
    plan: Plan,
    tokens: Tokens,
    results: ResultBuilder,
    journal: JournalWriter | None,
    options: RunOptions,
) -> list[Array]:
    """Add the outcomes of rows that are not sent, and return the other rows by token."""
    identify = journal is not None
    rows = sendable_rows(plan, tokens, on_invalid=results.add_invalid, identify=identify)
    positions = rows.positions

    if journal is not None:
        recalled = {"ok"} if options.retry_unknown else {"ok", "unknown"}
        codes = [code for code, status in enumerate(STATUSES) if status in recalled]
        is_recalled = np.isin(journal.match(plan, positions, rows.digests), codes)
        journal.recall(plan, results, positions[is_recalled])
        positions = positions[~is_recalled]

    numbers = tokens.of_row[positions]
    return [positions[numbers == number] for number in range(len(tokens.tokens))]
