"""`preview`: show the requests of a run before it sends them."""

from __future__ import annotations

import dataclasses
import html
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from flxframe.exceptions import AlreadySentError, RequestError, SettingError
from flxframe.journal.check import readable_rows
from flxframe.journal.known import Array
from flxframe.journal.lookup import Lookup
from flxframe.journal.memory import RunMemory
from flxframe.models import RunWorkflowRequest
from flxframe.options import RunOptions
from flxframe.options.arguments import takes
from flxframe.request.curl import as_curl
from flxframe.request.json_text import encode
from flxframe.request.line_hints import remarks_of
from flxframe.request.plan import Plan
from flxframe.request.row_names import unit_of
from flxframe.request.tokens import assign_tokens
from flxframe.result.listing import as_html, as_text
from flxframe.run.client import resolve_base_url
from flxframe.run.tokens import known_tokens
from flxframe.sources.table import Table, as_table
from flxframe.text import counted, cut, duration, one_line

_NOT_COMPARED = (
    "Without a token, it is not known whether rows were sent with another one: the run might ask."
)
_MAX_ROWS_SHOWN = 10
_MAX_TEXT_WIDTH = 80
_MAX_HTML_WIDTH = 200


@dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """The requests of a run. Returned by `preview`; prints as text, or as a table in a notebook.

    Parameters
    ----------
    rows : DataFrame
        The rows of the table, with its index: `request` is the JSON that would be sent, `error` the
        reason if it cannot be sent.
    unsent_columns : list
        The columns that are not sent.
    estimated_seconds : float
        The time that the run would take.
    base_url : str
        The URL that the requests would go to.
    recalled : int
        The number of rows that were sent before, and would be recalled.
    question : AlreadySentError or None
        What the run would ask, where rows might have been sent before.
    remarks : list of str
        What the user needs to know about the table, such as merged cells that were filled down.
    """

    rows: pd.DataFrame
    unsent_columns: list[Any]
    estimated_seconds: float
    base_url: str
    recalled: int
    question: AlreadySentError | None
    plan: Plan = dataclasses.field(repr=False)
    remarks: list[str] = dataclasses.field(default_factory=list)

    def curl(self, position: int) -> str:
        """Return a row as a curl command for a POSIX shell; its token is ``$FLXPOINT_API_TOKEN``.

        Parameters
        ----------
        position : int
            The row's position.

        Raises
        ------
        RequestError
            If the row cannot be a request.
        SettingError
            If there is no such row.
        """
        if not 0 <= position < len(self.rows):
            rows = counted(len(self.rows), "row")
            raise SettingError(f"there is no row {position}: the table has {rows}, counted from 0")

        _, request = next(self.plan.requests([position]))
        if isinstance(request, RequestError):
            raise request
        return as_curl(request, base_url=self.base_url)

    def __str__(self) -> str:
        extract = self._extract(_MAX_TEXT_WIDTH)
        listing = as_text(extract) if len(extract) else ""
        parts = [*self._headlines(), listing, self._hint(extract)]
        return "\n".join(filter(None, parts))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        extract = self._extract(_MAX_HTML_WIDTH)
        lines = [html.escape(line).replace("\n", "<br>") for line in self._headlines()]
        headlines = "<br>".join(lines)
        hint = html.escape(self._hint(extract))
        last = f"<p>{hint}</p>" if hint else ""
        return f"<p>{headlines}</p>{as_html(extract)}{last}"

    def _headlines(self) -> list[str]:
        invalid = int(self.rows["error"].notna().sum())
        lines = [self._plan_line(len(self.rows) - invalid)]
        if invalid:
            lines.append(f"{counted(invalid, unit_of(self.plan.table))} can't be sent.")
        if self.unsent_columns:
            names = ", ".join(map(one_line, self.unsent_columns))
            lines.append(f"Columns that are not sent: {names}.")
        if self.plan.json_columns:
            names = ", ".join(map(one_line, self.plan.json_columns))
            lines.append(f"JSON text is sent as its objects and arrays in: {names}.")
        return lines + self.remarks

    def _plan_line(self, valid: int) -> str:
        if self.question is not None:
            return f"A run would send nothing, and ask: {self.question}"

        rows = counted(valid - self.recalled, unit_of(self.plan.table))
        time = duration(self.estimated_seconds)
        line = f"{rows} would be sent to {self.base_url}, in about {time}."
        if self.recalled:
            recalled = counted(self.recalled, unit_of(self.plan.table))
            line += f" {recalled} would be recalled, not sent again."
        return line

    def _extract(self, max_width: int) -> pd.DataFrame:
        """Return the first rows that cannot be sent, and the first of the others."""
        is_invalid = self.rows["error"].notna().to_numpy()
        invalid = np.flatnonzero(is_invalid)[:_MAX_ROWS_SHOWN]
        valid = np.flatnonzero(~is_invalid)[:_MAX_ROWS_SHOWN]
        positions = np.sort(np.concatenate([invalid, valid]))

        rows = self.rows.iloc[positions]
        extract = pd.DataFrame({"row": positions})
        if not self.rows.index.equals(pd.RangeIndex(len(self.rows))):
            extract["label"] = [cut(label, max_width) for label in rows.index]

        extract["request"] = [cut(request, max_width) for request in rows["request"]]
        if is_invalid.any():
            extract["error"] = rows["error"].tolist()
        return extract

    def _hint(self, extract: pd.DataFrame) -> str:
        """Return a hint at the rows and the ends of requests that the extract leaves out."""
        more = len(self.rows) - len(extract)
        is_cut = len(extract) > 0 and extract["request"].str.endswith("…").any()
        if not more and not is_cut:
            return ""

        count = f"{counted(more, 'more row')}. " if more else ""
        unit = unit_of(self.plan.table)
        return f"{count}See .rows for all requests; .curl(0) returns {unit} 0 as a curl command."


