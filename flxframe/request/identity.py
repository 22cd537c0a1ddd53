"""What identifies a row: digests of its request and of its result. Pure: no network, no clock, no disk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal

from flxframe.models import JSON, RunWorkflowRequest
from flxframe.request.json_text import encode


def digest(request: RunWorkflowRequest, token: str | None = None) -> bytes:
    """Return what a request is known by: 16 bytes that are the same for the same content.

    Of several tokens, the name of the one that it goes out with counts too: what was sent to one store was not sent to
    another.

    Examples
    --------
    >>> one = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"a": 1, "b": 2}})
    >>> other = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"b": 2, "a": 1}})
    >>> digest(one) == digest(other)
    True
    """
    content = encode(request.body(), sort_keys=True)
    return hashlib.sha256((content if token is None else f"{content}\0{token}").encode()).digest()[
        :16
    ]


def outcome_digest(request: RunWorkflowRequest, objects: Mapping[str, JSON]) -> bytes:
    """Return what a row is known by once its result stands in a table: blanks and a number's spelling don't count.

    Examples
    --------
    >>> sent = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"n": 7}})
    >>> outcome_digest(sent, {"order": {"n": 7.0, "note": None}}) == outcome_digest(sent, sent.objects)
    True
    """
    body = _essence({**request.body(), "objects": objects})
    return hashlib.sha256(encode(body, sort_keys=True).encode()).digest()[:16]


def _essence(value: JSON) -> JSON:
    """Leave out what a file doesn't keep, and write each number in one way."""
    if isinstance(value, Mapping):
        return {
            key: inside
            for key, item in value.items()
            if (inside := _essence(item)) not in (None, "", {}, [])
        }
    if isinstance(value, list):
        return [inside for item in value if (inside := _essence(item)) not in (None, "", {}, [])]
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return {"": str(Decimal(str(value)).normalize())}
    return value
