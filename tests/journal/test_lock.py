"""The journal's lock: one run at a time."""

import subprocess
import sys

import pytest

from flxframe import Journal, JournalLockedError
from flxframe.journal.lock import is_locked
from tests.journal.conftest import open_for_run

_HOLD_LOCK = """
import sys
from flxframe.journal.writer import JournalWriter

with JournalWriter(sys.argv[1], base_url="http://127.0.0.1:1"):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_at_the_same_time_is_refused(path) -> None:
    """The file can still be read, and can be used again afterwards."""
    with open_for_run(path):
        with pytest.raises(JournalLockedError, match="another run"):
            open_for_run(path)
        assert len(Journal(path).to_frame()) == 0

    with open_for_run(path):
        pass


def test_a_journal_is_locked_while_a_run_uses_it(path) -> None:
    """Checking the lock does not take it."""
    with open_for_run(path):
        assert is_locked(path)
        assert is_locked(path)

    assert not is_locked(path)


def test_a_kill_releases_the_lock(path) -> None:
    """The system does that, so there is nothing to clean up."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD_LOCK, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"open\n"
        assert is_locked(path)
        process.kill()

    assert not is_locked(path)
    with open_for_run(path):
        pass
