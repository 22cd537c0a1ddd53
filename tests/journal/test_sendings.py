"""The queries that read the sendings of a journal."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flxframe import JournalError
from flxframe.journal.known import IN_FLIGHT, SILENT, Intent
from flxframe.journal.opening import connect
from flxframe.journal.sendings import (
    all_rows,
    contents,
    entities,
    find_rows,
    last_sending,
    outcomes,
)
from flxframe.models import STATUSES, Outcome
from tests.journal.conftest import URL, intent, open_for_run
from tests.journal.processes import NOW, record, running

KEYS = [b"%014d\0\0" % number for number in range(20)]
LEFTS = [b"left %010d\0" % number for number in range(20)]
UIDS = [b"uid %05d\0" % number for number in range(90)]
"""Digests may end with NULs, which NumPy strips."""


def sending(number: int) -> Intent:
    """Return one of 90 sendings of 40 rows; each has been sent two or three times."""
    row = number % 40
    first = intent(number, KEYS[row % 20], nth=row // 20)
    return Intent(
        **{name: getattr(first, name) for name in ("position", "request", "key", "nth")},
        **{"uid": UIDS[number], "left": LEFTS[number * 7 % 20], "token_tag": number},
    )


def answer(number: int) -> Outcome:
    status = STATUSES[number * 5 % len(STATUSES)]
    objects = {"order": {"answer": number}} if status == "ok" else None
    return Outcome(status, 200, objects=objects)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A journal of three runs, the last of which left its rows without an answer."""
    path = tmp_path_factory.mktemp("sendings") / "backfill.db"
    for run in range(3):
        with open_for_run(path) as writer:
            numbers = range(30 * run, 30 * run + 30)
            writer.find(b"".join(KEYS), b"", b"")
            writer.start(30, 1.0)
            writer.begin([sending(number) for number in numbers], NOW + run)
            if run < 2:
                left = [sending(number).left for number in numbers]
                rows = zip(numbers, map(answer, numbers), left, strict=True)
                writer.finish(list(rows))
            writer.end(complete=run == 0)
    with contextlib.closing(connect(path, write=False)) as connection:
        yield SimpleNamespace(path=path, connection=connection)


SOUGHT = st.tuples(
    st.lists(st.sampled_from([*KEYS, b"?" * 16]), max_size=25),
    st.lists(st.sampled_from([*LEFTS, b"?" * 16]), max_size=25),
    st.lists(st.sampled_from([*UIDS, b"?" * 10]), max_size=25),
)


@settings(max_examples=60, deadline=None)
@given(SOUGHT)
def test_rows_are_found_by_any_of_their_sendings(journal, sought) -> None:
    """By looking few up, or by reading the whole journal for many."""
    keys, lefts, uids = sought
    sendings = [sending(number) for number in range(90)]
    expected = set()
    for item in sendings:
        if item.key in keys or item.left in lefts or item.uid in uids:
            expected.add((item.key, item.nth))

    joined = b"".join(keys), b"".join(lefts), b"".join(uids)
    known = find_rows(journal.connection, journal.path, *joined)

    rows = [(key.ljust(16, b"\0"), nth) for key, nth in zip(known.keys, known.nth, strict=True)]
    assert rows == sorted(expected)
    for index, row in enumerate(rows):
        numbers = [number for number, item in enumerate(sendings) if (item.key, item.nth) == row]
        oks = [number for number in numbers if number < 60 and answer(number).status == "ok"]
        number = (oks or numbers)[-1]
        status = "unknown" if number >= 60 else answer(number).status
        assert known.sendings[index] == number + 1
        assert known.uids[index].ljust(10, b"\0") == UIDS[number]
        assert known.lefts[index].ljust(16, b"\0") == sendings[number].left
        assert known.codes[index] == STATUSES.index(status)
        assert known.tries[index] == len(numbers)
        assert known.runs[index] == number // 30 + 1
        assert known.run_ended[index] == (number < 30)
        assert known.token_tags[index] == number

    found = entities(journal.connection, known, b"".join(UIDS)).tolist()
    of_uid = [rows.index((s.key, s.nth)) if (s.key, s.nth) in rows else -1 for s in sendings]
    assert found == of_uid


