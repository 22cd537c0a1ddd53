"""Rows that carry the fingerprint of an earlier run."""

import pytest

from flxframe.journal.known import IN_FLIGHT, SILENT
from flxframe.request.fingerprints import occasion_tag, place_tag, token_tag
from flxframe.request.token import Token
from tests.journal.deciding import OTHER_TOKEN, actions, ask, code, known_rows, mark, rows_of


@pytest.mark.parametrize("status", ["ok", "unknown"])
def test_an_unchanged_row_that_is_done_is_recalled_without_a_journal(status: str) -> None:
    """In any folder, on any machine."""
    rows = rows_of("A")
    assert actions(ask(rows, {0: mark(rows, 0, status)})) == ["keep"]


@pytest.mark.parametrize("status", ["rejected", "not_sent", "invalid"])
def test_a_row_that_is_not_done_is_sent_changed_or_not(status: str) -> None:
    """Only a rejected one goes last."""
    rows, changed = rows_of("A"), rows_of("B")
    for table in (rows, changed):
        decisions = ask(table, {0: mark(rows, 0, status)})
        assert actions(decisions) == ["send"]
        assert decisions.is_late.tolist() == [status == "rejected"]


def test_a_changed_row_that_is_done_is_asked_about() -> None:
    """And with other options, the reason is another one."""
    rows, changed = rows_of("A"), rows_of("B")
    assert actions(ask(changed, {0: mark(rows, 0)})) == ["edited"]
    assert actions(ask(changed, {0: mark(rows, 0, options=b"other.")})) == ["options"]


@pytest.mark.parametrize(
    ("resend", "action"), [("edited", "send"), ("never", "keep"), ("all", "send")]
)
def test_the_answer_decides_about_a_changed_row(resend: str, action: str) -> None:
    """`never` leaves it as it is."""
    rows, changed = rows_of("A"), rows_of("B")
    assert actions(ask(changed, {0: mark(rows, 0)}, resend=resend)) == [action]


def test_a_copy_with_the_same_content_is_asked_about_wherever_it_is() -> None:
    """Such as two days' results in one table."""
    rows = rows_of("AAB")
    marks = {0: mark(rows, 0), 1: mark(rows, 0), 2: mark(rows, 2)}
    assert actions(ask(rows, marks)) == ["keep", "copy", "keep"]
    assert actions(ask(rows, marks, resend="never")) == ["keep"] * 3


def test_a_copy_with_other_content_is_a_new_row_even_above_the_original() -> None:
    """A row that was copied and edited in a spreadsheet, then sorted."""
    rows = rows_of("NA")
    marks = {0: mark(rows, 1), 1: mark(rows, 1)}
    assert actions(ask(rows, marks)) == ["send", "keep"]


def test_two_copies_with_the_same_new_content_are_asked_about() -> None:
    """The second one might be a mistake."""
    rows = rows_of("ANN")
    marks = dict.fromkeys(range(3), mark(rows, 0))
    assert actions(ask(rows, marks)) == ["keep", "send", "copy"]


def test_a_sort_that_left_the_fingerprints_behind_recalls_every_row() -> None:
    """Each row finds the fingerprint that fits its content."""
    before, after = rows_of("ABC"), rows_of("CAB")
    decisions = ask(after, {index: mark(before, index) for index in range(3)})
    assert actions(decisions) == ["keep"] * 3
    assert decisions.sources.tolist() == [2, 0, 1]


def test_a_rejected_row_in_such_a_sort_is_sent() -> None:
    """It finds no fingerprint, since its own one says that it was not run."""
    before, after = rows_of("ABC"), rows_of("CAB")
    marks = {0: mark(before, 0), 1: mark(before, 1, "rejected"), 2: mark(before, 2)}
    assert actions(ask(after, marks)) == ["keep", "keep", "send"]


def test_a_changed_row_in_such_a_sort_is_asked_about() -> None:
    """One fingerprint is left over, and might be this row's."""
    before, after = rows_of("ABC"), rows_of("CAX")
    decisions = ask(after, {index: mark(before, index) for index in range(3)})
    assert actions(decisions) == ["keep", "keep", "edited"]


def test_a_row_of_another_place_is_asked_about() -> None:
    """The sandbox's result is not what the real API answered."""
    rows = rows_of("A")
    marks = {0: mark(rows, 0, place=place_tag("http://127.0.0.1:8000"))}
    assert actions(ask(rows, marks)) == ["place"]
    assert actions(ask(rows, marks, resend="all")) == ["send"]


