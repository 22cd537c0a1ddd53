"""All rows of a table are decided about at once, in the four steps of the contract."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.journal.decisions import Action
from flxframe.journal.matching import NEW
from flxframe.models import STATUSES
from flxframe.request.fingerprints import occasion_tag
from flxframe.request.marks import DONE
from tests.journal.deciding import actions, ask, code, known_rows, mark, rows_of


def test_the_four_steps_in_order() -> None:
    """Its own fingerprint, another row's that was left behind, the journal, and new."""
    before = rows_of("ABCJ")
    table = rows_of("ACBJN")
    marks = {index: mark(before, index) for index in range(3)}

    decisions = ask(table, marks, known_rows(before), named=True)

    assert actions(decisions) == ["keep", "keep", "keep", "recall", "send"]
    assert decisions.sources.tolist()[:3] == [0, 2, 1]
    assert decisions.continues.tolist()[3] == 3


def test_a_row_of_the_journal_that_a_fingerprint_names_is_no_other_rows() -> None:
    """An equal row without a fingerprint is new, wherever it is in the table."""
    before = rows_of("A")
    for position in (0, 1):
        decisions = ask(rows_of("AA"), {position: mark(before, 0)}, known_rows(before), named=True)
        expected = ["send", "send"]
        expected[position] = "keep"
        assert actions(decisions) == expected


def test_a_table_without_marks_and_a_journal_is_new() -> None:
    """Equal rows are numbered, and nothing is asked."""
    decisions = ask(rows_of("ABAA"))
    assert actions(decisions) == ["send"] * 4
    assert decisions.nth.tolist() == [0, 0, 1, 2]
    assert not decisions.doubts


def test_an_empty_table_is_decided_about() -> None:
    """It has no rows to send, whatever the journal knows."""
    assert actions(ask(rows_of(""))) == []
    assert actions(ask(rows_of(""), known=known_rows(rows_of("AB")))) == []


def test_all_sends_every_row_of_a_table() -> None:
    """Neither a fingerprint nor the journal counts."""
    rows = rows_of("AA")
    decisions = ask(rows, {0: mark(rows, 0)}, known_rows(rows, nth=[0, 1]), resend="all")
    assert actions(decisions) == ["send", "send"]
    assert decisions.nth.tolist() == [2, 3]


def test_a_fingerprint_of_another_occasion_does_not_count() -> None:
    """Only in a run that has an occasion."""
    before = rows_of("A")
    monday, tuesday = occasion_tag("monday"), occasion_tag("tuesday")
    marks = {0: mark(before, 0, occasion=monday)}
    row = rows_of("A", occasion="tuesday")

    assert actions(ask(row, marks, occasion=tuesday, has_occasion=True)) == ["send"]
    assert actions(ask(before, marks)) == ["keep"]


LETTERS = st.text("ABC", max_size=7)
SAME_STATUSES = st.lists(st.sampled_from(STATUSES), min_size=7, max_size=7)


@given(LETTERS, LETTERS, SAME_STATUSES, st.sets(st.integers(0, 6)), st.booleans(), st.booleans())
def test_no_sending_is_used_twice_and_none_that_ran_is_forgotten(
    before: str, table: str, was: list, marked: set, recorded: bool, ended: bool
) -> None:
    """Whatever was sent before, and whatever is left of its marks: equal rows are counted."""
    sent, rows = rows_of(before), rows_of(table)
    count = min(len(before), len(table))
    marks = {index: mark(sent, index, was[index]) for index in marked if index < count}
    known = None
    if recorded:
        codes = [code(status) for status in was[: len(before)]]
        nth = [before[:index].count(letter) for index, letter in enumerate(before)]
        known = known_rows(sent, codes=codes, nth=nth, run_ended=[ended] * len(before))

    decisions = ask(rows, marks, known, named=True)

    continued = [number for number in decisions.continues.tolist() if number != NEW]
    sources = [source for source in decisions.sources.tolist() if source >= 0]
    assert max(Counter(continued).values(), default=1) == 1
    assert max(Counter(sources).values(), default=1) == 1

    known_to_be_done = range(len(before)) if recorded else marks
    done = Counter(before[index] for index in known_to_be_done if was[index] in DONE)
    sends = Counter(table[index] for index in np.flatnonzero(decisions.actions == Action.SEND))
    # A row that was rejected is sent, also if an equal row next to it ran and was deleted.
    own = [index for index in marks if was[index] not in DONE and before[index] == table[index]]
    left = Counter(table[index] for index in own)
    for letter, number in Counter(table).items():
        allowed = max(number - done[letter], left[letter])
        assert sends[letter] <= allowed, "a row that ran was sent again"


@pytest.mark.parametrize("resend", ["ask", "never", "edited", "all"])
def test_every_row_gets_an_answer(resend: str) -> None:
    """With any answer but `ask`, nothing is left in doubt."""
    before = rows_of("AABC")
    marks = {0: mark(before, 0), 1: mark(before, 0), 2: mark(before, 3)}
    decisions = ask(rows_of("AAXB"), marks, known_rows(before), resend=resend)

    assert bool(decisions.doubts) == (resend == "ask")
    assert (Action.ASK in decisions.actions) == (resend == "ask")