def test_more_values_than_a_query_can_have_are_looked_up(path) -> None:
    """An older SQLite accepts 999."""
    record(path, ok=0, unknown=1)
    with contextlib.closing(connect(path, write=False)) as connection:
        _spread(connection)
        keys = b"".join(b"%016d" % number for number in range(2_000))
        assert len(find_rows(connection, path, keys, keys, keys[:10])) == 0


def _spread(connection: sqlite3.Connection) -> None:
    """Make the journal look large, in a copy of its table in memory."""
    columns = "uid, run, key, nth, left, place, token_tag, draft, position, sent_at, attempts"
    connection.execute("CREATE TEMP TABLE sendings AS SELECT * FROM main.sendings")
    connection.execute(
        f"INSERT INTO temp.sendings (id, {columns}) SELECT 100000, {columns} FROM main.sendings"
    )


def test_the_outcomes_come_in_the_order_that_was_asked(journal) -> None:
    """Also of many, and of the same one twice."""
    numbers = [59, 0, 30, 0, *range(60)] * 20
    found = outcomes(journal.connection, journal.path, np.array(numbers) + 1)

    for number, outcome in zip(numbers, found, strict=True):
        assert outcome.status == answer(number).status
        assert outcome.objects == answer(number).objects
        assert outcome.sent_at == NOW + number // 30


def test_a_sending_without_an_answer_is_unknown(journal) -> None:
    """The error says what it means."""
    [outcome] = outcomes(journal.connection, journal.path, np.array([90]))
    assert outcome.status == "unknown"
    assert "the journal has no answer" in outcome.error
    assert outcome.objects is None


def test_a_record_that_was_changed_is_not_recalled(path) -> None:
    """The journal was checked when the run opened it, but it can be changed later."""
    record(path)
    with contextlib.closing(connect(path, write=True)) as connection:
        connection.execute("UPDATE sendings SET status = 'rejected' WHERE id = 1")
        with pytest.raises(JournalError, match=r"is damaged \(record 1 was changed\)"):
            list(outcomes(connection, path, np.array([2, 1])))
        with pytest.raises(JournalError, match="is damaged"):
            list(outcomes(connection, path, np.array([99])))


def test_the_state_of_a_row_without_an_answer_is_that_of_its_run(path) -> None:
    """In flight in a live one; silent on another host; unknown after a kill."""
    record(path, ok=0, unknown=0)
    with running(path, 5) as other, contextlib.closing(connect(path, write=True)) as connection:
        assert all_rows(connection, path).codes.tolist() == [IN_FLIGHT]
        other.kill()
        assert all_rows(connection, path).codes.tolist() == [STATUSES.index("unknown")]
        connection.execute("UPDATE runs SET host = 'another', boot = '', seen_at = 1")
        assert all_rows(connection, path).codes.tolist() == [SILENT]


def test_the_rows_of_a_place_are_read(path) -> None:
    """Or those of all places, of which there are many."""
    record(path)
    with open_for_run(path, "https://other.example.com") as journal:
        journal.start(1, 1.0)
        journal.begin([intent(9, b"x" * 16)], NOW)
    with contextlib.closing(connect(path, write=False)) as connection:
        assert last_sending(connection) == 4
        assert len(all_rows(connection, path)) == 4
        assert len(all_rows(connection, path, URL)) == 3
        assert len(all_rows(connection, path, "https://unknown.example.com")) == 0


def test_the_texts_of_a_sending_are_kept_until_they_are_forgotten(journal, path: Path) -> None:
    """A sending that does not exist has none."""
    request, objects = contents(journal.connection, 1)
    assert '"n":0' in request
    assert (objects is None) == (answer(0).objects is None)
    assert contents(journal.connection, 999) == (None, None)
