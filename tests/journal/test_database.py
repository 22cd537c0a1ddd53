"""The journal's file: what is accepted as a journal, and what is refused."""

import sqlite3

import pytest

from flxframe import (
    Journal,
    JournalError,
    SettingError,
)
from flxframe.journal.writer import JournalWriter
from tests.journal.conftest import URL


@pytest.mark.parametrize(
    "content",
    [b"a,b\n1,2\n" * 100, b"a", b"SQLite format 3\x00" + b"\x07" * 2000],
    ids=["text", "one letter", "damaged"],
)
@pytest.mark.parametrize(
    "use", [Journal, lambda path: JournalWriter(path, base_url=URL)], ids=["read", "run"]
)
def test_a_file_that_is_no_journal_is_left_as_it_is(path, content, use) -> None:
    """The sentence names it."""
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"backfill\.db"):
        use(path)
    assert path.read_bytes() == content


def test_another_database_is_no_journal(path) -> None:
    """However much SQLite likes it."""
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE mine (a)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"backfill\.db is not a flxframe journal"):
        JournalWriter(path, base_url=URL)
    assert path.read_bytes() == before


def test_a_newer_format_is_refused(path) -> None:
    """An old flxframe would not know what it says."""
    with JournalWriter(path, base_url=URL):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalError, match="update flxframe"):
        Journal(path)


@pytest.mark.parametrize("name", ["", " ", True, b"backfill.db"])
@pytest.mark.parametrize(
    "use", [Journal, lambda path: JournalWriter(path, base_url=URL)], ids=["read", "run"]
)
def test_what_names_no_file_is_no_journal(use, name) -> None:
    """The sentence shows what a name looks like."""
    with pytest.raises(SettingError, match=r"names no file: give its path, such as 'backfill\.db'"):
        use(name)


@pytest.mark.parametrize(
    "use", [Journal, lambda path: JournalWriter(path, base_url=URL)], ids=["read", "run"]
)
def test_a_folder_is_no_journal(use, tmp_path) -> None:
    """A file in it may become one."""
    with pytest.raises(
        JournalError, match=r"is a folder: name a file in it, such as .*backfill\.db"
    ):
        use(tmp_path)
