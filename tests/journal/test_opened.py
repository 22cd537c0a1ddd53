"""Opening the journal of a run."""

import pytest

from flxframe.exceptions import JournalError
from flxframe.journal.opened import open_journal
from tests.conftest import orders, run
from tests.journal.lookups import lookup_of


def test_a_journal_that_cannot_be_opened_says_how_to_do_without_it(tmp_path, monkeypatch) -> None:
    """Unless the caller named it."""
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "j.db"
    monkeypatch.setenv("FLXFRAME_JOURNAL", str(path))

    with pytest.raises(JournalError, match="journal=False"):
        open_journal(lookup_of(orders(1)))
    with pytest.raises(JournalError) as caught:
        open_journal(lookup_of(orders(1), journal=path))
    assert "journal=False" not in str(caught.value)


def test_a_run_without_a_journal_opens_none(api, tmp_path, monkeypatch) -> None:
    """And creates no file."""
    monkeypatch.setenv("FLXFRAME_JOURNAL", str(tmp_path / "j.db"))
    assert open_journal(lookup_of(orders(1), journal=False)) is None
    run(orders(1), api, journal=False)
    assert list(tmp_path.iterdir()) == []
