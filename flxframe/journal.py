"""The journal: the SQLite file that remembers what was sent and answered.

One row of the file is one request that left. Its intent is on disk before it leaves, its answer as soon as it is there;
an intent without an answer is `unknown`. Rows of a table are known by what was sent for them, not by where they stood.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

from flxframe.bodies import encode
from flxframe.exceptions import JournalError, RequestError, TableError
from flxframe.fields import Defaults
from flxframe.journal_file import (
    base_urls,
    check_format,
    done_rows,
    in_words,
    is_locked,
    journal_path,
    known,
    outcomes,
)
from flxframe.matching import NEW, Array, Match, match_rows
from flxframe.outcomes import JSON, STATUSES, Outcome, RunWorkflowRequest
from flxframe.payloads import Plan
from flxframe.results import Results

_CHUNK = 1024
"""Rows that are recalled at a time."""


def digest(request: RunWorkflowRequest, token: str | None = None) -> bytes:
    """Return what a request is known by: 16 bytes that are the same for the same content.

    Of several tokens, the name of the one that it goes out with counts too: what was sent to one store was not sent to
    another.

    Examples
    --------
    >>> one = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"a": 1, "b": 2}})
    >>> other = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"b": 2, "a": 1}})
    >>> digest(one) == digest(other)
    True
    """
    content = encode(request.body(), sort_keys=True)
    return hashlib.sha256((content if token is None else f"{content}\0{token}").encode()).digest()[:16]


def outcome_digest(request: RunWorkflowRequest, objects: Mapping[str, JSON]) -> bytes:
    """Return what a row is known by once its result stands in a table: blanks and a number's spelling don't count.

    Examples
    --------
    >>> sent = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"n": 7}})
    >>> outcome_digest(sent, {"order": {"n": 7.0, "note": None}}) == outcome_digest(sent, sent.objects)
    True
    """
    body = _essence({**request.body(), "objects": objects})
    return hashlib.sha256(encode(body, sort_keys=True).encode()).digest()[:16]


def _essence(value: JSON) -> JSON:
    """Leave out what a file doesn't keep, and write each number in one way."""
    if isinstance(value, Mapping):
        return {key: inside for key, item in value.items() if (inside := _essence(item)) not in (None, "", {}, [])}
    if isinstance(value, list):
        return [inside for item in value if (inside := _essence(item)) not in (None, "", {}, [])]
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return {"": str(Decimal(str(value)).normalize())}
    return value


