"""Outcomes that a table has from an earlier run, in its ``run.*`` columns. Pure."""

from __future__ import annotations

from typing import Any

import pandas as pd

from flxframe.dtypes import kind_of
from flxframe.models import Outcome, Status


class KeptOutcomes:
    """The outcomes in a table's ``run.*`` columns, which a file or a user may have changed.

    Parameters
    ----------
    table : DataFrame
        The table.

    Examples
    --------
    >>> table = pd.DataFrame({"run.status": ["ok"], "run.http_status": ["200"]})
    >>> KeptOutcomes(table).outcome(0, "ok").http_status
    200
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table

    def outcome(self, position: int, status: Status) -> Outcome:
        """Return the outcome of a row, by its position."""
        http_status = self._number("run.http_status", position)
        attempts = self._number("run.attempts", position)
        return Outcome(
            status,
            http_status=None if http_status is None else int(http_status),
            error=None if status == "ok" else self._text("run.error", position),
            attempts=0 if attempts is None else int(attempts),
            seconds=self._number("run.seconds", position),
            sent_at=self._time("run.sent_at", position),
            recalled=True,
        )

    def changes(self, position: int) -> int | None:
        """Return the number of fields that the workflow changed."""
        number = self._number("run.changes", position)
        return None if number is None else int(number)

    def fingerprint(self, position: int) -> str | None:
        """Return the fingerprint as it is written in the table."""
        return self._text("run.fingerprint", position)

    def _cell(self, name: str, position: int) -> Any:
        if name not in self._table.columns:
            return None
        cell = self._table[name].iloc[position]
        return None if kind_of(cell) == "missing" else cell

    def _text(self, name: str, position: int) -> str | None:
        cell = self._cell(name, position)
        return None if cell in (None, "") else str(cell)

    def _number(self, name: str, position: int) -> float | None:
        number = pd.to_numeric(self._cell(name, position), errors="coerce")
        return None if number is None or pd.isna(number) else float(number)

    def _time(self, name: str, position: int) -> float | None:
        time = pd.to_datetime(self._cell(name, position), errors="coerce", utc=True)
        return None if time is None or pd.isna(time) else float(time.timestamp())
