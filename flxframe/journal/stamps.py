"""Write the fingerprints of a result: each names its row's sending, and digests its content."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

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

_NO_CONTENT = bytes(CONTENT_SIZE)
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
    index_of = dict(zip(decisions.rows.positions.tolist(), range(len(ids)), strict=False))
    place, occasion = place_tag(lookup.scope.place), occasion_tag(lookup.scope.occasion)
    options = lookup.option_tags()

    texts = []
    for position, status in enumerate(result["run.status"].tolist()):
        index = index_of.get(position, -1)
        text = None
        if index >= 0 and not has_begun(position):
            text = _kept_text(index, decisions, kept)
        if text is None:
            number = int(lookup.tokens.of_row[position])
            own_tag = tags[number] if tags and number >= 0 else _NO_TOKEN
            fingerprint = Fingerprint(
                status=status,
                ended=ended,
                id=_id(index, decisions, ids),
                content=contents.get(position, _NO_CONTENT),
                options=options,
                place=place,
                token=_token(index, decisions, own_tag),
                occasion=occasion,
            )
            text = str(fingerprint)
        texts.append(text)
    return texts


def _contents(result: pd.DataFrame, lookup: Lookup) -> dict[int, bytes]:
    """Return the digest of each row's content, as the result would be sent again."""
    contents = {}
    try:
        for position, request in lookup.plan.on(result).requests():
            if isinstance(request, RunWorkflowRequest):
                digest = content_digest(request, request.objects)
                contents[position] = digest[:CONTENT_SIZE]
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


def _id(index: int, decisions: Decisions, ids: bytes) -> bytes:
    """Return the id of a row's sending."""
    if index < 0:
        return os.urandom(ID_SIZE)
    if decisions.actions[index] in (Action.RECALL, Action.WAIT):
        known = int(decisions.continues[index])
        uid = bytes(decisions.known.uids[known])
        return uid.ljust(ID_SIZE, b"\0")  # NumPy strips NULs from the end
    if index in decisions.settled:
        mark = decisions.marks.get(int(decisions.sources[index]))
        if mark is not None and mark.fingerprint is not None:
            return mark.fingerprint.id

    start = index * ID_SIZE
    return ids[start : start + ID_SIZE]


def _token(index: int, decisions: Decisions, own_tag: bytes) -> bytes:
    """Return the tag of the token that sent a row."""
    is_renewed = index >= 0 and decisions.same_account(index) is True
    if index >= 0 and decisions.actions[index] in (Action.RECALL, Action.WAIT) and not is_renewed:
        number = int(decisions.known.token_tags[decisions.continues[index]])
        if number != _NO_TAG:
            return number.to_bytes(TOKEN_TAG_SIZE, "big")
    return own_tag
