"""Runs on a Dask cluster, where one process is not enough: one part per token."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from flxframe.api import perform
from flxframe.dtypes import column_array
from flxframe.exceptions import ResultWarning
from flxframe.journal.lookup import Lookup
from flxframe.journal.memory import RunMemory
from flxframe.journal.writer import JournalWriter
from flxframe.options import ClusterOptions, RunOptions
from flxframe.options.arguments import arguments, takes
from flxframe.options.reading import ReadOptions
from flxframe.request.folding import Folded
from flxframe.request.plan import Plan
from flxframe.request.token import Token, hide
from flxframe.request.tokens import Tokens, assign_tokens
from flxframe.result.attributes import result_attributes
from flxframe.result.summary import notes_of, stop_reason
from flxframe.run.client import resolve_base_url
from flxframe.run.interrupts import Interrupts, interrupted_elsewhere
from flxframe.run.stopping import warn
from flxframe.sources.table import Table, as_table
from flxframe.text import counted

if TYPE_CHECKING:
    from distributed import Client

_POLL_SECONDS = 0.5

_INTERRUPTED: set[str] = set()
"""The calls that were interrupted, in the process of each worker."""


class _Secret:
    """A token that is pickled for its worker, which the token itself refuses."""

    def __init__(self, token: str | Token) -> None:
        self.token = hide(token)

    def __repr__(self) -> str:  # Dask logs the repr of a task's arguments
        return "_Secret()"

    def __reduce__(self) -> tuple[type[_Secret], tuple[str]]:
        return _Secret, (self.token.reveal(),)


@dataclass(frozen=True)
class _Part:
    """The rows of one token, and their positions in the whole table."""

    positions: np.ndarray[Any, Any]
    table: pd.DataFrame
    token: _Secret
    names: tuple[str, ...]


@takes(ClusterOptions)
def run_workflows_on(client: Client, data: Table, options: ClusterOptions) -> pd.DataFrame:
    """Run one workflow for each row on a Dask cluster, the rows of each token on one worker.

    An interrupt stops all of them: requests in flight finish, the other rows are ``not_sent``, and
    the result is returned. If a worker dies, Dask gives its rows to another one, which resumes from
    their journal, so all workers must share the folder of the journals. The rows that the dead
    worker had in flight are ``unknown``.

    Parameters
    ----------
    client : distributed.Client
        The cluster. It gets the tokens, so its traffic must be private.
    data : DataFrame, list of dicts, path or link
        The table.
    {options}

    Returns
    -------
    DataFrame
        As `run_workflows` returns it.

    Raises
    ------
    FlxframeError
        If anything is wrong before the first request leaves.

    Warns
    -----
    StoppedWarning
        If the rows of a token stopped early.
    ResultWarning
        For each of the result's notes.
    """
    table = as_table(data, options)
    plan, folded = options.plan(table)
    tokens = assign_tokens(plan.table, options.token, options.token_column)
    base_url = resolve_base_url(options.base_url)
    journal = _journal(options)

    # An invalid table, an unusable journal or a question must raise before any row leaves.
    limits = _rows_of_token(plan, tokens, options, base_url, journal, folded=folded)
    of_row = tokens.of_row if folded is None else tokens.of_row[folded.groups.of_row]
    parts = _parts(table, tokens, of_row)

    # The environment of a worker might have another base URL, such as that of the real API.
    settings = _settings(options) | {"base_url": base_url, "journal": journal}
    call = uuid.uuid4().hex
    with Interrupts() as interrupts:
        interrupts.catch()
        futures = []
        for part, limit in zip(parts, limits, strict=True):
            part_settings = {**settings, "limit": None if options.limit is None else limit}
            # Not `pure`: otherwise Dask returns the first call's result to a second call.
            future = client.submit(
                _run_part, part.table, part.token, part.names, part_settings, call, pure=False
            )
            futures.append(future)

        results = _gathered(client, futures, call, interrupts)
        result = _joined(table, [part.positions for part in parts], results)
        for note in notes_of(result):
            warn(note, ResultWarning, stacklevel=3)
        _warn_of_stops(result, results)
    return result


def _journal(options: ClusterOptions) -> Path:
    """Return the journal of all tokens; its name depends on none of them."""
    folder = Path(options.journals)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "journal.db"


def _rows_of_token(
    plan: Plan,
    tokens: Tokens,
    options: ClusterOptions,
    base_url: str,
    journal: Path,
    *,
    folded: Folded | None,
) -> list[int]:
    """Return the number of rows that each token sends.

    Raises
    ------
    AlreadySentError
        If rows might have been sent before, and the arguments do not say what is meant.
    """
    arguments_of_run = {name: getattr(options, name) for name in arguments(RunOptions)}
    run_options = RunOptions(**{**arguments_of_run, "journal": journal})
    lookup = Lookup.of(plan, tokens, run_options, base_url)
    rows = lookup.sendable_rows(lambda *_: None)
    names = tokens.all_names()
    with JournalWriter(journal, place=lookup.scope.place, token_names=names) as writer:
        memory = RunMemory(lookup, rows, writer)

    if folded is not None:
        folded.name_lines(memory.question)
    if memory.question is not None:
        raise memory.question
    return list(map(len, memory.rows_of_token()))


def _parts(table: pd.DataFrame, tokens: Tokens, of_row: np.ndarray[Any, Any]) -> list[_Part]:
    """Return the rows of each token; the lines of an order have the same."""
    parts = []
    for number, token in enumerate(tokens.tokens):
        is_part = of_row == number
        if number == 0:  # rows without a token are invalid wherever they are
            is_part = is_part | (of_row < 0)

        positions = np.flatnonzero(is_part)
        names = tokens.names[number]
        parts.append(_Part(positions, table.iloc[positions], _Secret(token), names))
    return parts


def _settings(options: ClusterOptions) -> dict[str, Any]:
    """Return the arguments of all parts, without the tokens and those that read the table."""
    elsewhere = {"token", "journal", "progress", *arguments(ReadOptions)}
    names = arguments(RunOptions).keys() - elsewhere
    return {name: getattr(options, name) for name in names}


def _gathered(
    client: Any, futures: list[Any], call: str, interrupts: Interrupts
) -> list[pd.DataFrame]:
    """Wait for all parts, and stop them once this process is interrupted."""
    import distributed  # noqa: PLC0415  an optional dependency

    is_stopped = False
    while True:
        if interrupts.stop is not None and not is_stopped:
            is_stopped = True
            client.run(_interrupt, call)  # only this process receives the signal
        with suppress(TimeoutError):
            distributed.wait(futures, timeout=_POLL_SECONDS)  # type: ignore[no-untyped-call]
            break

    results: list[pd.DataFrame] = client.gather(futures)
    return results


def _interrupt(call: str) -> None:
    _INTERRUPTED.add(call)


def _run_part(
    part: pd.DataFrame,
    secret: _Secret,
    names: tuple[str, ...],
    settings: Mapping[str, Any],
    call: str,
) -> pd.DataFrame:
    tokens = dict.fromkeys(names, secret.token)
    options = RunOptions(token=tokens, progress=False, **settings)
    previous = interrupted_elsewhere.set(lambda: call in _INTERRUPTED)
    try:
        # The caller warns once for all parts.
        result = perform(part, options, Interrupts()).result
    finally:
        interrupted_elsewhere.reset(previous)
    return result


def _joined(
    table: pd.DataFrame, positions: list[np.ndarray[Any, Any]], parts: list[pd.DataFrame]
) -> pd.DataFrame:
    """Return the results of all parts as the result of the table."""
    all_names = dict.fromkeys(name for part in parts for name in part.columns)
    run_names = [name for name in all_names if str(name).startswith("run.")]
    names = [name for name in all_names if name not in run_names]

    columns = {name: _joined_column(name, table, positions, parts) for name in [*names, *run_names]}
    result = pd.DataFrame(columns, index=table.index)

    reasons = [reason for reason in map(stop_reason, parts) if reason is not None]
    notes = [note for part in parts for note in part.attrs.get("flxframe", {}).get("notes", [])]
    result.attrs.update(result_attributes(table, reasons[0] if reasons else None, notes))
    names = [part.attrs.get("flxframe", {}).get("line_columns", []) for part in parts]
    if any(names):
        facts = result.attrs.setdefault("flxframe", {})
        facts["line_columns"] = list(dict.fromkeys(itertools.chain(*names)))
    return result


def _warn_of_stops(result: pd.DataFrame, parts: list[pd.DataFrame]) -> None:
    """Warn if some parts stopped early."""
    reasons = [reason for reason in map(stop_reason, parts) if reason is not None]
    if not reasons:
        return

    not_sent = int((result["run.status"] == "not_sent").sum())
    warn(
        f"the rows of {len(reasons)} of {len(parts)} tokens stopped early "
        f"({', '.join(sorted(set(reasons)))}). Not sent: {counted(not_sent, 'row')}; see "
        "run.error, and repeat the call to resume",
        stacklevel=4,
    )


def _joined_column(
    name: Any,
    table: pd.DataFrame,
    positions: list[np.ndarray[Any, Any]],
    parts: list[pd.DataFrame],
) -> Any:
    cells: list[Any] = [None] * len(table)
    dtypes = set()
    for rows, part in zip(positions, parts, strict=True):
        if len(part):
            dtypes.add(part[name].dtype if name in part.columns else None)
        if name in part.columns:
            for position, cell in zip(rows.tolist(), part[name].tolist(), strict=True):
                cells[position] = cell

    if len(dtypes) == 1 and None not in dtypes:
        return pd.Series(cells, dtype=dtypes.pop()).array
    return column_array(cells)
