"""What a run would send, to be looked at before it does."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from flxframe.exceptions import RequestError, SettingError
from flxframe.files.reading import Table, as_table
from flxframe.request.curl import as_curl
from flxframe.request.fields import Defaults
from flxframe.request.json_text import encode
from flxframe.request.plan import Plan
from flxframe.result.listing import as_html, as_text
from flxframe.run.client import resolve_base_url
from flxframe.text import cut, duration, one_line

_MOST_ROWS = 10


_WIDEST_TEXT, _WIDEST_HTML = 80, 200


@dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """What a run would send. Made by `preview`; prints as text, and as a table in a notebook.

    Parameters
    ----------
    rows : DataFrame
        For each row of the table, with its index: `request` (the JSON that would be sent) and `error` (what is wrong).
    unsent_columns : list
        The columns that travel along unsent.
    estimated_seconds : float
        How long the run would take.
    base_url : str
        Where it would go.
    """

    rows: pd.DataFrame
    unsent_columns: list[Any]
    estimated_seconds: float
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
            raise SettingError(
                f"there is no row {position}: the table has {len(self.rows)} rows, counted from 0"
            )
        _, request = next(self.plan.requests([position]))
        if isinstance(request, RequestError):
            raise request
        return as_curl(request, base_url=self.base_url)

    def _headline(self) -> str:
        invalid = int(self.rows["error"].notna().sum())
        lines = [
            f"{_rows(len(self.rows) - invalid)} would be sent to {self.base_url}, "
            f"in about {duration(self.estimated_seconds)}.",
            f"{_rows(invalid)} can't be sent." if invalid else "",
            f"Columns that travel along unsent: {', '.join(map(one_line, self.unsent_columns))}."
            if self.unsent_columns
            else "",
        ]
        return "\n".join(line for line in lines if line)

    def _extract(self, widest: int) -> pd.DataFrame:
        """Return the rows to show: some that can't be sent, wherever they stand, and the first of the others."""
        wrong = self.rows["error"].notna().to_numpy()
        shown = np.sort(
            np.concatenate(
                [np.flatnonzero(wrong)[:_MOST_ROWS], np.flatnonzero(~wrong)[:_MOST_ROWS]]
            )
        )
        rows = self.rows.iloc[shown]
        extract = pd.DataFrame({"row": shown})
        if not self.rows.index.equals(pd.RangeIndex(len(self.rows))):
            extract["label"] = [cut(label, widest) for label in rows.index]
        extract["request"] = [cut(request, widest) for request in rows["request"]]
        if wrong.any():
            extract["error"] = rows["error"].tolist()
        return extract

    def _rest(self, extract: pd.DataFrame) -> str:
        more = len(self.rows) - len(extract)
        hidden = f"{_rows(more)} more. " if more else ""
        whole = extract["request"].str.endswith("…").any() if len(extract) else False
        return (
            f"{hidden}All of it is in .rows; .curl(0) writes row 0 as a command."
            if hidden or whole
            else ""
        )

    def __str__(self) -> str:
        extract = self._extract(_WIDEST_TEXT)
        shown = [self._headline(), as_text(extract) if len(extract) else "", self._rest(extract)]
        return "\n".join(part for part in shown if part)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        extract = self._extract(_WIDEST_HTML)
        head, rest = (
            html.escape(text).replace("\n", "<br>")
            for text in (self._headline(), self._rest(extract))
        )
        return f"<p>{head}</p>{as_html(extract)}{f'<p>{rest}</p>' if rest else ''}"


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def preview(
    data: Table,
    *,
    event_handle: str | None = None,
    workflow_id: int | None = None,
    draft: bool | None = None,
    params: Mapping[str, int] | None = None,
    columns: Mapping[str, str | None] | None = None,
    object_handle: str | None = None,
    blanks: str = "omit",
    base_url: str | None = None,
    rate: float | None = 2.0,
    **unused: Any,
) -> Preview:
    """Show what `run_workflows` would send, and send nothing.

    Parameters
    ----------
    data, event_handle, workflow_id, draft, params, columns, object_handle, blanks, base_url, rate
        As for `run_workflows`.
    **unused
        The other arguments of `run_workflows`, so that a call can be previewed by its name alone; no token is needed.

    Returns
    -------
    Preview
        Each row's JSON or what is wrong with it, the columns that travel along, and how long the run would take.

    Raises
    ------
    FlxframeError
        As `run_workflows` would before its first request.

    Examples
    --------
    >>> orders = pd.DataFrame({"eventHandle": ["order_import", None], "objects.order.sku": ["007", "008"]})
    >>> preview(orders).rows["error"].tolist()[1]
    'the row has neither an id nor an eventHandle: fill one of the two'
    """
    known = {
        "token",
        "token_column",
        "max_in_flight",
        "timeout",
        "retry_unknown",
        "stop_after_failures",
        "max_minutes",
        "progress",
        "journal",
    }
    if strange := unused.keys() - known:
        raise TypeError(f"preview() got an unexpected keyword argument {min(strange)!r}")
    plan = Plan(
        as_table(data),
        defaults=Defaults(event_handle, workflow_id, draft, params or {}),
        columns=columns,
        object_handle=object_handle,
        blanks=blanks,
    )
    requests: list[str | None] = []
    errors: list[str | None] = []
    for _, request in plan.requests():
        invalid = isinstance(request, RequestError)
        requests.append(None if isinstance(request, RequestError) else encode(request.body()))
        errors.append(str(request) if invalid else None)
    rows = pd.DataFrame(
        {"request": requests, "error": errors}, index=plan.table.index, dtype=object
    )
    valid = errors.count(None)
    return Preview(
        rows,
        plan.unsent,
        max(0, valid - 1) / rate if rate else 0.0,
        resolve_base_url(base_url),
        plan,
    )
