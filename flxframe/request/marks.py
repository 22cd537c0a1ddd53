"""Read the marks of an earlier run from a table: each row's fingerprint and status. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from flxframe.dtypes import kind_of
from flxframe.exceptions import TableError
from flxframe.models import STATUSES, Status
from flxframe.request.fingerprints import Fingerprint, parse
from flxframe.request.row_names import row_name

DONE = ("ok", "unknown")
"""The statuses of rows whose workflow ran, or might have run."""

_FINGERPRINT = "run.fingerprint"
_STATUS = "run.status"


@dataclass(frozen=True, slots=True)
class Mark:
    """What an earlier run wrote next to a row; at least one of the two is there.

    Parameters
    ----------
    fingerprint : Fingerprint, optional
        The row's fingerprint.
    status : str, optional
        The row's `run.status`, which a user may have changed.
    """

    fingerprint: Fingerprint | None
    status: Status | None

    @property
    def is_done(self) -> bool:
        """Whether the row's workflow ran, or might have run."""
        return self.status in DONE or (
            self.fingerprint is not None and self.fingerprint.status in DONE
        )


def read_marks(table: pd.DataFrame) -> dict[int, Mark]:
    """Return the marks of the rows that have any, by position.

    Raises
    ------
    TableError
        If a fingerprint or a status is not one that flxframe writes; the message names the row.
    """
    fingerprints = _filled(table, _FINGERPRINT)
    statuses = _filled(table, _STATUS)

    marks = {}
    for position in sorted(fingerprints.keys() | statuses.keys()):
        fingerprint = None
        if position in fingerprints:
            fingerprint = _parse(table, position, fingerprints[position])

        status = statuses.get(position)
        if status is not None and status not in STATUSES:
            raise TableError(
                f"{row_name(table, position)}: run.status is {status!r}, which is not a status "
                f"({', '.join(STATUSES)}): restore the cell, or rename the column if it is not "
                "the one that flxframe wrote"
            )
        marks[position] = Mark(fingerprint, status)
    return marks


def _filled(table: pd.DataFrame, name: str) -> dict[int, Any]:
    """Return the filled cells of a column by position; none if there is no such column."""
    if name not in table.columns:
        return {}

    cells = {}
    for position, cell in enumerate(table[name].tolist()):
        if cell != "" and kind_of(cell) != "missing":
            cells[position] = cell
    return cells


def _parse(table: pd.DataFrame, position: int, cell: object) -> Fingerprint:
    try:
        return parse(str(cell))
    except ValueError as error:
        raise TableError(
            f"{row_name(table, position)}: run.fingerprint is {str(cell)[:70]!r}, but {error}. "
            "It records that the row was sent: restore the cell from the result as it was "
            "written, or clear run.fingerprint and run.status of this row to send it again"
        ) from None
