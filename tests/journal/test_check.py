"""A preview refuses the journals that a run refuses."""

import pytest

from flxframe import JournalError, preview
from tests.conftest import orders, run
from tests.journal.conftest import open_for_run

INSERT = (
    "INSERT INTO attempts (base_url, digest, nth, position, request, sent_at) "
    "VALUES ('https://elsewhere.example.com', x'00', 0, 0, '{}', 0)"
)


@pytest.mark.parametrize("name", ["text.db", "folder", "missing/j.db", "other.db", "cut.db"])
def test_an_unusable_journal_is_refused_in_the_words_of_a_run(api, path, name) -> None:
    """The check creates no file."""
    run(orders(200), api, journal=path)
    (path.parent / "folder").mkdir()
    (path.parent / "text.db").write_text("not a journal")
    (path.parent / "cut.db").write_bytes(path.read_bytes()[:8192])
    with open_for_run(path.parent / "other.db") as journal:
        journal._connection.execute(INSERT)
    files = sorted(path.parent.iterdir())

    unusable = path.parent / name
    with pytest.raises(JournalError) as previewed:
        preview(orders(1), base_url=api.url, journal=unusable)
    assert sorted(path.parent.iterdir()) == files

    with pytest.raises(JournalError) as ran:
        run(orders(1), api, journal=unusable)
    assert str(previewed.value) == str(ran.value)


def test_a_new_an_empty_and_a_finished_journal_are_accepted(api, path) -> None:
    """A run would create the first two."""
    empty = path.with_name("empty.db")
    empty.touch()
    run(orders(1), api, journal=path)
    for journal in (path.with_name("new.db"), empty, path):
        assert len(preview(orders(1), base_url=api.url, journal=journal).rows) == 1
    assert not path.with_name("new.db").exists()
