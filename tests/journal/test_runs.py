"""The records of a journal's runs."""

import contextlib
import sqlite3
from collections.abc import Iterator

import pytest

from flxframe.journal import runs
from flxframe.journal.checksums import checksum
from flxframe.journal.hosts import this_host
from flxframe.journal.opening import connect, new_file
from flxframe.journal.schema import RUN_FIELDS


@pytest.fixture
def connection(path) -> Iterator[sqlite3.Connection]:
    """An empty journal."""
    with new_file(path):
        pass
    with contextlib.closing(connect(path, write=True)) as opened:
        yield opened


def records(connection: sqlite3.Connection) -> list[dict[str, object]]:
    """Return all runs, once their checksums are right."""
    found = []
    for *values, expected in connection.execute(
        f"SELECT {', '.join(RUN_FIELDS)}, checksum FROM runs ORDER BY id"
    ):
        assert checksum(values) == expected
        found.append(dict(zip(RUN_FIELDS, values, strict=True)))
    return found


def test_a_run_is_recorded_with_its_machine(connection) -> None:
    """It has not ended, and was seen when it started."""
    run = runs.insert(connection, 100.0, 7, 3, recalled=2, later=1)
    host = this_host()

    assert run.number == 1
    assert records(connection) == [
        {
            **{"started_at": 100.0, "rows": 7, "seconds": 3.0, "host": host.name},
            **{"recalled": 2, "later": 1},
            **{"boot": host.boot, "seen_at": 100.0, "ended_at": None, "complete": None},
        }
    ]


@pytest.mark.parametrize("complete", [False, True])
def test_a_run_is_seen_and_ends(connection, complete) -> None:
    """Only this run: its number is never given again."""
    runs.insert(connection, 1.0, 1, 1.0)
    run = runs.insert(connection, 2.0, 1, 1.0)
    run.see(connection, 3.0)
    assert [record["seen_at"] for record in records(connection)] == [1.0, 3.0]

    run.end(connection, 4.0, complete=complete)
    first, second = records(connection)
    assert (first["ended_at"], first["complete"]) == (None, None)
    assert (second["seen_at"], second["ended_at"], second["complete"]) == (4.0, 4.0, complete)


def test_the_rows_of_an_earlier_run_have_been_finished(connection) -> None:
    """It is complete from now on; one that was stopped keeps the time of its end."""
    runs.insert(connection, 1.0, 1, 1.0)
    runs.insert(connection, 2.0, 1, 1.0).end(connection, 5.0, complete=False)

    runs.complete(connection, [1, 2], 9.0)

    ends = [(record["ended_at"], record["complete"]) for record in records(connection)]
    assert ends == [(9.0, 1), (5.0, 1)]