class Journal:
    """A journal opened for reading, while a run writes to it or after. It never changes the file.

    Parameters
    ----------
    path : path
        The journal's file.

    Raises
    ------
    JournalError
        If the file isn't there, is no journal, is damaged, or is one of a newer flxframe.
    SettingError
        If the path names no file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = journal_path(path)
        with self._connection():
            pass

    def __repr__(self) -> str:
        return f"Journal({str(self.path)!r})"

    def summary(self) -> pd.DataFrame:
        """Count the rows by status.

        Returns
        -------
        DataFrame
            `base_url`, `status` and `rows`: how many rows stand so after their last request.
        """
        found: list[tuple[str, str, int]] = []
        with self._connection() as connection:
            for base_url in base_urls(connection):
                counts = np.bincount(known(connection, base_url).codes, minlength=len(STATUSES))
                found += [(base_url, status, count) for status, count in zip(STATUSES, counts, strict=True) if count]
        frame = pd.DataFrame(found, columns=["base_url", "status", "rows"])
        return frame.astype({"base_url": "str", "status": "str", "rows": "int64"})

    def to_frame(self) -> pd.DataFrame:
        """List every request that left.

        Returns
        -------
        DataFrame
            `row` (its position in the table at that time), `request` (the JSON), `status`, `http_status`, `error`,
            `sent_at` and `answered_at` (UTC), `seconds`.
        """
        names = ["row", "request", "status", "http_status", "error", "sent_at", "answered_at", "seconds"]
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT position, request, coalesce(status, 'unknown'), http_status, error, sent_at, answered_at, "
                "seconds FROM attempts ORDER BY id"
            ).fetchall()
        frame = pd.DataFrame(rows, columns=names).astype({"row": "int64", "http_status": "Int64", "seconds": "float64"})
        for name in ("sent_at", "answered_at"):
            frame[name] = pd.to_datetime(frame[name].astype("float64"), unit="s", utc=True)
        return frame

    def last_run(self) -> LastRun | None:
        """Tell how far the run that began last has come; None if none has begun."""
        with self._connection() as connection:
            found = connection.execute(
                "SELECT started_at, rows, seconds, first_attempt FROM runs ORDER BY rowid DESC LIMIT 1"
            ).fetchone()
            if found is None:
                return None
            started_at, rows, seconds, first = found
            settled = 0
            for base_url in base_urls(connection):
                rows_known = known(connection, base_url)
                since = rows_known.attempts >= first
                settled += int(np.count_nonzero(rows_known.codes[since] != STATUSES.index("not_sent")))
            (awaited,) = connection.execute(
                "SELECT count(*) FROM attempts WHERE id >= ? AND status IS NULL", (first,)
            ).fetchone()
        going_on = is_locked(self.path)
        return LastRun(started_at, rows, seconds, min(settled, rows), awaited if going_on else 0, going_on)

    def last_attempts(self) -> Iterator[tuple[str, Outcome]]:
        """Yield of each row the request that was sent last, as JSON, and what became of it."""
        with self._connection() as connection:
            for base_url in base_urls(connection):
                rows = known(connection, base_url)
                order = np.argsort(rows.attempts)
                match = Match(rows.nth, rows.codes, rows.attempts, rows.tries)
                for place, outcome in zip(order, outcomes(connection, match, order), strict=True):
                    (request,) = connection.execute(
                        "SELECT request FROM attempts WHERE id = ?", (int(rows.attempts[place]),)
                    ).fetchone()
                    yield request, outcome

    def wrote(self, output: Path) -> bool:
        """Say whether a file is the result that a run with this journal wrote, untouched since."""
        return output.is_file() and self._written(output) == file_digest(output)

    def is_of(self, table: Path) -> bool:
        """Say whether a table is a result that a run with this journal wrote, worked on or not."""
        return self._written(table) is not None

    def _written(self, path: Path) -> bytes | None:
        with self._connection() as connection:
            found = connection.execute("SELECT digest FROM written WHERE path = ?", (output_key(path),)).fetchone()
        return None if found is None else bytes(found[0])

    def result(
        self,
        table: pd.DataFrame,
        *,
        event_handle: str | None = None,
        workflow_id: int | None = None,
        draft: bool | None = None,
        params: Mapping[str, int] | None = None,
        columns: Mapping[str, str | None] | None = None,
        handle: str | None = None,
        nulls: str = "omit",
        base_url: str | None = None,
    ) -> pd.DataFrame:
        """Make the result as it stands, and send nothing: after a dead kernel, or while a run goes on elsewhere.

        Parameters
        ----------
        table : DataFrame
            The table that was run.
        event_handle, workflow_id, draft, params, columns, handle, nulls
            As they were given to `run_workflows`.
        base_url : str, optional
            Where it was sent; needed when the journal knows several.

        Returns
        -------
        DataFrame
            As `run_workflows` returns it; a row that never left is ``not_sent``.

        Raises
        ------
        JournalError
            If the journal can't be read, or knows several base URLs.
        TableError
            If `table` is no DataFrame.
        """
        if not isinstance(table, pd.DataFrame):
            raise TableError(
                f"a journal's result wants the DataFrame that was run, not {table!r}: read_table makes one"
            )
        plan = Plan(
            table,
            defaults=Defaults(event_handle, workflow_id, draft, params or {}),
            columns=columns,
            handle=handle,
            nulls=nulls,
        )
        results = Results(plan)
        positions = array("q")
        digests = bytearray()
        for position, request in plan.requests():
            if isinstance(request, RequestError):
                results.add(position, Outcome("invalid", error=str(request)))
            else:
                positions.append(position)
                digests += digest(request)
        with self._connection() as connection:
            urls = base_urls(connection)
            if base_url is None and len(urls) > 1:
                raise JournalError(f"{self.path} knows several base URLs: say base_url=, one of {', '.join(urls)}")
            where = base_url.rstrip("/") if base_url is not None else "".join(urls)
            match = match_table(connection, where, plan, np.asarray(positions), digests)
            there = np.flatnonzero(match.codes != NEW)
            recall(plan, results, np.asarray(positions)[there], outcomes(connection, match, there))
        for position in results.missing():
            results.add(position, Outcome("not_sent", error="not sent yet"))
        return results.frame()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        if not self.path.is_file():
            raise JournalError(f"there is no journal {self.path}: check the name and the folder")
        with in_words(self.path):
            uri = f"{self.path.resolve().as_uri()}?mode=ro"
            if not os.access(self.path.parent, os.W_OK) and not self.path.with_name(f"{self.path.name}-wal").exists():
                # SQLite would want to make the files there by which it knows of a writer; there can be none.
                uri += "&immutable=1"
            with contextlib.closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30)) as connection:
                check_format(connection, self.path)
                yield connection


@dataclass(frozen=True, slots=True)
class LastRun:
    """How far a run has come: when it began, what it had to do in how many seconds, and what of it has left.

    Of that, `in_flight` rows await their answers if the run goes on; until then they are ``unknown``.
    """

    started_at: float
    rows: int
    seconds: float
    settled: int
    in_flight: int
    going_on: bool


def output_key(output: Path) -> str:
    """Return what a result file is known by."""
    return str(output.resolve())


def file_digest(path: Path) -> bytes:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def match_table(
    connection: sqlite3.Connection, base_url: str, plan: Plan, positions: Array, digests: bytes | bytearray
) -> Match:
    """Find what a journal knows of a table's rows, by what was sent for them, or else by what their results show."""
    there = known(connection, base_url)
    match = match_rows(digests, there)
    new = np.flatnonzero(match.codes == NEW)
    if not len(new):
        return match
    others = np.setdiff1d(there.attempts, match.attempts[match.codes != NEW], assume_unique=True)
    done = done_rows(connection, others)
    if not len(done.codes):  # as in each first run, whose rows need not be built once more
        return match
    shown = bytearray()
    for _, request in plan.requests(positions[new]):
        if isinstance(request, RunWorkflowRequest):
            shown += outcome_digest(request, request.objects)
    by_result = match_rows(shown, done)
    found = by_result.codes != NEW
    match.codes[new[found]] = by_result.codes[found]
    match.attempts[new[found]] = by_result.attempts[found]
    match.tries[new[found]] = by_result.tries[found]
    return match


def recall(plan: Plan, results: Results, positions: Array, recorded: Iterator[Outcome]) -> None:
    """Take the outcomes of rows from a journal, in the order of `positions`."""
    for start in range(0, len(positions), _CHUNK):
        some = dict(zip(positions[start : start + _CHUNK].tolist(), recorded, strict=False))
        # Most workflows leave most rows as they are, and to build their requests anew would take most of the time.
        changed = plan.requests([position for position, outcome in some.items() if outcome.objects is not None])
        sent = {position: request for position, request in changed if isinstance(request, RunWorkflowRequest)}
        for position, outcome in some.items():
            results.add(position, outcome, sent.get(position))
