"""Decide about rows by their fingerprints: their own, or one that a sort left behind. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from flxframe.journal.decisions import DONE_CODES, Action, Decisions
from flxframe.journal.known import IN_FLIGHT, SILENT
from flxframe.models import STATUSES, Status
from flxframe.request.fingerprints import OPTIONS, OTHER_LINES, TOKEN_TAG_SIZE, Fingerprint
from flxframe.request.marks import DONE, Mark

_SETTLED: tuple[Status, ...] = ("ok", "not_sent")
"""The statuses that a user may set for a row that was unknown."""

_BLANKS = OPTIONS.index("blanks")
_OK, _UNKNOWN = STATUSES.index("ok"), STATUSES.index("unknown")
_NO_TOKEN = bytes(TOKEN_TAG_SIZE)


def match_own_fingerprints(decisions: Decisions) -> dict[int, Fingerprint]:
    """Decide about the rows whose content is unchanged since their fingerprint was written.

    Returns
    -------
    dict
        The fingerprints of rows that were done, and were changed since, by index.
    """
    changed: dict[int, Fingerprint] = {}
    for indices in _rows_of_ids(decisions).values():
        owner = _owner(decisions, indices)
        contents = {decisions.rows.content(owner)}
        own = decisions.marks[owner].fingerprint
        is_changed = _match_owner(decisions, owner)
        if is_changed is not None:
            changed[owner] = is_changed

        for index in indices:
            if index == owner:
                continue
            content = decisions.rows.content(index)
            fingerprint = decisions.marks[index].fingerprint
            # An earlier or later fingerprint of the same sending is the same row too.
            is_copy = content in contents or fingerprint != own
            if is_copy and not decisions.rows.drafts[index]:
                decisions.ask(index, "copy", fingerprint=fingerprint)
            else:
                del decisions.marks[index]  # a copy with other content is a new row
            contents.add(content)
    return changed


def ask_about_copies(decisions: Decisions, indices: Iterable[int]) -> None:
    """Ask about rows that are copies of another one, whatever their occasion."""
    for index in indices:
        if not decisions.rows.drafts[index]:
            decisions.ask(index, "copy", fingerprint=decisions.marks[index].fingerprint)


def match_free_fingerprints(decisions: Decisions, changed: dict[int, Fingerprint]) -> None:
    """Decide about the rows whose content fits the fingerprint of another row that was changed.

    What is left in `changed` are the fingerprints whose content is nowhere in the table.
    """
    if not changed:
        return

    free: dict[bytes, list[int]] = {}
    for owner, fingerprint in changed.items():
        free.setdefault(fingerprint.content, []).append(owner)

    moved: dict[int, Fingerprint] = {}
    for index in np.flatnonzero(decisions.is_open).tolist():
        owners = free.get(decisions.rows.content(index), [])
        source = _free_owner(decisions, index, owners, changed)
        if source is not None:
            owners.remove(source)
            moved[source] = changed.pop(source)
            _keep(decisions, index, source, moved[source])

    is_any_left = bool(changed)
    for owner, fingerprint in moved.items():
        # Its own fingerprint was another row's. If one is left over, it might be this row's.
        if decisions.is_open[owner] and is_any_left:
            changed[owner] = fingerprint
        elif decisions.is_open[owner]:
            del decisions.marks[owner]


def _free_owner(
    decisions: Decisions, index: int, owners: list[int], changed: dict[int, Fingerprint]
) -> int | None:
    """Return the row whose fingerprint fits another row: one of its token, or of an earlier one."""
    token = decisions.token(index)
    tags = {owner: changed[owner].token for owner in owners}
    for owner, tag in tags.items():
        if token is None or tag in (token, _NO_TOKEN):
            return owner

    for owner, tag in tags.items():
        is_of_other_row = tag in decisions.question.tokens
        if not is_of_other_row and decisions.same_account(index) is not False:
            return owner
    return None


def _rows_of_ids(decisions: Decisions) -> dict[bytes, list[int]]:
    groups: dict[bytes, list[int]] = {}
    for index, mark in decisions.marks.items():
        if mark.fingerprint is not None and decisions.is_open[index]:
            groups.setdefault(mark.fingerprint.id, []).append(index)
    return groups


def _owner(decisions: Decisions, indices: list[int]) -> int:
    """Return the row that a fingerprint was written for, among its copies; one that ran if any."""
    unchanged = []
    for index in indices:
        fingerprint = decisions.marks[index].fingerprint
        if fingerprint is not None and fingerprint.content == decisions.rows.content(index):
            unchanged.append(index)

    ran = [index for index in unchanged if decisions.marks[index].is_done]
    return (ran or unchanged or indices)[0]


def _match_owner(decisions: Decisions, index: int) -> Fingerprint | None:
    """Decide about a row by its own fingerprint; return it if the row was done, and changed."""
    mark = decisions.marks[index]
    fingerprint = mark.fingerprint
    if fingerprint is None:
        return None

    status = status_of(mark)
    if status is not None and status not in DONE:
        if fingerprint.content == OTHER_LINES:  # a filtered table would send truncated orders
            decisions.ask(index, "edited", fingerprint=fingerprint)
        decisions.is_late[index] = status == "rejected"
        if status != fingerprint.status:
            decisions.settled[index] = status
    elif decisions.rows.drafts[index] and fingerprint.ended:
        del decisions.marks[index]  # a draft is run again on purpose
    elif status is None and fingerprint.status not in DONE:
        decisions.ask(index, "status", fingerprint=fingerprint)
    elif fingerprint.content != decisions.rows.content(index):
        return fingerprint
    elif status is None:
        decisions.ask(index, "status", fingerprint=fingerprint)
    elif _has_other_blanks(decisions, index, fingerprint):
        decisions.ask(index, "options", fingerprint=fingerprint)
    else:
        _keep(decisions, index, index, fingerprint)
    return None


def status_of(mark: Mark) -> Status | None:
    """Return a row's status; None if the user changed it in a way that is not clear."""
    fingerprint = mark.fingerprint
    if fingerprint is None or mark.status in (None, fingerprint.status):
        return mark.status if fingerprint is None else fingerprint.status
    if fingerprint.status == "unknown" and mark.status in _SETTLED:
        return mark.status
    # A row that was rejected, and that a later run did not get to, is not_sent.
    return None if mark.is_done else fingerprint.status


