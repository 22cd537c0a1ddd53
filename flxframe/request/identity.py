"""Digests that identify a row's request and its result. Pure: no network, no clock, no disk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal

from flxframe.models import JSON, RunWorkflowRequest
from flxframe.request.json_text import encode

_DIGEST_SIZE = 16
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""The default context would round to 28 digits, and overflow at large exponents."""

_EMPTY: tuple[JSON, ...] = (None, "", {}, [])


def digest(request: RunWorkflowRequest, token: str | None = None) -> bytes:
    """Return 16 bytes that identify a request: the same for the same content.

    Parameters
    ----------
    request : RunWorkflowRequest
        The request.
    token : str, optional
        The name of its token, if there are several: each store has its own requests.

    Examples
    --------
    >>> one = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"a": 1, "b": 2}})
    >>> other = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"b": 2, "a": 1}})
    >>> digest(one) == digest(other)
    True
    """
    content = encode(request.body(), sort_keys=True)
    if token is not None:
        content = f"{content}\0{token}"
    return hashlib.sha256(content.encode()).digest()[:_DIGEST_SIZE]


def outcome_digest(request: RunWorkflowRequest, objects: Mapping[str, JSON]) -> bytes:
    """Return 16 bytes that identify a result's row, ignoring blanks and the spelling of numbers.

    Examples
    --------
    >>> sent = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"n": 7}})
    >>> in_file = {"order": {"n": 7.0, "note": None}}
    >>> outcome_digest(sent, in_file) == outcome_digest(sent, sent.objects)
    True
    """
    body = _normalize({**request.body(), "objects": objects})
    content = encode(body, sort_keys=True)
    return hashlib.sha256(content.encode()).digest()[:_DIGEST_SIZE]


def _normalize(value: JSON) -> JSON:
    """Return a value without its blanks, and with one spelling for each number."""
    if isinstance(value, Mapping):
        members = {}
        for key, item in value.items():
            normalized = _normalize(item)
            if normalized not in _EMPTY:
                members[key] = normalized
        return members

    if isinstance(value, list):
        items = map(_normalize, value)
        return [item for item in items if item not in _EMPTY]

    is_number = isinstance(value, (int, float, Decimal))
    if is_number and not isinstance(value, bool):
        number = Decimal(str(value)).normalize(_EXACT)
        return {"": str(number)}
    return value
