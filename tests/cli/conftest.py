"""What the tests of commands share: their signals, their terminal and their result."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

IN_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
"""Makes standard input the controlling terminal, for Ctrl-C and SIGHUP, and runs the command."""


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Handle SIGINT: background jobs ignore it, and child processes would inherit that."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, handler)


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The default journal: requests to the sandbox are recorded only if the environment has one."""
    path = tmp_path / "journal.db"
    monkeypatch.setenv("FLXFRAME_JOURNAL", str(path))
    return path


@pytest.fixture
def done(table: Path) -> Path:
    """The result of the test module's `table`."""
    return table.with_name("orders.done.csv")
