"""Digests that identify a row: by its exact content, and by what it was left with. Pure.

A row of a table is identified by its request, by the place that it goes to, by its own cell in the
token column and by the occasion of the run. The journal looks rows up by two digests::

    key    of the exact content: 10**30 + 1 is another row than 10**30 + 2
    left   of the canonical content that the row was left with, so that a result that went through
           a file is recognised; and of how blanks are sent, which that content does not tell
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flxframe.models import JSON, RunWorkflowRequest
from flxframe.request.canonical import canonical_text
from flxframe.request.json_text import encode

DIGEST_SIZE = 16


@dataclass(frozen=True)
class Scope:
    """What identifies a row besides its content.

    Parameters
    ----------
    place : str
        The base URL that the row is sent to.
    occasion : str, optional
        The name of what is meant to happen again, such as a date.
    blanks : str
        How blank cells are sent.
    """

    place: str
    occasion: str | None = None
    blanks: str = "omit"
    _suffixes: dict[str | None, bytes] = field(default_factory=dict, repr=False, compare=False)

    def with_other_blanks(self) -> Scope:
        """Return this scope for a run that sends blanks in the other way."""
        return replace(self, blanks="null" if self.blanks == "omit" else "omit", _suffixes={})

    def left(self, content: bytes, cell: str | None = None) -> bytes:
        """Return 16 bytes that identify what a row is left with, within this scope.

        Parameters
        ----------
        content : bytes
            The digest of its canonical content.
        cell : str, optional
            The row's cell in the token column.
        """
        return self._digest(content + self.blanks.encode(), cell)

    def _digest(self, content: bytes, cell: str | None) -> bytes:
        """Return 16 bytes that identify content within this scope."""
        suffix = self._suffixes.get(cell)
        if suffix is None:
            suffix = encode([self.place, cell, self.occasion]).encode()
            self._suffixes[cell] = suffix
        return _digest(content + suffix)

    def key(self, request: RunWorkflowRequest, cell: str | None = None) -> bytes:
        """Return the 16 bytes that identify a request exactly.

        Examples
        --------
        >>> scope = Scope("https://api.flxpoint.com")
        >>> one = RunWorkflowRequest(eventHandle="import", objects={"order": {"a": 1, "b": 2}})
        >>> other = RunWorkflowRequest(eventHandle="import", objects={"order": {"b": 2, "a": 1}})
        >>> scope.key(one) == scope.key(other), scope.key(one) == scope.key(one, "EU")
        (True, False)
        """
        return self._digest(exact_digest(request), cell)


def exact_digest(request: RunWorkflowRequest) -> bytes:
    """Return 16 bytes that identify the exact content of a request."""
    return _digest(encode(request.body(), sort_keys=True).encode())


def content_digest(request: RunWorkflowRequest, objects: Mapping[str, JSON]) -> bytes:
    """Return 16 bytes that identify the canonical content of a request with other objects.

    Parameters
    ----------
    request : RunWorkflowRequest
        The request.
    objects : Mapping
        The objects: those of the request, or those that the workflow left.

    Examples
    --------
    >>> sent = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"n": 7}})
    >>> in_file = {"order": {"n": 7.0, "note": None}}
    >>> content_digest(sent, in_file) == content_digest(sent, sent.objects)
    True
    """
    body = {**request.body(), "objects": objects}
    return _digest(canonical_text(body).encode())


def tag(text: str, size: int) -> bytes:
    """Return a few bytes that distinguish a text from most others, without revealing it."""
    return hashlib.sha256(f"flxframe\0{text}".encode()).digest()[:size]


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()[:DIGEST_SIZE]