@takes(RunOptions)
def preview(data: Table, options: RunOptions) -> Preview:
    """Return the requests of `run_workflows` without sending them.

    The arguments and errors are those of `run_workflows`, but no token is needed.

    Parameters
    ----------
    data : DataFrame, list of dicts, path or link
        The table, of any library, or a file that is read into one; see `read_table`.
    {options}

    Returns
    -------
    Preview
        The JSON of each row or why it cannot be sent, the columns that are not sent, and the time
        that the run would take.

    Raises
    ------
    FlxframeError
        The errors that `run_workflows` raises before its first request.

    Examples
    --------
    >>> orders = pd.DataFrame({
    ...     "eventHandle": ["order_import", None], "objects.order.sku": ["007", "008"]
    ... })
    >>> preview(orders).rows["error"].tolist()[1]
    'the row has neither an id nor an eventHandle: fill one of the two'
    """
    table = as_table(data, options)
    plan, folded = options.plan(table)
    table = plan.table
    token = known_tokens(options.token, required=False)
    tokens = assign_tokens(table, token, options.token_column)
    base_url = resolve_base_url(options.base_url)

    requests: list[str | None] = [None] * len(table)
    errors: list[str | None] = [None] * len(table)

    def add(position: int, request: RunWorkflowRequest) -> None:
        requests[position] = encode(request.body())

    lookup = Lookup.of(plan, tokens, options, base_url)
    valid = lookup.sendable_rows(errors.__setitem__, add)
    journal = readable_rows(lookup.location.path, tokens.all_names())
    memory = RunMemory(lookup, valid, journal)
    seconds = _estimated_seconds(memory.rows_of_token(), options.rate)

    rows = pd.DataFrame({"request": requests, "error": errors}, index=table.index, dtype=object)
    remarks = remarks_of(table)
    if folded is not None:
        folded.name_lines(memory.question)
    if not tokens.tokens and (memory.recalled or memory.question is not None):
        remarks.append(_NOT_COMPARED)
    return Preview(
        rows,
        plan.unsent if folded is None else folded.unsent,
        seconds,
        base_url,
        memory.recalled,
        memory.question,
        plan,
        remarks,
    )


def _estimated_seconds(rows_of_token: list[Array], rate: float | None) -> float:
    """Return the duration of a run, in which the tokens send in parallel, each at its own pace."""
    most = max(map(len, rows_of_token), default=0)
    return max(0, most - 1) / rate if rate else 0.0
