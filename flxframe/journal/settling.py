"""Change a journal without a run: settle rows that are unknown, and forget old requests."""

from __future__ import annotations

import contextlib
import datetime as dt
import operator
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from flxframe.exceptions import JournalError, SettingError
from flxframe.journal import opening, pruning
from flxframe.journal.checking import close, open_checked
from flxframe.journal.checksums import sending_checksum
from flxframe.journal.errors import journal_errors
from flxframe.journal.hosts import LIVE, run_states
from flxframe.journal.lock import lock_file
from flxframe.journal.schema import SENDING_FIELDS
from flxframe.text import listed, short_repr

_STATUSES = ("ok", "not_sent")
_NUMBER_LIMIT = 2**63
"""SQLite's numbers are smaller."""


def prune(path: Path, before: dt.date | str) -> int:
    """Forget the requests and answers before a time, and return their number.

    Raises
    ------
    SettingError
        If `before` is not a time.
    JournalError
        If the journal can't be written.
    """
    try:
        moment = before
        if not isinstance(moment, dt.datetime):
            moment = dt.datetime.fromisoformat(str(before))
        seconds = moment.timestamp()
    except (OSError, OverflowError, ValueError):
        raise SettingError(
            f"before={short_repr(before)} must be a date or a time, such as '2026-12-01'"
        ) from None

    with _writing(path) as connection:
        return pruning.forget(connection, path, seconds)


def resolve(path: Path, sendings: Iterable[int], status: str) -> int:
    """Settle sendings that are unknown, and return their number.

    Raises
    ------
    SettingError
        If the status is not one that a user can give, or the sendings are not a list of numbers.
    JournalError
        If one of the sendings is not unknown, or is still in flight; then none is changed.
    """
    if status not in _STATUSES:
        raise SettingError(f"status={short_repr(status)} must be 'ok' or 'not_sent'")
    numbers = _numbers(sendings)

    with _writing(path) as connection, opening.transaction(connection, path):
        records = []
        for number in numbers:
            records.append(_unknown_sending(connection, path, number))
        for number, record in zip(numbers, records, strict=True):
            _settle(connection, number, record, status)
    return len(numbers)


def _numbers(sendings: Iterable[int]) -> list[int]:
    """Return the numbers of sendings, each once."""
    try:
        items = list(sendings)
        if isinstance(sendings, bytes) or any(isinstance(item, bool) for item in items):
            raise TypeError  # the second one is a mask, not numbers
        return sorted(set(map(operator.index, items)))
    except TypeError:
        raise SettingError(
            f"sendings={short_repr(sendings)} must be a list of whole numbers, such as those in "
            "the column 'sending' of Journal.to_frame()"
        ) from None


def settle_row(connection: sqlite3.Connection, path: Path, uid: bytes, status: str) -> None:
    """Settle the last sending of an id in a transaction; nothing happens if it is not unknown."""
    row = connection.execute("SELECT max(id) FROM sendings WHERE uid = ?", (uid,)).fetchone()
    if row[0] is None:
        return
    with contextlib.suppress(JournalError):
        record = _unknown_sending(connection, path, row[0])
        _settle(connection, row[0], record, status)


def _unknown_sending(connection: sqlite3.Connection, path: Path, number: int) -> dict[str, object]:
    row = None
    if abs(number) < _NUMBER_LIMIT:
        row = connection.execute(
            f"SELECT {', '.join(SENDING_FIELDS)} FROM sendings WHERE id = ?",  # noqa: S608
            (number,),
        ).fetchone()
    if row is None:
        raise JournalError(
            f"the journal {path} has no sending {number}: "
            "use the numbers in the column 'sending' of Journal.to_frame()"
        )

    record = dict(zip(SENDING_FIELDS, row, strict=True))
    if record["status"] not in (None, "unknown"):
        raise JournalError(
            f"sending {number} in the journal {path} is {record['status']}, not unknown: "
            f"only sendings that are unknown can be resolved (to {listed(_STATUSES)})"
        )

    states = run_states(connection, path, [record["run"]], time.time())
    if record["status"] is None and states[record["run"]] == LIVE:
        raise JournalError(
            f"sending {number} in the journal {path} is still in flight: wait until its run ends"
        )
    return record


def _settle(
    connection: sqlite3.Connection, number: int, record: dict[str, object], status: str
) -> None:
    error = None if status == "ok" else "not sent: resolved by the user"
    record.update(status=status, error=error, answered_at=record["answered_at"] or time.time())
    connection.execute(
        "UPDATE sendings SET status = ?, error = ?, answered_at = ?, checksum = ? WHERE id = ?",
        (status, error, record["answered_at"], sending_checksum(*record.values()), number),
    )


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a journal that exists for a change."""
    with journal_errors(path):
        opening.check_file_kind(path)

    with lock_file(path), journal_errors(path):
        connection = open_checked(path)
        try:
            yield connection
        finally:
            close(connection, path)
