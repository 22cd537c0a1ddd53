"""Find the rows of a table that can be sent. Pure: no network, no clock, no disk."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from flxframe.exceptions import RequestError
from flxframe.models import RunWorkflowRequest
from flxframe.request.identity import digest
from flxframe.request.plan import Plan
from flxframe.request.tokens import Tokens


@dataclass(frozen=True, slots=True)
class SendableRows:
    """The rows that can be sent.

    Parameters
    ----------
    positions : ndarray of int
        Their positions, in the table's order.
    digests : bytes
        The `digest` of each of them, 16 bytes each; empty if a journal does not need them.
    """

    positions: np.ndarray[Any, Any]
    digests: bytes


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
    plan: Plan, tokens: Tokens, *, on_invalid: Callable[[int, str], None], identify: bool
) -> SendableRows:
    """Return the rows that can be sent.

    Parameters
    ----------
    plan : Plan
        How the rows become requests.
    tokens : Tokens
        The token of each row.
    on_invalid : callable
        Called with the position of each row that cannot be sent, and the reason.
    identify : bool
        Whether a journal needs the digests of the rows.
    """
    positions = array("q")
    digests = bytearray()
    for position, request in checked_rows(plan, tokens):
        if isinstance(request, RequestError):
            on_invalid(position, str(request))
            continue

        positions.append(position)
        if identify:
            digests += digest(request, tokens.identity(position))

    return SendableRows(np.asarray(positions), bytes(digests))
