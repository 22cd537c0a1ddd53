"""The sendings of one run: recorded when they leave, and when their answers come."""

import contextlib
import sqlite3
from collections.abc import Iterator

import pytest

from flxframe.journal import runs
from flxframe.journal.opening import connect, new_file
from flxframe.journal.own import OwnSendings
from flxframe.journal.soundness import check_soundness
from flxframe.models import Outcome
from flxframe.request.json_text import decode
from tests.journal.conftest import LEFT, URL, intent

NOW, LATER = 1.7e9, 1.7e9 + 5


@pytest.fixture
def connection(path) -> Iterator[sqlite3.Connection]:
    """A journal with a run, which is sound at the end of the test."""
    with new_file(path) as new:
        runs.insert(new, NOW, 9, 1.0)
    with contextlib.closing(connect(path, write=True)) as opened:
        yield opened
        check_soundness(opened, path)


@pytest.fixture
def own(connection) -> OwnSendings:
    return OwnSendings(connection, URL)


def begin(own: OwnSendings, *rows: int, now: float = NOW) -> None:
    own.write_intents(1, [intent(row) for row in rows], now)
    own.intents_written()


def answer(own: OwnSendings, row: int, outcome: Outcome, left: bytes = LEFT) -> None:
    own.answer(row, outcome, left, LATER)
    own.write_answers()
    own.answers_written()


def recorded(connection: sqlite3.Connection, columns: str) -> list[tuple[object, ...]]:
    return connection.execute(f"SELECT {columns} FROM sendings ORDER BY id").fetchall()


def test_an_intent_has_the_whole_request(own, connection) -> None:
    """And no answer."""
    begin(own, 3)

    request, *others = recorded(connection, "request, position, sent_at, attempts, place, status")[
        0
    ]
    assert decode(request) == {"eventHandle": "order_import", "objects": {"order": {"n": 3}}}
    assert others == [3, NOW, 1, URL, None]


def test_an_answer_is_recorded_with_what_the_row_is_left_with(own, connection) -> None:
    """The time at which it was sent does not change."""
    begin(own, 3)
    answer(own, 3, Outcome("rejected", 400, "no\0 ü", seconds=1), b"x" * 16)

    columns = "left, sent_at, answered_at, status, http_status, error, answer, seconds"
    assert recorded(connection, columns) == [
        (b"x" * 16, NOW, LATER, "rejected", 400, "no\0 ü", None, 1.0)
    ]


def test_an_answer_that_equals_the_request_is_not_stored_twice(own, connection) -> None:
    """Only what the workflow has changed takes space."""
    begin(own, 0, 1)
    answer(own, 0, Outcome("ok", 200, objects={"order": {"n": 0}}))
    answer(own, 1, Outcome("ok", 200, objects={"order": {"n": 10**30}}))
    assert recorded(connection, "answer") == [(None,), (f'{{"order":{{"n":{10**30}}}}}',)]


def test_a_row_that_is_sent_again_is_the_same_sending(own, connection) -> None:
    """Until its next answer, it has none; its requests are counted."""
    begin(own, 0)
    answer(own, 0, Outcome("not_sent", 429, "busy"))
    begin(own, 0, now=LATER)

    columns = "status, http_status, error, answered_at, sent_at, attempts"
    assert recorded(connection, columns) == [(None, None, None, None, LATER, 2)]
    answer(own, 0, Outcome("ok", 200))
    assert recorded(connection, "status, attempts") == [("ok", 2)]


def test_answers_are_kept_until_they_are_on_disk(own, connection) -> None:
    """A transaction that failed is tried again with the next answers."""
    begin(own, 0, 1)
    own.answer(0, Outcome("ok", 200), LEFT, LATER)
    connection.execute("BEGIN")
    own.write_answers()
    connection.execute("ROLLBACK")
    assert recorded(connection, "status") == [(None,), (None,)]

    answer(own, 1, Outcome("ok", 200))
    assert recorded(connection, "status") == [("ok",), ("ok",)]


def test_intents_that_are_not_on_disk_do_not_count(own, connection) -> None:
    """The same rows are inserted by the next try."""
    connection.execute("BEGIN")
    own.write_intents(1, [intent(0), intent(1)], NOW)
    connection.execute("ROLLBACK")

    begin(own, 1)
    assert recorded(connection, "position, attempts") == [(1, 1)]
    with pytest.raises(KeyError):
        own.answer(0, Outcome("ok", 200), LEFT, LATER)


def test_an_unwritten_answer_to_an_earlier_request_of_a_row_is_dropped(own, connection) -> None:
    """The row is on its way again, so it has no answer."""
    begin(own, 0)
    own.answer(0, Outcome("not_sent", 429), LEFT, LATER)
    begin(own, 0, now=LATER)
    own.write_answers()
    assert recorded(connection, "status, attempts") == [(None, 2)]