@pytest.mark.parametrize(("answer", "action"), [(None, "token"), (True, "keep"), (False, "send")])
def test_another_token_is_renewed_or_of_another_account(answer: bool | None, action: str) -> None:
    """Only the caller knows."""
    rows = rows_of("A")
    marks = {0: mark(rows, 0, token=token_tag(Token(OTHER_TOKEN)))}
    assert actions(ask(rows, marks, same_account=[answer])) == [action]


def test_a_row_that_was_moved_to_another_token_of_the_run_is_changed() -> None:
    """Its cell in the token column was edited."""
    rows = rows_of("A")
    marks = {0: mark(rows, 0, token=token_tag(Token(OTHER_TOKEN)))}
    tokens = [mark(rows, 0).fingerprint.token, token_tag(Token(OTHER_TOKEN))]
    decisions = ask(rows, marks, tokens=tokens, same_account=[None, None])
    assert actions(decisions) == ["edited"]


def test_an_occasion_sends_the_row_again_once() -> None:
    """Without an occasion, the fingerprint of an occasion still counts."""
    today = occasion_tag("2026-12-02")
    yesterday = mark(rows_of("A"), 0, occasion=occasion_tag("2026-12-01"))
    rows = rows_of("A", occasion="2026-12-02")

    assert actions(ask(rows, {0: yesterday}, occasion=today, has_occasion=True)) == ["send"]
    same_day = {0: mark(rows, 0, occasion=today)}
    assert actions(ask(rows, same_day, occasion=today, has_occasion=True)) == ["keep"]
    assert actions(ask(rows_of("A"), {0: yesterday})) == ["keep"]


def test_a_draft_is_sent_again_unless_its_run_was_interrupted() -> None:
    """And it never asks."""
    rows, changed = rows_of("A", draft=True), rows_of("B", draft=True)
    assert actions(ask(rows, {0: mark(rows, 0)})) == ["send"]
    assert actions(ask(rows, {0: mark(rows, 0, ended=False)})) == ["keep"]
    assert actions(ask(changed, {0: mark(rows, 0, ended=False)})) == ["send"]


@pytest.mark.parametrize(("status", "action"), [("ok", "keep"), ("not_sent", "send")])
def test_a_user_settles_an_unknown_row(status: str, action: str) -> None:
    """And the journal gets to know it."""
    rows = rows_of("A")
    decisions = ask(rows, {0: mark(rows, 0, "unknown", now=status)})
    assert actions(decisions) == [action]
    assert decisions.settled == {0: status}


@pytest.mark.parametrize(
    ("was", "now"), [("ok", "not_sent"), ("rejected", "ok"), ("unknown", "rejected")]
)
def test_any_other_change_of_a_status_is_asked_about(was: str, now: str) -> None:
    """The statuses might have been sorted apart from the fingerprints."""
    rows = rows_of("A")
    assert actions(ask(rows, {0: mark(rows, 0, was, now=now)})) == ["status"]


def test_other_blanks_are_asked_about_where_the_row_has_any() -> None:
    """The canonical content does not count blanks."""
    rows = rows_of("AB")
    marks = {index: mark(rows, index, options=bytes(5) + b"x") for index in range(2)}
    assert actions(ask(rows, marks, sensitive=frozenset({1}))) == ["keep", "options"]


@pytest.mark.parametrize(
    ("journal", "retry", "action"),
    [
        (code("ok"), False, "recall"),
        (code("unknown"), False, "recall"),
        (code("unknown"), True, "send"),
        (code("rejected"), False, "send"),
        (IN_FLIGHT, False, "wait"),
        (SILENT, False, "silent"),
    ],
)
def test_the_journal_might_know_more_of_an_unknown_row(
    journal: int, retry: bool, action: str
) -> None:
    """It was settled, or sent again, since."""
    rows = rows_of("A")
    known = known_rows(rows, codes=[journal])
    decisions = ask(rows, {0: mark(rows, 0, "unknown")}, known, retry_unknown=retry)
    assert actions(decisions) == [action]


def test_an_unknown_row_is_sent_again_only_on_demand() -> None:
    """An earlier request of it might have run, whatever happens now."""
    rows = rows_of("A")
    decisions = ask(rows, {0: mark(rows, 0, "unknown")}, retry_unknown=True)
    assert actions(decisions) == ["send"]
    assert decisions.is_unsure.tolist() == [True]
