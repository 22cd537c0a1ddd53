"""Find the rows of a table that can be sent or recalled, and what identifies them. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from flxframe.exceptions import RequestError
from flxframe.models import RunWorkflowRequest
from flxframe.request.fingerprints import CONTENT_SIZE
from flxframe.request.identity import DIGEST_SIZE, Scope, content_digest
from flxframe.request.plan import Plan
from flxframe.request.tokens import Tokens

_NO_DIGESTS = (bytes(DIGEST_SIZE),) * 4


@dataclass(frozen=True, slots=True)
class SendableRows:
    """The rows that can be sent, in the table's order, and those that might be recalled.

    Parameters
    ----------
    positions : ndarray of int
        Their positions.
    keys : bytes
        The key of each of them, 16 bytes each; see `flxframe.request.identity`.
    lefts : bytes
        The digest of the canonical content within its scope, 16 bytes each.
    other_lefts : bytes
        The same, if blanks were sent in the other way.
    contents : bytes
        The digest of the canonical content alone, 16 bytes each.
    drafts : ndarray of bool
        Whether the row runs the draft version.
    is_valid : ndarray of bool
        Whether the row can be sent. The others were sent before, and can only be recalled; their
        digests are zeros.
    """

    positions: np.ndarray[Any, Any]
    keys: bytes
    lefts: bytes
    other_lefts: bytes
    contents: bytes
    drafts: np.ndarray[Any, Any]
    is_valid: np.ndarray[Any, Any]

    def content(self, index: int) -> bytes:
        """Return the digest of a row's canonical content, as long as in a fingerprint.

        It is empty for a row that cannot be sent, so that no fingerprint has it.
        """
        if not self.is_valid[index]:
            return b""
        start = index * DIGEST_SIZE
        return self.contents[start : start + CONTENT_SIZE]


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
    scope: Scope,
    *,
    done: Container[int] = (),
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
    scope : Scope
        What identifies a row besides its content.
    done : container of int
        The positions of rows that were sent before, which are returned even if they are not valid.
    on_invalid : callable
        Called with the position of each row that cannot be sent, and the reason.
    on_valid : callable
        Called with the position and the request of each of the others.
    """
    positions, drafts, is_valid = array("q"), array("b"), array("b")
    parts = [bytearray() for _ in _NO_DIGESTS]
    other_scope = scope.with_other_blanks()

    for position, request in checked_rows(plan, tokens):
        if isinstance(request, RequestError):
            on_invalid(position, str(request))
            if position not in done:
                continue
            draft = plan.defaults.draft
            digests = _NO_DIGESTS
        else:
            on_valid(position, request)
            draft = request.draft
            cell = tokens.cell(position)
            content = content_digest(request, request.objects)
            lefts = scope.left(content, cell), other_scope.left(content, cell)
            digests = (scope.key(request, cell), *lefts, content)

        positions.append(position)
        drafts.append(bool(draft))
        is_valid.append(digests is not _NO_DIGESTS)
        for part, digest in zip(parts, digests, strict=True):
            part.extend(digest)

    keys, own_lefts, other_lefts, contents = map(bytes, parts)
    return SendableRows(
        np.asarray(positions),
        keys,
        own_lefts,
        other_lefts,
        contents,
        np.asarray(drafts, dtype=bool),
        np.asarray(is_valid, dtype=bool),
    )
