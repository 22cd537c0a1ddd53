"""The same run on a Dask cluster, where one process is not enough: a token's rows stay together, a journal for each."""

from __future__ import annotations

import hashlib
import os
import uuid
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from flxframe.api import run_workflows
from flxframe.dtypes import column_array
from flxframe.exceptions import SettingError, StoppedWarning
from flxframe.files.reading import Table, as_table
from flxframe.journal.writer import JournalWriter
from flxframe.result.summary import stop_reason
from flxframe.run.client import resolve_base_url
from flxframe.run.scheduler import interrupted_elsewhere
from flxframe.run.tokens import assign_tokens

if TYPE_CHECKING:
    from distributed import Client

_INTERRUPTED: set[str] = set()
"""The calls that were interrupted, as each worker's process knows them."""


class _Secret:
    """A token on its way to a worker: Dask shows a task's arguments in its logs, so it must not show itself."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __repr__(self) -> str:
        return "_Secret()"


def run_workflows_on(
    client: Client,
    data: Table,
    *,
    token: Mapping[str, str],
    token_column: str,
    journals: str | os.PathLike[str],
    **settings: Any,
) -> pd.DataFrame:
    """Run one workflow for each row on a Dask cluster, the rows of each token on one worker.

    An interrupt stops all of them: what is in flight finishes, the rest is ``not_sent``, and the result is returned.
    A worker that dies is no loss: Dask gives its rows to another one, which goes on by their journal. So the folder of
    the journals must be one that all workers share. What the dead worker had in flight is ``unknown``.

    Parameters
    ----------
    client : distributed.Client
        The cluster. It gets the tokens, so its traffic must be your own.
    data : DataFrame or path
        The table.
    token : Mapping
        The tokens by name.
    token_column : str
        The column whose cells name the token of each row.
    journals : path
        The folder in which each token has its journal. The same call with the same folder goes on.
    **settings
        As for `run_workflows`, but for `journal` and `progress`.

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
        If the rows of a token stopped before their end.
    """
    if strange := settings.keys() & {"journal", "progress"}:
        raise SettingError(
            f"{min(strange)}= has no meaning on a cluster: each token has a journal in {journals}"
        )
    if not str(journals).strip():
        raise SettingError(
            f"journals={journals!r} names no folder: give its path, such as 'journals'"
        )
    table = as_table(data)
    tokens = assign_tokens(table, token, token_column)
    Path(journals).mkdir(parents=True, exist_ok=True)
    parts = []
    for number, secret in enumerate(tokens.tokens):
        names = [name for name, value in token.items() if value.strip() == secret]
        # Rows that name no token become invalid wherever they are; the first part takes them along.
        rows = np.flatnonzero((tokens.of_row == number) | ((tokens.of_row < 0) & (number == 0)))
        journal = Path(journals) / f"{_file_name(names)}.journal.db"
        parts.append((rows, table.iloc[rows], _Secret(secret), names, journal))
    # A worker's environment may name another place than ours, such as the real API.
    base_url = resolve_base_url(settings.get("base_url"))
    for (
        *_,
        journal,
    ) in parts:  # what is wrong with one of them is to raise before a row of the others has left
        with JournalWriter(journal, base_url=base_url):
            pass
    settings |= {"token_column": token_column, "base_url": base_url}
    call = uuid.uuid4().hex
    futures = [
        # Not `pure`: Dask would take a second call for the first one, and give its result.
        client.submit(
            _run_part, part, secret, names, {**settings, "journal": journal}, call, pure=False
        )
        for _, part, secret, names, journal in parts
    ]
    return _together(table, [rows for rows, *_ in parts], _results(client, futures, call))


def _results(client: Any, futures: list[Any], call: str) -> list[pd.DataFrame]:
    import distributed  # noqa: PLC0415  an extra

    try:
        distributed.wait(futures)  # type: ignore[no-untyped-call]
    except KeyboardInterrupt:  # which reaches this process alone
        client.run(_interrupt, call)
        distributed.wait(futures)  # type: ignore[no-untyped-call]
    found: list[pd.DataFrame] = client.gather(futures)
    return found


def _interrupt(call: str) -> None:
    _INTERRUPTED.add(call)


def _run_part(
    part: pd.DataFrame, secret: _Secret, names: list[str], settings: Mapping[str, Any], call: str
) -> pd.DataFrame:
    before = interrupted_elsewhere.set(lambda: call in _INTERRUPTED)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", StoppedWarning
            )  # the caller is told, not the worker's log
            return run_workflows(
                part, token=dict.fromkeys(names, secret.token), progress=False, **settings
            )
    finally:
        interrupted_elsewhere.reset(before)


def _file_name(names: list[str]) -> str:
    plain = "-".join("".join(letter for letter in name if letter.isalnum()) for name in names)[:40]
    return f"{plain}-{hashlib.sha256(repr(sorted(names)).encode()).hexdigest()[:8]}"


def _together(
    table: pd.DataFrame, places: list[np.ndarray[Any, Any]], parts: list[pd.DataFrame]
) -> pd.DataFrame:
    names = dict.fromkeys(
        name for part in parts for name in part.columns if not str(name).startswith("run.")
    )
    names |= dict.fromkeys(name for part in parts for name in part.columns)
    columns: dict[Any, Any] = {}
    for name in names:
        cells: list[Any] = [None] * len(table)
        for rows, part in zip(places, parts, strict=True):
            if name in part.columns:
                for place, cell in zip(rows.tolist(), part[name].tolist(), strict=True):
                    cells[place] = cell
        dtypes = {part[name].dtype if name in part.columns else None for part in parts if len(part)}
        kept = len(dtypes) == 1 and None not in dtypes
        columns[name] = pd.Series(cells, dtype=dtypes.pop()).array if kept else column_array(cells)
    frame = pd.DataFrame(columns, index=table.index)
    stopped = [reason for part in parts if (reason := stop_reason(part))]
    if stopped:
        frame.attrs["flxframe"] = {**frame.attrs.get("flxframe", {}), "stopped": stopped[0]}
        left = int((frame["run.status"] == "not_sent").sum())
        warnings.warn(
            f"the rows of {len(stopped)} of {len(parts)} tokens stopped early ({', '.join(sorted(set(stopped)))}). "
            f"{left} rows were not sent; see run.error, and make the same call again to go on",
            StoppedWarning,
            stacklevel=3,
        )
    return frame
