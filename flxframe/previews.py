"""What a run would send, to be looked at before it does."""

from __future__ import annotations

import dataclasses
import html
from dataclasses import dataclass
from typing import Any

import pandas as pd

from flxframe.bodies import as_curl
from flxframe.exceptions import RequestError, SettingError
from flxframe.payloads import Plan
from flxframe.progress import duration


@dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """What a run would send. Made by `preview`; prints as text, and as a table in a notebook.

    Parameters
    ----------
    rows : DataFrame
        For each row of the table, with its index: `request` (the JSON that would be sent) and `error` (what is wrong).
    passengers : list
        The columns that travel along unsent.
    seconds : float
        How long the run would take.
    base_url : str
        Where it would go.
    """

    rows: pd.DataFrame
    passengers: list[Any]
    seconds: float
    base_url: str
    plan: Plan = dataclasses.field(repr=False)

    def curl(self, position: int) -> str:
        """Write a row as a curl command for a POSIX shell; the token is left to ``$FLXPOINT_API_TOKEN``.

        Parameters
        ----------
        position : int
            The row's position.

        Raises
        ------
        RequestError
            If the row can't be a request.
        """
        if not 0 <= position < len(self.rows):
            raise SettingError(f"there is no row {position}: the table has {len(self.rows)} rows, counted from 0")
        _, request = next(self.plan.requests([position]))
        if isinstance(request, RequestError):
            raise request
        return as_curl(request, base_url=self.base_url)

    def _headline(self) -> str:
        invalid = int(self.rows["error"].notna().sum())
        lines = [
            f"{len(self.rows) - invalid} rows would be sent to {self.base_url}, in about {duration(self.seconds)}.",
            f"{invalid} rows can't be sent." if invalid else "",
            f"Columns that travel along unsent: {', '.join(map(str, self.passengers))}." if self.passengers else "",
        ]
        return "\n".join(line for line in lines if line)

    def __str__(self) -> str:
        return f"{self._headline()}\n{self.rows.to_string(max_colwidth=80, max_rows=20)}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        shown = self.rows.to_html(max_rows=20, escape=True, na_rep="")
        return f"<p>{html.escape(self._headline()).replace(chr(10), '<br>')}</p>{shown}"
