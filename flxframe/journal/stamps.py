"""Write the fingerprints of a result: each names its row's sending, and digests its content."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from flxframe.journal.decisions import Action, Decisions
from flxframe.journal.lookup import Lookup
from flxframe.models import RunWorkflowRequest
from flxframe.request.fingerprints import (
    CONTENT_SIZE,
    ID_SIZE,
    TOKEN_TAG_SIZE,
    Fingerprint,
    occasion_tag,
    place_tag,
    token_tag,
)
from flxframe.request.identity import content_digest

_NO_INDEX = -1
_NO_TOKEN = bytes(TOKEN_TAG_SIZE)
_NO_TAG = -1


def stamp(
    result: pd.DataFrame,
    lookup: Lookup,
    decisions: Decisions,
    *,
    kept: Callable[[int], str | None],
    has_begun: Callable[[int], bool],
    ids: bytes,
    ended: bool,
) -> list[str]:
    """Return the fingerprint of each row of a result.

    Parameters
    ----------
    result : DataFrame
        The result.
    lookup : Lookup
        How its rows were recognised.
    decisions : Decisions
        What happened to them.
    kept : callable
        Returns the fingerprint in the table, by position.
    has_begun : callable
        Returns whether a request was sent for a row, by position.
    ids : bytes
        The ids of the sendings, for each row that can be sent.
    ended : bool
        Whether each row has its outcome.
    """
    contents = _contents(result, lookup)
    tags = [token_tag(token) for token in lookup.tokens.tokens]
    positions = decisions.rows.positions
    index_of = np.full(len(result), _NO_INDEX, dtype="int64")
    index_of[positions] = np.arange(len(positions))
    is_recorded = np.isin(decisions.actions, (Action.RECALL, Action.WAIT))
    place, occasion = place_tag(lookup.scope.place), occasion_tag(lookup.scope.occasion)
    options = lookup.option_tags()

    texts = []
    rows = zip(result["run.status"], index_of.data, strict=True)
    for position, (status, index) in enumerate(rows):
        known = _NO_INDEX
        text = None
        if index >= 0 and is_recorded[index]:
            known = int(decisions.continues[index])
        elif index >= 0 and not has_begun(position):
            text = _kept_text(index, decisions, kept)
        if text is None:
            number = int(lookup.tokens.of_row[position])
            own_tag = tags[number] if tags and number >= 0 else _NO_TOKEN
            fingerprint = Fingerprint(
                status=status,
                ended=ended,
                id=_id(index, known, decisions, ids),
                content=bytes(contents[position * CONTENT_SIZE : (position + 1) * CONTENT_SIZE]),
                options=options,
                place=place,
                token=_token(index, known, decisions, own_tag),
                occasion=occasion,
            )
            text = str(fingerprint)
        texts.append(text)
    return texts


def _contents(result: pd.DataFrame, lookup: Lookup) -> bytearray:
    """Return the digest of each row's content, as the result would be sent again.

    They are one after the other; that of a row without content consists of NULs.
    """
    contents = bytearray(CONTENT_SIZE * len(result))
    try:
        for position, request in lookup.plan.on(result).requests():
            if isinstance(request, RunWorkflowRequest):
                digest = content_digest(request, request.objects)
                start = position * CONTENT_SIZE
                contents[start : start + CONTENT_SIZE] = digest[:CONTENT_SIZE]
    except Exception:  # noqa: S110
        pass  # the rows have run: a row that can't be recognized is asked about
    return contents


def _kept_text(index: int, decisions: Decisions, kept: Callable[[int], str | None]) -> str | None:
    """Return the fingerprint of a row for which nothing was sent; None if it gets a new one."""
    match decisions.actions[index]:
        case Action.KEEP if index not in decisions.settled:
            source = int(decisions.sources[index])
        case Action.SEND | Action.INVALID if _has_own_mark(index, decisions):
            source = index
        case _:
            return None

    fingerprint = decisions.written[source].fingerprint
    token = decisions.token(index)
    if fingerprint is not None and token is not None and decisions.same_account(index):
        return str(replace(fingerprint, token=token))  # the same account's renewed one
    return kept(int(decisions.rows.positions[source]))


def _has_own_mark(index: int, decisions: Decisions) -> bool:
    """Return whether the fingerprint next to a row is its own, and not another row's."""
    is_draft = bool(decisions.rows.drafts[index]) and index in decisions.written
    return index in decisions.marks or is_draft


def _id(index: int, known: int, decisions: Decisions, ids: bytes) -> bytes:
    """Return the id of a row's sending, which the journal might know."""
    if index < 0:
        return os.urandom(ID_SIZE)
    if known >= 0:
        uid = bytes(decisions.known.uids[known])
        return uid.ljust(ID_SIZE, b"\0")  # NumPy strips NULs from the end
    if index in decisions.settled:
        mark = decisions.marks.get(int(decisions.sources[index]))
        if mark is not None and mark.fingerprint is not None:
            return mark.fingerprint.id

    start = index * ID_SIZE
    return ids[start : start + ID_SIZE]


def _token(index: int, known: int, decisions: Decisions, own_tag: bytes) -> bytes:
    """Return the tag of the token that sent a row, which the journal might know."""
    is_renewed = index >= 0 and decisions.same_account(index) is True
    if known >= 0 and not is_renewed:
        number = int(decisions.known.token_tags[known])
        if number != _NO_TAG:
            return number.to_bytes(TOKEN_TAG_SIZE, "big")
    return own_tag
