"""What happens to each row: recorded by its index, with the caller's answers to doubts."""

from typing import get_args

import numpy as np
import pytest

from flxframe.journal.decisions import DONE_CODES, Action, Decisions, Reason
from flxframe.journal.known import IN_FLIGHT, SILENT, KnownRows, no_known_rows
from flxframe.journal.matching import NEW
from flxframe.models import STATUSES
from flxframe.request.fingerprints import token_tag
from flxframe.request.marks import DONE, Mark
from flxframe.request.rows import SendableRows
from flxframe.request.token import Token
from tests.journal.deciding import TOKEN, ask, known_rows, mark, rows_of

REASONS = get_args(Reason)


def undecided(
    rows: SendableRows, marks: dict | None = None, known: KnownRows | None = None, **answers: object
) -> Decisions:
    """Return decisions in which no row is decided about."""
    question = ask(rows_of(""), **{"of_row": np.zeros(9, dtype="int32"), **answers}).question
    known = no_known_rows() if known is None else known
    return Decisions(rows, marks or {}, known, {}, question)


def test_nothing_is_decided_at_first() -> None:
    """No row is recalled that nobody has looked at."""
    decisions = undecided(rows_of("AB"))
    assert decisions.is_open.all()
    assert not np.isin(decisions.actions, (Action.RECALL, Action.KEEP, Action.WAIT)).any()
    assert not decisions.doubts


def test_a_settled_row_claims_its_known_row() -> None:
    """So no equal row can continue it too."""
    rows = rows_of("AA")
    decisions = undecided(rows, known=known_rows(rows, nth=[0, 1]))
    decisions.settle(1, Action.RECALL, known=0)

    assert decisions.is_open.tolist() == [True, False]
    assert decisions.is_free.tolist() == [False, True]
    assert decisions.continues.tolist() == [NEW, 0]


@pytest.mark.parametrize("reason", REASONS)
def test_a_doubt_is_recorded_and_not_guessed(reason: Reason) -> None:
    """By default the row is asked about."""
    rows = rows_of("A")
    decisions = undecided(rows, known=known_rows(rows))
    decisions.ask(0, reason, known=0)

    assert decisions.actions.tolist() == [Action.ASK]
    assert decisions.doubts[0].reason == reason
    assert decisions.doubts[0].known == 0
    assert decisions.is_free.tolist() == [False]


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("resend", ["never", "edited"])
def test_an_answer_sends_only_what_it_says(reason: Reason, resend: str) -> None:
    """`never` sends no row that was sent; `edited` those that were changed, or sent otherwise."""
    rows = rows_of("A")
    is_sent = resend == "edited" and reason in ("edited", "options", "blanks")

    in_journal = undecided(rows, known=known_rows(rows), resend=resend)
    in_journal.ask(0, reason, known=0)
    assert in_journal.actions.tolist() == [Action.SEND if is_sent else Action.RECALL]

    own = mark(rows, 0)
    in_table = undecided(rows, {0: own}, resend=resend)
    in_table.ask(0, reason, fingerprint=own.fingerprint)
    assert in_table.actions.tolist() == [Action.SEND if is_sent else Action.KEEP]
    assert not in_journal.doubts | in_table.doubts


@pytest.mark.parametrize("status", STATUSES)
def test_never_believes_a_status_without_a_fingerprint(status: str) -> None:
    """A row that was not run is sent."""
    decisions = undecided(rows_of("A"), {0: Mark(None, status)}, resend="never")
    decisions.ask(0, "status")
    assert decisions.actions.tolist() == [Action.KEEP if status in DONE else Action.SEND]


def test_a_draft_that_has_ended_is_free_for_no_row() -> None:
    """It is run again on purpose; one that was interrupted is resumed."""
    rows = rows_of("AB", draft=True)
    decisions = undecided(rows, known=known_rows(rows, run_ended=[True, False]))
    assert decisions.is_free.tolist() == [False, True]


def test_the_marks_as_they_were_written_are_kept() -> None:
    """The steps drop the marks that are another row's."""
    rows = rows_of("A")
    decisions = undecided(rows, {0: mark(rows, 0)})
    del decisions.marks[0]
    assert decisions.written == {0: mark(rows, 0)}


def test_a_row_has_the_content_and_the_token_of_its_index() -> None:
    """Without tokens, as in a preview, its tag is not known."""
    rows = rows_of("AB")
    tags = [b"1111", token_tag(Token(TOKEN))]
    decisions = undecided(rows, tokens=tags, of_row=np.array([1, 0]), same_account=[True, None])

    assert [decisions.token(index) for index in (0, 1)] == tags[::-1]
    assert [decisions.same_account(index) for index in (0, 1)] == [None, True]
    for index in (0, 1):
        assert rows.content(index) == mark(rows, index).fingerprint.content
    assert undecided(rows, tokens=[]).token(0) is None


def test_codes_of_rows_that_are_done() -> None:
    """A silent run might have sent its row; one in flight is waited for."""
    assert {STATUSES.index(status) for status in DONE} | {SILENT} == set(DONE_CODES)
    assert IN_FLIGHT not in DONE_CODES
