"""Tables that are looked up as a run looks them up, without sending anything."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from flxframe.journal.lookup import JournalRows, Lookup
from flxframe.journal.memory import RunMemory
from flxframe.journal.recorded import RecordedRows
from flxframe.options import RunOptions
from flxframe.request.rows import SendableRows, sendable_rows
from flxframe.request.tokens import assign_tokens
from tests.conftest import TOKEN
from tests.journal.conftest import URL


def lookup_of(table: pd.DataFrame, base_url: str = URL, **arguments: object) -> Lookup:
    """Return how the rows of a table are recognised, by default with the sandbox's token."""
    options = RunOptions(**{"token": TOKEN, "event_handle": "order_import", **arguments})
    plan, _ = options.plan(table)
    tokens = assign_tokens(table, options.token, options.token_column)
    return Lookup.of(plan, tokens, options, base_url)


def rows_in(lookup: Lookup) -> SendableRows:
    """Return the rows of a lookup that can be sent."""
    return sendable_rows(lookup.plan, lookup.tokens, lookup.scope, on_invalid=_ignore)


def memory_of(
    table: pd.DataFrame,
    base_url: str = URL,
    *,
    journal: Path | None = None,
    unnamed: Path | JournalRows | None = None,
    **arguments: object,
) -> RunMemory:
    """Return what a run would remember of a table.

    Its journal is named in the call, or is one that nobody named; a path is only read.
    """
    lookup = lookup_of(table, base_url, journal=journal, **arguments)
    source = unnamed if journal is None else journal
    rows = RecordedRows(source) if isinstance(source, Path) else source
    return RunMemory(lookup, rows_in(lookup), rows)


def _ignore(*_: object) -> None:
    """Do nothing with a row that cannot be sent."""
