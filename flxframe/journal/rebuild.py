"""Rebuild the result of a table from its journal, without sending anything."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from flxframe.journal.decisions import Action
from flxframe.journal.known import Array
from flxframe.journal.lookup import JournalRows, Lookup
from flxframe.journal.matching import NEW
from flxframe.journal.memory import RunMemory
from flxframe.models import Outcome
from flxframe.options import RunOptions
from flxframe.request.tokens import assign_tokens
from flxframe.result.build import ResultBuilder
from flxframe.result.lines import align_lists, spread_lines


def rebuild_result(
    table: pd.DataFrame, options: RunOptions, base_url: str, journal: JournalRows
) -> pd.DataFrame:
    """Return the result so far.

    Parameters
    ----------
    table : DataFrame
        The table that was run.
    options : RunOptions
        The arguments of the run.
    base_url : str
        Where it went.
    journal : Journal
        The journal, which its caller named.
    """
    options = dataclasses.replace(options, resend="never", limit=None)
    plan, folded = options.plan(table)
    tokens = assign_tokens(plan.table, options.token, options.token_column)
    results = ResultBuilder(plan)
    lookup = Lookup.of(plan, tokens, options, base_url)
    lookup = dataclasses.replace(lookup, location=dataclasses.replace(lookup.location, named=True))

    rows = lookup.sendable_rows(results.add_invalid)
    memory = RunMemory(lookup, rows, journal)
    decisions = memory.decisions
    is_waiting = decisions.actions == Action.WAIT
    # What the run would send again has its last outcome; what it would send first has none.
    is_known = (decisions.actions == Action.SEND) & (decisions.continues != NEW)
    decisions.actions[is_waiting | is_known] = Action.RECALL
    memory.recall(results, recalled=_is_older(memory))

    for position in results.missing():
        results.add(position, Outcome("not_sent", error="not sent yet"))
    result = results.frame()
    statuses = result["run.status"]
    ended = not statuses.isin(["not_sent"]).any() and not is_waiting.any()
    left = result if folded is None else align_lists(folded, result)
    result["run.fingerprint"] = memory.fingerprints(left, ended=ended)
    return result if folded is None else spread_lines(folded, result)


def _is_older(memory: RunMemory) -> Array:
    """Return for each row whether a run before the last one sent it, so that it was recalled."""
    decisions = memory.decisions
    is_older = np.ones(len(decisions.actions), dtype=bool)
    runs = decisions.known.runs
    if len(runs):
        recorded = decisions.actions == Action.RECALL
        is_older[recorded] = runs[decisions.continues[recorded]] != runs.max()
    return is_older
