"""Locks on files next to a journal: many runs at once, each with a lock of its own."""

import os
import signal
import subprocess
import sys

from flxframe import Journal
from flxframe.journal.lock import is_run_live, live_runs, run_file
from tests.journal.conftest import URL, open_for_run

_HOLD_LOCK = f"""
import os, sys, time
from flxframe.journal.writer import JournalWriter

with JournalWriter(sys.argv[1], place="{URL}") as journal:
    journal.start(1, 1.0)
    child = os.fork() if sys.argv[2:] else 1
    if child == 0:
        os.write(1, b"child\\n")
        time.sleep(60)
    else:
        os.write(1, b"%d\\n" % child)
        sys.stdin.read()
"""


def test_many_runs_can_use_a_journal_at_once(path) -> None:
    """Each has a lock file while it is live."""
    with open_for_run(path) as first, open_for_run(path) as second:
        first.start(1, 1.0)
        second.start(1, 1.0)
        assert sorted(live_runs(path)) == [1, 2]
        assert len(Journal(path).to_frame()) == 0

    assert live_runs(path) == []
    assert not run_file(path, 1).exists()


def test_a_kill_releases_the_lock(path) -> None:
    """The next run removes the file that is left."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD_LOCK, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        assert is_run_live(path, 1)
        process.kill()

    assert not is_run_live(path, 1)
    assert run_file(path, 1).exists()
    with open_for_run(path) as journal:
        journal.start(1, 1.0)
        assert not run_file(path, 1).exists()


def test_a_forked_child_does_not_keep_a_dead_run_alive(path) -> None:
    """The child lives on when its parent is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD_LOCK, path, "fork"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        lines = {process.stdout.readline().strip(), process.stdout.readline().strip()}
        child = int((lines - {b"child"}).pop())
        assert is_run_live(path, 1)
        process.kill()
        process.wait()
        try:
            os.kill(child, 0)
            assert not is_run_live(path, 1)
        finally:
            os.kill(child, signal.SIGKILL)
