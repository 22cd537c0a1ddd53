"""Decide about rows without a fingerprint that fits, by the journal. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from flxframe.journal.decisions import DONE_CODES, Action, Decisions
from flxframe.journal.known import IN_FLIGHT, SILENT, Array
from flxframe.journal.matching import (
    DIGEST_BYTES,
    NEW,
    digest_array,
    match_digests,
    number_new_rows,
    progress_ranks,
)
from flxframe.models import STATUSES
from flxframe.request.fingerprints import TOKEN_TAG_SIZE, Fingerprint

_REJECTED = STATUSES.index("rejected")
_UNKNOWN = STATUSES.index("unknown")
_NO_TAG = -1


def match_journal(decisions: Decisions) -> None:
    """Decide about the open rows that the journal knows, by the content sent or left behind."""
    if not len(decisions.known):
        return

    _match_by_ids(decisions)
    known = decisions.known
    is_done = np.isin(known.codes, [*DONE_CODES, IN_FLIGHT])
    lefts = digest_array(decisions.rows.lefts)

    _match_by_digests(decisions, decisions.keys, known.keys, np.ones(len(known), dtype=bool))
    _match_by_digests(decisions, lefts, known.lefts, is_done)
    _ask_about_blanks(decisions, is_done)


def decide_open_rows(decisions: Decisions, changed: dict[int, Fingerprint]) -> None:
    """Decide about the rows that nothing fits: ask if they were changed, otherwise send them."""
    options = decisions.question.options
    for index, fingerprint in changed.items():
        if decisions.is_open[index] and not decisions.rows.drafts[index]:
            is_same = fingerprint.options == options
            reason = "edited" if is_same else "options"
            decisions.ask(index, reason, fingerprint=fingerprint)  # type: ignore[arg-type]

    for index, mark in decisions.marks.items():
        if decisions.is_open[index] and mark.fingerprint is None:
            decisions.ask(index, "status")

    decisions.is_open[:] = False


def number_rows(decisions: Decisions) -> None:
    """Give the rows that are sent a number among their equals."""
    known = decisions.known
    is_sent = decisions.actions == Action.SEND
    continued = np.flatnonzero(is_sent & (decisions.continues != NEW))
    if len(continued):
        sources = decisions.continues[continued]
        is_same = known.keys[sources] == decisions.keys[continued]
        decisions.nth[continued[is_same]] = known.nth[sources[is_same]]
        decisions.continues[continued[~is_same]] = NEW

    new = np.flatnonzero(is_sent & (decisions.continues == NEW))
    decisions.nth[new] = number_new_rows(decisions.keys[new], known.keys, known.nth)


def _match_by_ids(decisions: Decisions) -> None:
    """Continue the rows that were not done with their own known row, if the content is the same."""
    for index, mark in decisions.marks.items():
        if mark.fingerprint is None or not decisions.is_open[index]:
            continue

        known = decisions.known_of_id.get(mark.fingerprint.id)
        if known is None or not decisions.is_free[known]:
            continue
        if decisions.known.keys[known] != decisions.keys[index]:
            is_corrected = int(decisions.known.codes[known]) in DONE_CODES and not mark.is_done
            if is_corrected:  # its corrected version was sent since
                decisions.ask(index, "edited", known=known, fingerprint=mark.fingerprint)
            continue
        if decisions.settled.get(index) == "not_sent":  # the user looked: it did not run
            decisions.settle(index, Action.SEND, known=known)
        else:
            _continue_known_row(decisions, index, known)


def _match_by_digests(
    decisions: Decisions, digests: Array, known_digests: Array, is_candidate: Array
) -> None:
    """Match open rows with free known rows: first those that the same token sent."""
    known = decisions.known
    tags = decisions.question.tokens
    if tags:
        row_tags = np.frombuffer(b"".join(tags), dtype=f"S{TOKEN_TAG_SIZE}")
        row_tags = row_tags[decisions.question.of_row]
        known_tags = known.token_tags.astype(">u4").view(f"S{TOKEN_TAG_SIZE}")
        _match(
            decisions,
            _joined(digests, row_tags),
            _joined(known_digests, known_tags),
            is_candidate & (known.token_tags != _NO_TAG),
        )
    _match(decisions, digests, known_digests, is_candidate)


def _joined(digests: Array, tags: Array) -> Array:
    """Return digests and tags as one array; NULs would end them in `S` arrays."""
    size = DIGEST_BYTES + TOKEN_TAG_SIZE
    joined = np.empty((len(digests), size), dtype="u1")
    joined[:, :DIGEST_BYTES] = np.ascontiguousarray(digests).view("u1").reshape(-1, DIGEST_BYTES)
    joined[:, DIGEST_BYTES:] = np.ascontiguousarray(tags).view("u1").reshape(-1, TOKEN_TAG_SIZE)
    return joined.reshape(-1).view(f"S{size}")


def _match(decisions: Decisions, digests: Array, known_digests: Array, is_candidate: Array) -> None:
    for index, known in _matches(decisions, digests, known_digests, is_candidate):
        _continue_known_row(decisions, index, known)


def _ask_about_blanks(decisions: Decisions, is_done: Array) -> None:
    """Ask about rows that a run with the other value of `blanks` sent or left behind."""
    others = digest_array(decisions.rows.other_lefts)
    for index, known in _matches(decisions, others, decisions.known.lefts, is_done):
        decisions.ask(index, "blanks", known=known)


def _matches(
    decisions: Decisions, digests: Array, known_digests: Array, is_candidate: Array
) -> Iterator[tuple[int, int]]:
    """Return the open rows that have the digest of a free known row, each with its known row."""
    rows = np.flatnonzero(decisions.is_open & decisions.rows.is_valid)
    candidates = np.flatnonzero(decisions.is_free & is_candidate)
    if not len(rows) or not len(candidates):
        return iter(())

    known = decisions.known
    ranks = progress_ranks(known.codes[candidates])
    matches = match_digests(digests[rows], known_digests[candidates], ranks, known.nth[candidates])
    matched = np.flatnonzero(matches != NEW)
    return zip(rows[matched].tolist(), candidates[matches[matched]].tolist(), strict=True)


def _continue_known_row(decisions: Decisions, index: int, known: int) -> None:
    """Decide about a row that the journal knows."""
    question = decisions.question
    code = int(decisions.known.codes[known])
    if _is_of_other_token(decisions, index, known) and (code in DONE_CODES or code == IN_FLIGHT):
        account = decisions.same_account(index)
        if account is None:
            decisions.ask(index, "token", known=known)
        if account is not True:
            return

    if code == IN_FLIGHT:
        decisions.settle(index, Action.WAIT, known=known)
    elif code == SILENT:
        decisions.ask(index, "silent", known=known)
    elif code not in DONE_CODES and known in decisions.corrections:
        decisions.ask(index, "edited", known=decisions.corrections[known])
    elif code not in DONE_CODES or (code == _UNKNOWN and question.retry_unknown):
        decisions.is_late[index] |= code == _REJECTED
        decisions.is_unsure[index] = code == _UNKNOWN
        decisions.settle(index, Action.SEND, known=known)
    elif decisions.known.run_ended[known] and not question.named:
        decisions.ask(index, "ended", known=known)
    else:
        decisions.settle(index, Action.RECALL, known=known)


def _is_of_other_token(decisions: Decisions, index: int, known: int) -> bool:
    token = decisions.token(index)
    number = int(decisions.known.token_tags[known])
    if token is None or number == _NO_TAG:
        return False
    return number != int.from_bytes(token, "big")
