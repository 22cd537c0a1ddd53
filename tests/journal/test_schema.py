"""The journal's file: the files that are accepted as a journal, and those that are refused."""

import sqlite3
from contextlib import closing

import pytest

from flxframe import Journal, JournalError, SettingError
from tests.journal.conftest import either_way, open_for_run


@either_way
@pytest.mark.parametrize(
    "content",
    [b"a,b\n1,2\n" * 100, b"a", b"SQLite format 3\x00" + b"\x07" * 2000],
    ids=["text", "one letter", "damaged"],
)
def test_a_file_that_is_not_a_journal_is_not_changed(path, content, use) -> None:
    """The error names the file."""
    path.write_bytes(content)

    with pytest.raises(JournalError, match=r"backfill\.db"):
        use(path)

    assert path.read_bytes() == content


def test_another_database_is_not_a_journal(path) -> None:
    """It is a valid database, but does not belong to flxframe."""
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE mine (a)")
    content = path.read_bytes()

    with pytest.raises(JournalError, match=r"backfill\.db is not a flxframe journal"):
        open_for_run(path)

    assert path.read_bytes() == content


@either_way
def test_a_newer_format_is_refused(path, use) -> None:
    """An older flxframe cannot read it."""
    with open_for_run(path):
        pass
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 99")

    with pytest.raises(JournalError, match=r"newer flxframe \(format 99\): update flxframe"):
        use(path)


@either_way
@pytest.mark.parametrize("name", ["", " ", True, b"backfill.db"])
def test_the_journal_must_be_a_file_path(use, name) -> None:
    """The error shows an example of a path."""
    with pytest.raises(SettingError, match=r"is not a file path; use one such as 'backfill\.db'"):
        use(name)


@either_way
def test_a_folder_is_not_a_journal(use, tmp_path) -> None:
    """The error suggests a file in it."""
    with pytest.raises(
        JournalError, match=r"is a folder: choose a file in it, such as .*backfill\.db"
    ):
        use(tmp_path)


def test_a_new_journal_is_empty(path) -> None:
    """It is a valid journal without requests."""
    with open_for_run(path):
        pass

    assert Journal(path).to_frame().empty
    assert Journal(path).summary().empty
