"""Errors of SQLite and of the system, as a JournalError."""

import sqlite3

import pytest

from flxframe import (
    Journal,
    JournalError,
)
from tests.conftest import orders, run


def test_a_truncated_journal_is_said_to_be_damaged(api, path) -> None:
    """And is never overwritten."""
    run(orders(200), api, journal=path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(JournalError, match="damaged"):
        run(orders(200), api, journal=path)
    assert path.read_bytes() == whole[: len(whole) // 2]


@pytest.mark.parametrize(
    "read", [Journal.summary, lambda journal: journal.result(orders(3))], ids=["summary", "result"]
)
def test_texts_that_are_none_are_damage(api, path, read) -> None:
    """And are not shown."""
    run(orders(3), api, journal=path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE attempts SET status = cast(x'ff00fe' AS TEXT) WHERE id = 2")
    connection.close()
    with pytest.raises(
        JournalError, match=r"backfill\.db is damaged \(it holds texts that are none\): restore it"
    ):
        read(Journal(path))