def _has_other_blanks(decisions: Decisions, index: int, fingerprint: Fingerprint) -> bool:
    """Return whether the row's blanks were sent in another way; the content ignores blanks."""
    question = decisions.question
    is_same = fingerprint.options[_BLANKS] == question.options[_BLANKS]
    return not is_same and index in question.sensitive


def _keep(decisions: Decisions, index: int, source: int, fingerprint: Fingerprint) -> None:
    """Recall a row that is done, unless it was done at another place or for another account."""
    if fingerprint.place != decisions.question.place:
        decisions.ask(index, "place", fingerprint=fingerprint)
        return

    token = decisions.token(index)
    if token is not None and fingerprint.token not in (token, _NO_TOKEN):
        account = decisions.same_account(index)
        if account is False:
            decisions.marks.pop(index, None)
            return
        if account is None:
            # The token of another name in this run: the row's cell in the token column was edited.
            is_own = fingerprint.token in decisions.question.tokens
            decisions.ask(index, "edited" if is_own else "token", fingerprint=fingerprint)
            return

    status = status_of(decisions.written[source])
    if status != fingerprint.status and status is not None:
        decisions.settled[index] = status
    if status == "unknown":
        _recall_unknown(decisions, index, source, fingerprint)
        return

    known = decisions.known_of_id.get(fingerprint.id)
    if known is not None:
        decisions.claim(known)
    decisions.settle(index, Action.KEEP, source=source)


def _recall_unknown(
    decisions: Decisions, index: int, source: int, fingerprint: Fingerprint
) -> None:
    """Recall a row that was unknown; the journal might know more by now."""
    retry = decisions.question.retry_unknown
    known = decisions.known_of_id.get(fingerprint.id)
    if known is None:
        decisions.is_unsure[index] = retry
        action = Action.SEND if retry else Action.KEEP
        decisions.settle(index, action, source=-1 if retry else source)
        return

    code = int(decisions.known.codes[known])
    if code == IN_FLIGHT:
        decisions.settle(index, Action.WAIT, known=known)
    elif code == SILENT:
        decisions.ask(index, "silent", known=known, fingerprint=fingerprint)
    elif (code == _UNKNOWN and not retry) or (code in DONE_CODES and code != _UNKNOWN):
        decisions.settle(index, Action.RECALL, known=known)
    else:
        decisions.is_unsure[index] = code == _UNKNOWN
        decisions.settle(index, Action.SEND, known=known)
