"""The journal's lock: one run at a time."""

import pytest

from flxframe import (
    Journal,
    JournalLockedError,
)
from flxframe.journal.writer import JournalWriter
from tests.journal.conftest import URL


def test_a_second_run_at_once_is_refused(path) -> None:
    """With a sentence, while the first one goes on; and the file can still be read."""
    with JournalWriter(path, base_url=URL):
        with pytest.raises(JournalLockedError, match="another run"):
            JournalWriter(path, base_url=URL)
        assert len(Journal(path).to_frame()) == 0
    with JournalWriter(path, base_url=URL):
        pass
