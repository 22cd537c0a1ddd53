"""A journal is opened for writing: created, checked, or refused in one sentence."""

import contextlib
import multiprocessing
import os
import sqlite3
import stat
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from flxframe import Journal
from flxframe.exceptions import FlxframeError, JournalError
from flxframe.journal.checking import close, open_checked
from flxframe.journal.known import IN_FLIGHT
from tests.journal.conftest import either_way, open_for_run
from tests.journal.processes import OtherProcess, begin, key, record, running, start_and_begin


def _empty(path: Path) -> None:
    record(path)
    os.truncate(path, 0)


def _cut(path: Path) -> None:
    record(path)
    os.truncate(path, path.stat().st_size - 1)


def _of_another_program(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE sendings (id INTEGER)")


def _with_format(number: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        record(path)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA user_version = {number}")

    return make


def _changed(statement: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        record(path)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute(statement)
            connection.commit()

    return make


def _loop(path: Path) -> None:
    path.symlink_to(path)


BAD = {
    "empty": (_empty, "is empty, which a journal never is: restore it from a copy"),
    "cut": (_cut, r"is damaged \(its end was cut off\): restore it from a copy"),
    "a text": (lambda path: path.write_text("Order,SKU\n" * 99), "is not a flxframe journal: "),
    "of another program": (_of_another_program, "is not a flxframe journal: choose another file"),
    "newer": (_with_format(3), r"was written by a newer flxframe \(format 3\): update flxframe"),
    "format 0": (_with_format(0), r"is damaged \(format 0\): restore it"),
    "format 1": (_with_format(1), "is damaged .*: restore it"),
    "a row changed": (
        _changed("UPDATE sendings SET status = 'rejected' WHERE id = 1"),
        r"is damaged \(1 of its records were changed\): restore it",
    ),
    "a row moved": (_changed("UPDATE sendings SET run = 9 WHERE id = 1"), "is damaged .*restore"),
    "a run changed": (_changed("UPDATE runs SET complete = 1"), "is damaged .*restore"),
    "a run deleted": (_changed("DELETE FROM runs"), r"is damaged \(run 1 is missing\): restore it"),
    "without an index": (_changed("DROP INDEX by_key"), "is damaged .*restore"),
    "a fifo": (os.mkfifo, "is not a regular file: choose the path of a file"),
    "a folder": (os.mkdir, "is a folder: choose a file in it"),
    "a link to itself": (_loop, "can't be opened .*: check its folder"),
}


@either_way
@pytest.mark.parametrize("kind", BAD)
def test_what_is_not_a_whole_journal_is_refused_in_one_sentence(path, use, kind) -> None:
    """It names the file, what is wrong with it, and what to do; the file is left as it is."""
    make, message = BAD[kind]
    make(path)
    content = path.read_bytes() if path.is_file() else None

    with pytest.raises(JournalError, match=message) as caught:
        use(path)

    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert (path.read_bytes() if path.is_file() else None) == content


@either_way
@pytest.mark.parametrize(
    "name",
    ["", "\0", "a\0b.db", "x" * 300, "x" * 250, "ü" * 128, "no folder/x.db", ".", "\udce9.db"],
)
def test_an_absurd_name_is_refused_in_one_sentence(path, use, name) -> None:
    """NUL, 300 letters, bytes that are not text."""
    with pytest.raises(FlxframeError) as caught:
        use(f"{path.parent}/{name}" if name else name)
    assert "\n" not in str(caught.value)
    assert not {file.name for file in path.parent.iterdir()} - {f"{name}-lock"}


@pytest.mark.parametrize("length", [200, 235, 240, 245, 255])
def test_a_long_name_works_or_is_too_long(path, length) -> None:
    """The files next to it have longer names."""
    path = path.with_name("x" * length)
    try:
        record(path)
    except JournalError as error:
        assert "can't be opened (File name too long): check its folder" in str(error)  # noqa: PT017
        assert not path.exists()
    else:
        assert len(Journal(path).to_frame()) == 3


@pytest.mark.parametrize("name", ["a?b#c%20.db", "file:x.db", ":memory:", " ", "-", "Büro 💾.db"])
def test_a_strange_name_is_a_name(path, name) -> None:
    """SQLite reads some of them in its own way."""
    path = path.with_name(name)
    record(path)
    assert len(Journal(path).to_frame()) == 3
    assert {file.name for file in path.parent.iterdir()} == {name, f"{name}-lock"}


def _without_rights(path: Path, pipe: Connection) -> None:
    if os.geteuid() == 0:
        os.setuid(65534)
    for use in (Journal, open_for_run):
        try:
            use(path)
        except JournalError as error:
            pipe.send(str(error))


@pytest.mark.skipif(os.name == "nt", reason="the rights of a file are different there")
def test_an_unreadable_journal_is_an_error(path) -> None:
    """Another user's, for example."""
    record(path)
    path.chmod(0)
    pipe, end = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_without_rights, args=(path, end))
    process.start()
    process.join(20)

    for _ in range(2):
        assert pipe.poll()
        message = pipe.recv()
        assert "backfill.db can't be opened (Permission denied): check its folder" in message


def test_a_hard_link_is_refused_by_a_run(path) -> None:
    """Each name would have its own locks; it can still be read."""
    record(path)
    os.link(path, path.with_name("backup.db"))

    with pytest.raises(JournalError, match=r"is also at another path \(a hard link\).*: copy it"):
        open_checked(path)
    assert len(Journal(path).to_frame()) == 3


def test_a_new_journal_is_one_file_for_its_owner(path) -> None:
    """It is complete as soon as it has its name; without `create` there is none."""
    with pytest.raises(JournalError, match="there is no journal"):
        open_checked(path)
    connection = open_checked(path, create=True)
    close(connection, path)

    names = {file.name for file in path.parent.iterdir()}
    assert names == {path.name, f"{path.name}-lock"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(Journal(path).to_frame()) == 0


def test_an_old_journal_becomes_readable_by_its_owner_alone(path) -> None:
    """A copy has the rights that a new file has."""
    record(path)
    path.chmod(0o644)
    close(open_checked(path), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="the open files are not listed")
def test_a_refused_journal_is_not_kept_open(path) -> None:
    """Not even while its error is kept."""
    record(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE sendings SET status = 'rejected' WHERE id = 1")
        connection.commit()
    with pytest.raises(JournalError) as caught:
        open_checked(path)

    files = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            files.append(descriptor.readlink())
    assert path not in files
    assert "damaged" in str(caught.value)


def test_a_link_has_the_locks_of_its_target(path) -> None:
    """A row in flight in a run that uses the one is in flight in a run that uses the other."""
    record(path)
    link = path.with_name("link.db")
    link.symlink_to(path)
    for row, first, second in ((7, path, link), (8, link, path)):
        with running(first, row), open_for_run(second) as journal:
            assert journal.find(key(row), b"", b"").codes.tolist() == [IN_FLIGHT]
    assert not link.with_name("link.db-lock").exists()


def test_many_processes_create_one_journal(path) -> None:
    """None of them replaces the file of another."""
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(OtherProcess(path)) for _ in range(4)]
        for row, other in enumerate(others):
            other.call(start_and_begin, row)
        assert [other.call(begin, (row + 1) % 4) for row, other in enumerate(others)] == [
            {(row + 1) % 4: None} for row in range(4)
        ]

    assert sorted(Journal(path).to_frame()["row"]) == [0, 1, 2, 3]
