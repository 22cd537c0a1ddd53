"""Decide about all rows of a table at once, in the four steps of the contract. Pure.

A row's own fingerprint, if its content is unchanged; another row's fingerprint that has this
content, since a sort left ``run.*`` behind; the journal's rows that no fingerprint names, by the
content sent or left behind; otherwise the row is new.
"""

from __future__ import annotations

from collections.abc import Mapping

from flxframe.journal.decisions import Action, Decisions, Question
from flxframe.journal.known import KnownRows
from flxframe.journal.marked_rows import (
    ask_about_copies,
    match_free_fingerprints,
    match_own_fingerprints,
)
from flxframe.journal.unmarked_rows import decide_open_rows, match_journal, number_rows
from flxframe.request.marks import Mark
from flxframe.request.rows import SendableRows


def decide(
    rows: SendableRows,
    marks: Mapping[int, Mark],
    known: KnownRows,
    known_of_id: dict[bytes, int],
    question: Question,
) -> Decisions:
    """Decide what happens to each row of a table.

    Parameters
    ----------
    rows : SendableRows
        The rows that can be sent.
    marks : Mapping
        The marks of an earlier run, by position.
    known : KnownRows
        The rows of the journal that have a key, a digest or an id of this table.
    known_of_id : dict
        The index of the known row that each fingerprint's id names.
    question : Question
        How they would be sent, and what was answered.
    """
    by_index, copies = _marks_by_index(rows, marks, question)
    decisions = Decisions(rows, by_index, known, known_of_id, question)
    if question.resend != "all":
        ask_about_copies(decisions, copies)
        changed = match_own_fingerprints(decisions)
        match_free_fingerprints(decisions, changed)
        match_journal(decisions)
        decide_open_rows(decisions, changed)

    is_invalid = ~rows.is_valid & (decisions.actions == Action.SEND)
    decisions.actions[is_invalid] = Action.INVALID
    number_rows(decisions)
    return decisions


def _marks_by_index(
    rows: SendableRows, marks: Mapping[int, Mark], question: Question
) -> tuple[dict[int, Mark], list[int]]:
    """Return the marks that count on this occasion, and the rows that are copies on any."""
    by_index: dict[int, Mark] = {}
    copies: list[int] = []
    if not marks:
        return by_index, copies

    seen = set()
    for index, position in enumerate(rows.positions.tolist()):
        mark = marks.get(position)
        if mark is None:
            continue
        if not _is_of_other_occasion(mark, question):
            by_index[index] = mark
            continue

        fingerprint = mark.fingerprint
        row = (None if fingerprint is None else fingerprint.id, rows.content(index))
        if row in seen:
            by_index[index] = mark
            copies.append(index)
        seen.add(row)
    return by_index, copies


def _is_of_other_occasion(mark: Mark, question: Question) -> bool:
    if mark.fingerprint is None or not question.has_occasion:
        return False
    return mark.fingerprint.occasion != question.occasion
