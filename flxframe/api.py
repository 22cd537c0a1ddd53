"""`run_workflows`, which puts the parts of a run together."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping
from contextlib import ExitStack

import pandas as pd

from flxframe.exceptions import StoppedWarning
from flxframe.files.reading import Table, as_table
from flxframe.journal.lookup import Lookup
from flxframe.journal.memory import RunMemory
from flxframe.journal.writer import JournalWriter
from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.options import RunOptions
from flxframe.options.arguments import takes
from flxframe.request.plan import Plan
from flxframe.request.rows import sendable_rows
from flxframe.request.tokens import Tokens, assign_tokens
from flxframe.result.build import ResultBuilder
from flxframe.run.client import FlxpointClient
from flxframe.run.lane import Lane, Stop
from flxframe.run.progress import Progress
from flxframe.run.scheduler import Scheduler
from flxframe.run.stopping import gravest_stop, how_to_resume
from flxframe.run.throttle import Throttle
from flxframe.run.tokens import known_tokens


@takes(RunOptions)
def run_workflows(data: Table, options: RunOptions) -> pd.DataFrame:
    """Run one workflow for each row of a table, and return the table as the workflows left it.

    Parameters
    ----------
    data : DataFrame or path
        The table, or a file that is read into one. Columns named like the request's fields are
        sent: `id`, `eventHandle`, `draft`, `params.<key>`, `objects.<handle>.<...>`. All others are
        kept in the result.
    {options}

    Returns
    -------
    DataFrame
        The same rows, order, index and columns, `objects.*` as answered, new fields as new columns,
        and `run.status`, `run.http_status`, `run.error`, `run.changes` (the number of changed
        fields), `run.attempts` (the number of requests), `run.seconds`, `run.sent_at` (UTC),
        `run.recalled` (whether nothing was sent for the row now) and `run.fingerprint` (what
        recognises the row when the result is run again). If the run stopped early,
        ``attrs["flxframe"]["stopped"]`` is the reason: ``interrupted``, ``token``, ``deadline``,
        ``journal``, ``failures`` or ``limit``.

    Raises
    ------
    AlreadySentError
        If rows might have been sent before, and the arguments do not say what is meant.
    FlxframeError
        If anything else is wrong before the first request leaves: the table, an argument or the
        token.

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
    table = as_table(data)
    plan = Plan(table, **options.plan_keywords())
    token = known_tokens(options.token, required=True)
    tokens = assign_tokens(plan.table, token, options.token_column)
    results = ResultBuilder(plan)

    with ExitStack() as stack:
        clients = [stack.enter_context(_client(token, options)) for token in tokens.tokens]
        lookup = Lookup.of(plan, tokens, options, clients[0].base_url)
        rows = sendable_rows(plan, tokens, lookup.scope, on_invalid=results.add_invalid)
        journal = None
        if lookup.location.path is not None:
            journal = JournalWriter(lookup.location.path, place=lookup.scope.place)
            stack.enter_context(journal)

        memory = RunMemory(lookup, rows, journal)
        if memory.question is not None:
            raise memory.question
        memory.recall(results)
        rows_of_token = memory.rows_of_token()
        lanes = [
            Lane(client, Throttle(options.rate), plan.requests(rows), pending=len(rows))
            for client, rows in zip(clients, rows_of_token, strict=True)
        ]
        rows_to_send = sum(map(len, rows_of_token))
        memory.start(rows_to_send, _seconds_left(lanes))

        bar = Progress(
            rows_to_send,
            seconds=_seconds_left(lanes),
            counts=results.counts,
            show=options.progress,
        )
        stack.enter_context(bar)

        def add(position: int, outcome: Outcome, request: RunWorkflowRequest) -> None:
            sent_at = memory.record.sent_at(position)
            if outcome.sent_at is None and sent_at is not None:
                outcome = dataclasses.replace(outcome, sent_at=sent_at)
            results.add(position, outcome, request)
            if options.progress:
                bar.update(1, _seconds_left(lanes))

        scheduler = Scheduler(
            lanes,
            add=add,
            options=options,
            record=memory.record,
            elsewhere=memory.rows_elsewhere(),
            note=bar.note,
        )
        # From the first request on, even a repeated Ctrl-C must not lose the result.
        stack.enter_context(scheduler.interruptible())
        scheduler.run()

        stops = {number: lane.stop for number, lane in enumerate(lanes) if lane.stop is not None}
        _add_unsent(results, scheduler, tokens, stops, is_limited=memory.is_limited)
        reason = gravest_stop(stops).reason if stops else None
        if reason is None and memory.is_limited:
            reason = "limit"
        result = results.frame(reason)
        result["run.fingerprint"] = memory.fingerprints(result, ended=reason is None)
        memory.end(complete=reason is None)

    if stops:
        message = how_to_resume(stops, tokens, results, lookup.location.path)
        warnings.warn(message, StoppedWarning, stacklevel=3)
    return result


def _client(token: str, options: RunOptions) -> FlxpointClient:
    return FlxpointClient(
        token=token,
        base_url=options.base_url,
        timeout=options.timeout,
        connections=options.max_in_flight,
    )


def _add_unsent(
    results: ResultBuilder,
    scheduler: Scheduler,
    tokens: Tokens,
    stops: Mapping[int, Stop],
    *,
    is_limited: bool,
) -> None:
    """Add the outcomes of the rows that a stopped or limited run did not get to."""
    for position in results.missing():
        stop = stops.get(tokens.of_row[position])
        reason = "limit" if is_limited else "the run ended"
        if stop is not None:
            reason = stop.text
        results.add(position, scheduler.unsent(position, reason))


def _seconds_left(lanes: list[Lane]) -> float:
    # The tokens send in parallel, each at its own pace, so the slowest one decides.
    return max((lane.pending * lane.throttle.spacing for lane in lanes), default=0.0)
