"""Find the rows of a table that can be sent, and what identifies them. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from flxframe.exceptions import RequestError
from flxframe.models import RunWorkflowRequest
from flxframe.request.identity import Scope, content_digest
from flxframe.request.plan import Plan
from flxframe.request.tokens import Tokens


@dataclass(frozen=True, slots=True)
class SendableRows:
    """The rows that can be sent, in the table's order.

    Parameters
    ----------
    positions : ndarray of int
        Their positions.
    keys : bytes
        The key of each of them, 16 bytes each; see `flxframe.request.identity`.
    lefts : bytes
        The digest of the canonical content within its scope, 16 bytes each.
    contents : bytes
        The digest of the canonical content alone, 16 bytes each.
    drafts : ndarray of bool
        Whether the row runs the draft version.
    """

    positions: np.ndarray[Any, Any]
    keys: bytes
    lefts: bytes
    contents: bytes
    drafts: np.ndarray[Any, Any]


def checked_rows(
    plan: Plan, tokens: Tokens
) -> Iterator[tuple[int, RunWorkflowRequest | RequestError]]:
    """Yield the position of each row, and its request or the error that prevents it."""
    for position, request in plan.requests():
        if tokens.of_row[position] >= 0 or isinstance(request, RequestError):
            yield position, request
        else:
            cell = plan.table[tokens.column].iloc[position]
            yield position, RequestError(tokens.problem(cell))


def sendable_rows(
    plan: Plan,
    tokens: Tokens,
    scope: Scope | None,
    *,
    on_invalid: Callable[[int, str], None],
    on_valid: Callable[[int, RunWorkflowRequest], None] = lambda *_: None,
) -> SendableRows:
    """Return the rows that can be sent.

    Parameters
    ----------
    plan : Plan
        How the rows become requests.
    tokens : Tokens
        The token of each row.
    scope : Scope, optional
        What identifies a row besides its content; without it, the rows have no digests.
    on_invalid : callable
        Called with the position of each row that cannot be sent, and the reason.
    on_valid : callable
        Called with the position and the request of each of the others.
    """
    positions, drafts = array("q"), array("b")
    keys, lefts, contents = bytearray(), bytearray(), bytearray()

    for position, request in checked_rows(plan, tokens):
        if isinstance(request, RequestError):
            on_invalid(position, str(request))
            continue

        positions.append(position)
        drafts.append(bool(request.draft))
        on_valid(position, request)
        if scope is not None:
            cell = tokens.cell(position)
            content = content_digest(request, request.objects)
            keys += scope.key(request, cell)
            lefts += scope.digest(content, cell)
            contents += content

    return SendableRows(
        np.asarray(positions),
        bytes(keys),
        bytes(lefts),
        bytes(contents),
        np.asarray(drafts, dtype=bool),
    )
