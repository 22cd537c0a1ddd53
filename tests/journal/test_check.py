"""A preview refuses the journals that a run refuses."""

import os

import pytest

from flxframe import JournalError, preview
from tests.conftest import orders, run


@pytest.mark.parametrize(
    "name", ["text.db", "folder", "missing/j.db", "empty.db", "cut.db", "pipe", "n" * 300]
)
def test_an_unusable_journal_is_refused_in_the_words_of_a_run(api, path, name) -> None:
    """The check creates no file."""
    run(orders(200), api, journal=path)
    (path.parent / "folder").mkdir()
    (path.parent / "text.db").write_text("not a journal")
    (path.parent / "cut.db").write_bytes(path.read_bytes()[:8192])
    (path.parent / "empty.db").touch()
    os.mkfifo(path.parent / "pipe")
    files = sorted(path.parent.iterdir())

    unusable = path.parent / name
    with pytest.raises(JournalError) as previewed:
        preview(orders(1), base_url=api.url, journal=unusable)
    assert sorted(path.parent.iterdir()) == files

    with pytest.raises(JournalError) as ran:
        run(orders(1), api, journal=unusable)
    assert str(previewed.value) == str(ran.value)


def test_a_new_and_a_finished_journal_are_accepted(api, path) -> None:
    """A run would create the first one."""
    run(orders(1), api, journal=path)
    for journal in (path.with_name("new.db"), path):
        assert len(preview(orders(1), base_url=api.url, journal=journal).rows) == 1
    assert not path.with_name("new.db").exists()
