"""Rows without a fingerprint that fits, looked up in the journal."""

import pytest

from flxframe.journal.known import IN_FLIGHT, SILENT
from flxframe.request.marks import Mark
from tests.journal.deciding import (
    OTHER_TAG,
    TAG,
    actions,
    ask,
    code,
    known_rows,
    mark,
    rows_of,
)


def test_a_row_that_nothing_knows_is_sent() -> None:
    """Equal new rows are numbered."""
    decisions = ask(rows_of("ABA"))
    assert actions(decisions) == ["send"] * 3
    assert decisions.nth.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("ended", "named", "action"),
    [(True, False, "ended"), (True, True, "recall"), (False, False, "recall")],
)
def test_a_row_that_a_run_sent_is_recalled_or_asked_about(
    ended: bool, named: bool, action: str
) -> None:
    """An interrupted run is resumed; one that ended asks, unless its journal is named."""
    rows = rows_of("AB")
    known = known_rows(rows, run_ended=[ended, ended])
    assert actions(ask(rows, None, known, named=named)) == [action] * 2


@pytest.mark.parametrize(
    ("status", "action"), [(IN_FLIGHT, "wait"), (SILENT, "silent"), (code("rejected"), "send")]
)
def test_the_state_of_the_sending_decides(status: int, action: str) -> None:
    """A row in flight elsewhere is waited for."""
    rows = rows_of("A")
    assert actions(ask(rows, None, known_rows(rows, codes=[status]))) == [action]


def test_a_rejected_row_goes_last_and_keeps_its_number() -> None:
    """It continues the row of the journal."""
    rows = rows_of("A")
    decisions = ask(rows, None, known_rows(rows, codes=[code("rejected")], nth=[4]))
    assert decisions.is_late.tolist() == [True]
    assert decisions.nth.tolist() == [4]


def test_an_equal_row_is_new_after_all_known_ones() -> None:
    """Its number is free, even if the numbers have gaps."""
    rows, twice = rows_of("A"), rows_of("AA")
    decisions = ask(twice, None, known_rows(rows, nth=[4]), named=True)
    assert actions(decisions) == ["recall", "send"]
    assert decisions.nth.tolist() == [0, 5]


def test_equal_rows_match_in_the_order_of_their_numbers() -> None:
    """If one was deleted, the known row that progressed furthest matches first."""
    known = known_rows(rows_of("AA"), codes=[code("not_sent"), code("ok")], nth=[0, 1])
    decisions = ask(rows_of("AA"), None, known, named=True)
    assert actions(decisions) == ["send", "recall"]
    assert decisions.continues.tolist() == [0, 1]

    decisions = ask(rows_of("A"), None, known, named=True)
    assert actions(decisions) == ["recall"]
    assert decisions.continues.tolist() == [1]


def test_a_row_is_recognised_by_what_it_was_left_with() -> None:
    """A result whose run.* columns were dropped."""
    sent, left = rows_of("A"), rows_of("B")
    known = known_rows(sent)
    known = type(known)(**{**_fields(known), "lefts": known_rows(left).lefts})
    assert actions(ask(left, None, known)) == ["ended"]
    assert actions(ask(left, None, known_rows(sent))) == ["send"]


def test_equal_rows_of_which_one_was_rejected() -> None:
    """The rejected one is sent, and does not take the other's outcome."""
    rows = rows_of("AA")
    known = known_rows(rows, codes=[code("ok"), code("rejected")], nth=[0, 1])
    marks = {0: mark(rows, 0), 1: mark(rows, 1, "rejected")}
    decisions = ask(rows, marks, known)
    assert actions(decisions) == ["keep", "send"]
    assert decisions.nth.tolist() == [0, 1]


def test_an_equal_row_that_is_appended_to_a_result_is_sent() -> None:
    """No fingerprint and no row of the journal is left for it."""
    result, table = rows_of("A"), rows_of("AA")
    decisions = ask(table, {0: mark(result, 0)}, known_rows(result))
    assert actions(decisions) == ["keep", "send"]
    assert decisions.nth.tolist() == [0, 1]


def test_a_corrected_row_is_sent_once() -> None:
    """The same call again finds it by the content that was sent."""
    before, corrected = rows_of("AX"), rows_of("AB")
    marks = {0: mark(before, 0), 1: mark(before, 1, "rejected")}
    known = known_rows(before, codes=[code("ok"), code("rejected")])
    assert actions(ask(corrected, marks, known)) == ["keep", "send"]

    rows = rows_of("AXB")
    known = known_rows(rows, codes=[code("ok"), code("rejected"), code("ok")])
    assert actions(ask(corrected, marks, known)) == ["keep", "ended"]
    assert actions(ask(corrected, marks, known, named=True)) == ["keep", "recall"]


@pytest.mark.parametrize(("answer", "action"), [(None, "token"), (True, "recall"), (False, "send")])
def test_a_row_that_another_token_sent(answer: bool | None, action: str) -> None:
    """Renewed, or of another account."""
    rows = rows_of("A")
    known = known_rows(rows, token_tags=[OTHER_TAG], run_ended=[False])
    assert actions(ask(rows, None, known, same_account=[answer])) == [action]


def test_a_row_of_the_same_token_matches_before_one_of_another() -> None:
    """Two accounts, one journal."""
    rows = rows_of("AA")
    known = known_rows(rows, token_tags=[OTHER_TAG, TAG], nth=[0, 1], run_ended=[False] * 2)
    decisions = ask(rows_of("A"), None, known)
    assert actions(decisions) == ["recall"]
    assert decisions.continues.tolist() == [1]


def test_a_journal_that_does_not_know_the_token_does_not_ask() -> None:
    """As one of an earlier format."""
    rows = rows_of("A")
    assert actions(ask(rows, None, known_rows(rows, token_tags=[-1]), named=True)) == ["recall"]


def test_a_draft_of_a_run_that_ended_is_sent_again() -> None:
    """And one of an interrupted run is resumed."""
    rows = rows_of("A", draft=True)
    decisions = ask(rows, None, known_rows(rows))
    assert actions(decisions) == ["send"]
    assert decisions.nth.tolist() == [1]
    assert actions(ask(rows, None, known_rows(rows, run_ended=[False]))) == ["recall"]


@pytest.mark.parametrize("status", ["ok", "unknown", "rejected"])
def test_a_status_without_a_fingerprint_is_asked_about(status: str) -> None:
    """`never` believes it, and sends what was not run."""
    rows = rows_of("A")
    marks = {0: Mark(None, status)}  # type: ignore[arg-type]
    assert actions(ask(rows, marks)) == ["status"]

    expected = "send" if status == "rejected" else "keep"
    assert actions(ask(rows, marks, resend="never")) == [expected]


def test_a_status_without_a_fingerprint_is_not_asked_about_if_the_journal_knows_the_row() -> None:
    """The journal is the better source."""
    rows = rows_of("A")
    known = known_rows(rows, run_ended=[False])
    assert actions(ask(rows, {0: Mark(None, "ok")}, known)) == ["recall"]


def test_all_sends_every_row_as_a_new_one() -> None:
    """Marks and the journal do not count."""
    rows = rows_of("AB")
    decisions = ask(rows, {0: mark(rows, 0)}, known_rows(rows), resend="all")
    assert actions(decisions) == ["send"] * 2
    assert decisions.nth.tolist() == [1, 1]


def _fields(known: object) -> dict:
    return {name: getattr(known, name) for name in known.__dataclass_fields__}
