"""Which rows of a table can be sent, and what identifies each. Pure: no network, clock or disk."""

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
        For each of them 16 bytes, `digest`; empty unless asked for.
    """

    positions: np.ndarray[Any, Any]
    digests: bytes


def checked_rows(
    plan: Plan, tokens: Tokens
) -> Iterator[tuple[int, RunWorkflowRequest | RequestError]]:
    """Yield each row's position, and its request or why it cannot be sent."""
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
        Takes the position of each row that cannot be sent, and the reason.
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
