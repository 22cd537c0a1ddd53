"""`run_workflows`, which puts the parts of a run together."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import NamedTuple

import pandas as pd

from flxframe.exceptions import ResultWarning
from flxframe.journal.known import Array
from flxframe.journal.lookup import Lookup
from flxframe.journal.memory import RunMemory
from flxframe.journal.opened import open_journal
from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.options import RunOptions
from flxframe.options.arguments import takes
from flxframe.request.folding import Folded
from flxframe.request.line_hints import remarks_of
from flxframe.request.row_names import unit_of
from flxframe.request.tokens import Tokens, assign_tokens
from flxframe.result.build import ResultBuilder
from flxframe.result.headline import headline
from flxframe.result.lines import align_lists, spread_lines
from flxframe.result.summary import notes_of
from flxframe.run.client import FlxpointClient
from flxframe.run.interrupts import Interrupts
from flxframe.run.lane import Lane, Stop
from flxframe.run.masking import Mask
from flxframe.run.progress import Progress
from flxframe.run.scheduler import Scheduler
from flxframe.run.stopping import gravest_stop, how_to_resume, warn
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
        fields), `run.attempts` (the number of requests), `run.seconds`, `run.sent_at` (UTC),
        `run.recalled` (whether nothing was sent for the row now) and `run.fingerprint` (what
        recognizes the row when the result is run again). If the run stopped early,
        ``attrs["flxframe"]["stopped"]`` is the reason: ``interrupted``, ``token``, ``deadline``,
        ``journal``, ``failures`` or ``limit``. A list of more than 100
        items, or an object with more than 1,000 new fields, is whole in one cell, and
        ``attrs["flxframe"]["notes"]`` says so.

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
    ResultWarning
        For each of the notes.

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
        performed = perform(data, options, interrupts)
        for note in notes_of(performed.result):
            warn(note, ResultWarning, stacklevel=3)
        if performed.warning is not None:
            warn(performed.warning, stacklevel=3)
    return performed.result


class Performed(NamedTuple):
    """What a run returns.

    Parameters
    ----------
    result : DataFrame
        The result.
    headline : str
        The line that says in short what the run did.
    warning : str, optional
        The warning of a run that stopped early.
    """

    result: pd.DataFrame
    headline: str
    warning: str | None


def perform(data: Table, options: RunOptions, interrupts: Interrupts) -> Performed:
    """Run a table.

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
    plan, folded = options.plan(table)
    token = known_tokens(options.token, required=True)
    tokens = assign_tokens(plan.table, token, options.token_column)
    results = ResultBuilder(plan)

    with ExitStack() as stack:
        clients = [stack.enter_context(client) for client in _clients(tokens, options)]
        lookup = Lookup.of(plan, tokens, options, clients[0].base_url)
        memory = _remember(lookup, results, stack, folded)
        lanes = list(_lanes(clients, memory.rows_of_token(), lookup))
        started = time.monotonic()
        memory.start(sum(lane.pending for lane in lanes), _seconds_left(lanes))
        bar = stack.enter_context(_progress(lanes, results, lookup))

        def add(position: int, outcome: Outcome, request: RunWorkflowRequest) -> None:
            _add_outcome(results, position, memory.record.timed(position, outcome), request)
            if options.progress:
                bar.update(1, _seconds_left(lanes))

        scheduler = Scheduler(
            lanes,
            add=add,
            options=options,
            record=memory.record,
            interrupts=interrupts,
            note=bar.note,
        )
        for position, request in memory.rows_elsewhere():
            scheduler.elsewhere.take_over(position, request, None)
        interrupts.catch()
        scheduler.run()

        stops = {number: lane.stop for number, lane in enumerate(lanes) if lane.stop is not None}
        _add_unsent(results, scheduler, tokens, stops, is_limited=memory.is_limited)
        reason = "limit" if memory.is_limited else None
        if stops:
            reason = gravest_stop(stops).reason
        memory.end(complete=reason is None)

        result = _finished(results, memory, folded, reason)
        line = headline(result, time.monotonic() - started, lines=len(table) if folded else None)
        bar.end(line)
        if folded is not None:
            result = spread_lines(folded, result)

    warning = how_to_resume(stops, tokens, results, lookup.location.path) if stops else None
    return Performed(result, line, warning)


def _remember(
    lookup: Lookup, results: ResultBuilder, stack: ExitStack, folded: Folded | None
) -> RunMemory:
    """Look the rows up, and add the outcomes of those that are not sent.

    Raises
    ------
    AlreadySentError
        If rows might have been sent before, and the arguments do not say what is meant.
    """
    rows = lookup.sendable_rows(results.add_invalid)
    journal = open_journal(lookup)
    if journal is not None:
        stack.enter_context(journal)

    memory = RunMemory(lookup, rows, journal)
    if folded is not None:
        folded.name_lines(memory.question)
    if memory.question is not None:
        raise memory.question
    memory.recall(results)
    return memory


def _clients(tokens: Tokens, options: RunOptions) -> Iterator[FlxpointClient]:
    """Yield the client of each token."""
    mask = Mask(tokens.tokens)
    for token in tokens.tokens:
        yield FlxpointClient(
            token=token,
            base_url=options.base_url,
            timeout=options.timeout,
            max_response_mib=options.max_response_mib,
            connections=options.max_in_flight,
            mask=mask,
        )


def _lanes(
    clients: list[FlxpointClient], rows_of_token: list[Array], lookup: Lookup
) -> Iterator[Lane]:
    """Yield the rows to send of each token."""
    for client, rows in zip(clients, rows_of_token, strict=True):
        requests = lookup.plan.requests(rows)
        yield Lane(client, Throttle(lookup.options.rate), requests, pending=len(rows))


def _progress(lanes: list[Lane], results: ResultBuilder, lookup: Lookup) -> Progress:
    """Return the bar of a run, with the remarks about its table above it."""
    bar = Progress(
        sum(lane.pending for lane in lanes),
        seconds=_seconds_left(lanes),
        counts=results.counts,
        show=lookup.options.progress,
        unit=unit_of(lookup.plan.table),
    )
    bar.note("\n".join(remarks_of(lookup.plan.table)))
    return bar


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


def _finished(
    results: ResultBuilder, memory: RunMemory, folded: Folded | None, reason: str | None
) -> pd.DataFrame:
    """Return the result with its fingerprints."""
    result = results.frame(reason)
    left = result if folded is None else align_lists(folded, result)
    result["run.fingerprint"] = memory.fingerprints(left, ended=reason is None)
    return result


def _seconds_left(lanes: list[Lane]) -> float:
    # The tokens send in parallel, each at its own pace, so the slowest one decides.
    return max((lane.pending * lane.throttle.spacing for lane in lanes), default=0.0)
