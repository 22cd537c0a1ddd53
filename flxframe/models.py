"""The data types that pass between the parts. Pure: no network, no clock, no disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

RUN_COLUMNS = (
    "run.status",
    "run.http_status",
    "run.error",
    "run.changes",
    "run.attempts",
    "run.seconds",
    "run.sent_at",
    "run.recalled",
    "run.fingerprint",
)

JSON: TypeAlias = Any
"""A value of JSON in Python: None, bool, int, float, Decimal, str, list or dict."""

Status: TypeAlias = Literal["ok", "rejected", "invalid", "unknown", "not_sent"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class RunWorkflowRequest:
    """One call of Run Workflow, in the API's own names.

    Parameters
    ----------
    objects : Mapping
        The object handles and their values.
    id : int, optional
        The workflow's id. The API prefers it to `eventHandle`.
    eventHandle : str, optional
        The handle of the event.
    draft : bool, optional
        Whether to run the workflow's draft version.
    params : Mapping of str to int
        The params that identify the workflow, together with `eventHandle`.

    Notes
    -----
    The fields are those that https://api.flxpoint.com/workflow/run documents. There, `params` is a
    list of ``{"key": ..., "value": ...}``, which `body` builds from the mapping.
    """

    objects: Mapping[str, JSON] = field(default_factory=dict)
    id: int | None = None
    eventHandle: str | None = None  # noqa: N815  the API's own spelling
    draft: bool | None = None
    params: Mapping[str, int] = field(default_factory=dict)

    def body(self) -> dict[str, JSON]:
        """Return the JSON body as Python objects, absent fields left out.

        Examples
        --------
        >>> RunWorkflowRequest(eventHandle="order_import", params={"sourceId": 12}).body()
        {'eventHandle': 'order_import', 'params': [{'key': 'sourceId', 'value': 12}], 'objects': {}}
        """
        body: dict[str, JSON] = {}
        if self.id is not None:
            body["id"] = self.id
        if self.eventHandle is not None:
            body["eventHandle"] = self.eventHandle
        if self.draft is not None:
            body["draft"] = self.draft
        if self.params:
            body["params"] = [{"key": key, "value": value} for key, value in self.params.items()]
        body["objects"] = self.objects
        return body


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one row.

    Parameters
    ----------
    status : str
        One of `STATUSES`.
    http_status : int, optional
        The last answer's HTTP status; None where there was none.
    error : str, optional
        What went wrong, for the user; None when `status` is ``ok``.
    objects : Mapping, optional
        The objects as the workflow left them; None unless `status` is ``ok``.
    attempts : int
        The number of requests that were sent for this row.
    seconds : float, optional
        The time from sending the last request to its answer.
    sent_at : float, optional
        When the first request left, in seconds since the epoch; None if none did.
    recalled : bool
        Whether the outcome comes from the journal or the table, and nothing was sent for it now.
    """

    status: Status
    http_status: int | None = None
    error: str | None = None
    objects: Mapping[str, JSON] | None = None
    attempts: int = 0
    seconds: float | None = None
    sent_at: float | None = None
    recalled: bool = False


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A cell of a file without a value that can be sent, such as ``#N/A``.

    If it would be sent, its row is ``invalid``, with `reason`; in an unsent column it is kept.

    Parameters
    ----------
    text : str
        The displayed value.
    reason : str
        The cell, the problem, and how to fix it.
    """

    text: str
    reason: str

    def __str__(self) -> str:
        return self.text
