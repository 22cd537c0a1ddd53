"""The question about rows that might have been sent before."""

import re
import time
from typing import get_args

import numpy as np
import pytest

from flxframe.exceptions import AlreadySentError
from flxframe.journal.decisions import Doubt, Reason
from flxframe.journal.doubts import find_question
from flxframe.journal.known import no_known_rows
from flxframe.request.marks import Mark
from tests.conftest import TOKEN, orders
from tests.journal.conftest import URL
from tests.journal.deciding import known_rows, mark
from tests.journal.lookups import lookup_of, rows_in

SENT_AT = 1_790_000_000.0


def question(
    reasons: dict[int, Reason], rows: int = 9, contents=lambda _: (), **arguments: object
) -> AlreadySentError:
    """Return the question about rows of a table, by their index."""
    lookup = lookup_of(orders(rows), **arguments)
    sendable = rows_in(lookup)
    decisions = lookup.decide(sendable, None)
    times = SENT_AT + 86400 * np.arange(rows)
    decisions.known = known_rows(sendable, sent_at=times)

    for index, reason in reasons.items():
        fingerprint = mark(sendable, index).fingerprint
        decisions.doubts[index] = Doubt(reason, index, fingerprint)
    found = find_question(decisions, lookup, contents)
    assert found is not None
    return found


def test_without_a_doubt_there_is_no_question() -> None:
    """The rows are sent or recalled."""
    lookup = lookup_of(orders(2))
    assert find_question(lookup.decide(rows_in(lookup), None), lookup) is None


@pytest.mark.parametrize("reason", get_args(Reason))
def test_each_reason_is_one_line_with_the_rows_and_has_answers(reason: Reason) -> None:
    """The count, the rows, and at least two arguments that answer; never the token."""
    error = question({4: reason, 1: reason})

    assert len(error.question.splitlines()) == 1
    assert error.question.startswith("2 rows of 9 ")
    assert re.search(r"row 1 .*row 4 .*\.$", error.question)
    assert error.rows == [1, 4]
    assert error.reason == reason
    assert len(error.answers) >= 2
    assert all(error.answers.values())
    assert TOKEN not in str(error)


@pytest.mark.parametrize("reason", get_args(Reason))
def test_each_answer_is_an_argument_that_is_accepted(reason: Reason) -> None:
    """What the message offers can be pasted into the call."""
    for answer in question({0: reason}).answers:
        arguments = eval(f"dict({answer})", {})
        lookup_of(orders(1), **arguments)


def test_the_reason_with_the_most_rows_is_first() -> None:
    """One line for each."""
    error = question({0: "edited", 1: "copy", 2: "copy"})
    first, second = error.question.splitlines()
    assert first.startswith(
        "2 rows of 9 have the run.fingerprint of another row, now or before it ran"
    )
    assert second.startswith("1 row of 9 was sent on ")
    assert "and has changed since" in second
    assert error.reason == "copy, edited"
    assert next(iter(error.answers)) == 'resend="never"'


def test_five_rows_are_named_and_the_others_counted() -> None:
    """A message about a million rows is short."""
    error = question(dict.fromkeys(range(9), "ended"))
    assert error.question.count("row ") == 5
    assert error.question.endswith(", 4 more.")
    assert len(error.rows) == 9


def test_it_says_when_and_where_to() -> None:
    """The first and the last time, in the user's time zone."""
    error = question({1: "ended", 3: "ended"})
    times = [time.localtime(SENT_AT + 86400 * day) for day in (1, 3)]
    first, last = (time.strftime("%Y-%m-%d %H:%M", each) for each in times)
    assert f"already sent to {URL} between {first} and {last}" in error.question
    assert f" on {first}" in question({1: "ended"}).question


def test_a_limit_does_not_offer_all() -> None:
    """Together they are refused."""
    assert 'resend="all"' in question({0: "ended"}).answers
    assert 'resend="all"' not in question({0: "ended"}, limit=5).answers


def test_an_occasion_is_offered_for_a_table_that_is_repeated() -> None:
    """Today's date, unless the call has one, or the rows were changed."""
    today = time.strftime("%Y-%m-%d")
    assert f'occasion="{today}"' in question({0: "ended"}).answers
    for error in (question({0: "ended"}, occasion="monday"), question({0: "edited"})):
        assert not any("occasion" in answer for answer in error.answers)


def test_the_arguments_that_differ_are_named() -> None:
    """Each once, whatever the number of rows."""
    lookup = lookup_of(orders(2), params={"source": 2}, blanks="null")
    sendable = rows_in(lookup)
    before = lookup_of(orders(2), params={"source": 1}).option_tags()
    decisions = lookup.decide(sendable, None)
    for index in (0, 1):
        fingerprint = mark(sendable, index, options=before).fingerprint
        decisions.doubts[index] = Doubt("options", -1, fingerprint)

    error = find_question(decisions, lookup)
    assert error is not None
    assert "2 rows of 2 were sent with another 'blanks', 'params': " in error.question


def test_the_columns_that_differ_are_counted() -> None:
    """Those that differ in most rows first."""
    cells = [{"a": True}, {"b": True}, {"b": True, "a": True}, {"b": True}]
    error = question(dict.fromkeys(range(4), "edited"), contents=lambda _: cells)
    assert "(b: 3 of 4 rows differ; a: 2 of 4 rows differ)" in error.question


def test_a_status_without_a_fingerprint_has_no_time() -> None:
    """Only the table speaks of it."""
    lookup = lookup_of(orders(1).assign(**{"run.status": "ok"}))
    decisions = lookup.decide(rows_in(lookup), None)
    assert decisions.marks == {0: Mark(None, "ok")}
    assert len(decisions.known) == len(no_known_rows())

    error = find_question(decisions, lookup)
    assert error is not None
    assert "1 row of 1 has a run.status without a run.fingerprint" in error.question
    assert " on 2" not in error.question
