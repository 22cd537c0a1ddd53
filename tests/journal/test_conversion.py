"""A journal of format 1 is read, and carried over by the first run that opens it."""

import contextlib
import multiprocessing
import os
import random
import sqlite3
import time
from pathlib import Path

import pytest

from flxframe import Journal, JournalError
from flxframe.models import RunWorkflowRequest
from flxframe.request.identity import content_digest, exact_digest
from flxframe.request.json_text import encode
from tests.conftest import orders, run
from tests.journal.conftest import open_for_run, statuses

FORMAT_1 = f"""
BEGIN;
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY, base_url TEXT NOT NULL, digest BLOB NOT NULL, nth INTEGER NOT NULL,
    position INTEGER NOT NULL, request TEXT NOT NULL, sent_at REAL NOT NULL, answered_at REAL,
    status TEXT, http_status INTEGER, error TEXT, answer TEXT, outcome_digest BLOB, seconds REAL
);
CREATE TABLE runs (
    started_at REAL NOT NULL, rows INTEGER NOT NULL, seconds REAL NOT NULL,
    first_attempt INTEGER NOT NULL
);
CREATE TABLE written (path TEXT PRIMARY KEY, digest BLOB NOT NULL);
PRAGMA application_id = {0x666C7866};
PRAGMA user_version = 1;
COMMIT;
"""


def old_journal(path: Path, url: str, rows: int = 6) -> None:
    """Make a journal of format 1: a run that has ended, and a killed one without its last answer.

    Row 1 was not delivered at first, and row 2 was answered with an object.
    """
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(FORMAT_1)
        connection.execute("INSERT INTO runs VALUES (1e9, 3, 1.5, 1)")
        connection.execute("INSERT INTO runs VALUES (1e9 + 9, ?, 1.5, 5)", (rows - 3,))
        for position in (0, 1, 1, 2, *range(3, rows)):
            row = orders(rows).iloc[position]
            objects = {"order": {"number": row["objects.order.number"]}}
            request = RunWorkflowRequest(eventHandle="order_import", objects=objects)
            changed = {"order": {**objects["order"], "status": "Hold"}} if position == 2 else None
            left = content_digest(request, changed or objects)
            values = (url, exact_digest(request), position, encode(request.body()))
            answer = None if changed is None else encode(changed)
            connection.execute(
                "INSERT INTO attempts VALUES (NULL, ?, ?, 0, ?, ?, 1e9, 1e9 + 1, 'ok', 200, NULL, "
                "?, ?, 0.5)",
                (*values, answer, left),
            )
        connection.execute(
            "UPDATE attempts SET status = 'not_sent', http_status = 429, error = 'busy' "
            "WHERE id = 2"
        )
        connection.execute(
            "UPDATE attempts SET status = NULL, http_status = NULL, answered_at = NULL "
            "WHERE position = ?",
            (rows - 1,),
        )
        connection.commit()


def test_a_journal_of_format_1_is_read_and_not_changed(path) -> None:
    """Its attempts are sendings."""
    old_journal(path, "https://api.flxpoint.com")
    content = path.read_bytes()

    journal = Journal(path)

    assert journal.summary()[["status", "rows"]].values.tolist() == [["ok", 5], ["unknown", 1]]
    assert journal.to_frame()["run"].tolist() == [1] * 4 + [2] * 3
    assert statuses(journal.result(orders(7))) == ["ok"] * 5 + ["unknown", "not_sent"]
    assert not journal.last_run().running
    assert path.read_bytes() == content


def test_a_run_carries_a_journal_of_format_1_over(api, path) -> None:
    """Nothing that was sent is sent again."""
    old_journal(path, api.url)

    result = run(orders(8), api, journal=path)

    assert statuses(result) == ["ok"] * 5 + ["unknown"] + ["ok"] * 2
    assert result["objects.order.status"].fillna("").tolist()[1:3] == ["", "Hold"]
    assert len(api.arrivals) == 2
    with open_for_run(path, api.url) as journal:
        uids = Journal(path).to_frame()["sending"]
        assert len(uids) == 9
        known = journal.find(b"", b"", b"")
        assert len(known.keys) == 0


def test_the_runs_of_format_1_have_ended_or_were_killed(path) -> None:
    """The first one gave each of its rows a status."""
    old_journal(path, "https://api.flxpoint.com")
    with open_for_run(path):
        pass

    with contextlib.closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT complete, ended_at IS NULL FROM runs").fetchall()
        tags = connection.execute("SELECT DISTINCT token_tag FROM sendings").fetchall()
    assert rows == [(1, 0), (None, 1)]
    assert tags == [(-1,)]


def test_a_damaged_journal_of_format_1_is_not_carried_over(path) -> None:
    """It is left as it is."""
    old_journal(path, "https://api.flxpoint.com")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE attempts SET request = '{' WHERE id = 3")
        connection.commit()
    content = path.read_bytes()

    with pytest.raises(JournalError, match=r"backfill\.db is damaged"):
        open_for_run(path)

    assert path.read_bytes() == content
    assert sorted(os.listdir(path.parent)) == [path.name, f"{path.name}-lock"]


def _convert(path: Path) -> None:
    with open_for_run(path):
        pass


def test_a_kill_during_the_conversion_leaves_one_whole_file(path) -> None:
    """It is of either format."""
    old_journal(path, "https://api.flxpoint.com", rows=300)
    content, chance = path.read_bytes(), random.Random(3)
    context = multiprocessing.get_context("fork")
    for _ in range(6):
        path.write_bytes(content)
        process = context.Process(target=_convert, args=(path,))
        process.start()
        time.sleep(chance.random() * 0.05)
        process.kill()
        process.join()
        assert Journal(path).summary()["rows"].tolist() == [299, 1]

    with open_for_run(path):
        pass
    names = {path.name, f"{path.name}-lock"}
    assert set(os.listdir(path.parent)) - names == set()
