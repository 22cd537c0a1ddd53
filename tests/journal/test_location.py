"""Where a run's journal is."""

from pathlib import Path

import pytest

from flxframe import run_workflows
from flxframe.exceptions import JournalError
from flxframe.journal.location import (
    JOURNAL_VARIABLE,
    Location,
    choose_journal,
    default_journal,
    is_default,
    make_default_folder,
)
from tests.conftest import orders, run

REAL = "https://api.example.com"
LOOPBACK = ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:80"]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own journal, in a folder of the test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "own"))
    return tmp_path / "own" / "flxframe" / "journal.db"


@pytest.mark.parametrize("url", [REAL, *LOOPBACK])
@pytest.mark.parametrize("variable", [None, "off", "other.db"])
def test_a_path_names_the_journal_and_false_means_none(
    url, variable, tmp_path, monkeypatch
) -> None:
    """Wherever the requests go, and whatever the environment says."""
    if variable is not None:
        monkeypatch.setenv(JOURNAL_VARIABLE, variable)

    path = tmp_path / "j.db"
    assert choose_journal(path, url) == choose_journal(str(path), url) == Location(path, named=True)
    assert choose_journal(False, url) == Location(None, named=False)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_by_default_it_is_the_users_own_and_none_for_this_computer(value, own, monkeypatch) -> None:
    """A rehearsal in the sandbox leaves no trace."""
    if value is not None:
        monkeypatch.setenv(JOURNAL_VARIABLE, value)

    assert choose_journal(None, REAL) == Location(own, named=False)
    assert default_journal() == own
    assert is_default(own)
    for url in LOOPBACK:
        assert choose_journal(None, url) == Location(None, named=False)


@pytest.mark.parametrize("url", [REAL, *LOOPBACK])
def test_the_environment_sets_another_default_but_does_not_name_it(
    url, tmp_path, monkeypatch
) -> None:
    """So rows that were sent before are asked about; `off` means none."""
    monkeypatch.setenv(JOURNAL_VARIABLE, f" {tmp_path / 'j.db'} ")
    assert choose_journal(None, url) == Location(tmp_path / "j.db", named=False)
    assert not is_default(tmp_path / "j.db")

    for value in ("off", "OFF", " Off "):
        monkeypatch.setenv(JOURNAL_VARIABLE, value)
        assert choose_journal(None, url) == Location(None, named=False)
        assert default_journal() is None


def test_a_folder_is_not_a_journal(tmp_path) -> None:
    """It is refused before anything is sent."""
    with pytest.raises(JournalError, match="folder"):
        choose_journal(tmp_path, REAL)


def test_the_folder_of_the_users_own_journal_is_created_for_its_owner_alone(own) -> None:
    """Twice is not an error, and the folder of any other journal is left to the user."""
    for _ in range(2):
        make_default_folder(own)
    assert own.parent.stat().st_mode & 0o777 == 0o700

    other = own.parent.parent / "other" / "journal.db"
    make_default_folder(other)
    assert not other.parent.exists()


def test_a_folder_that_cannot_be_created_is_an_error_with_two_ways_out(own) -> None:
    """A file is where the folder should be."""
    own.parent.parent.write_text("")

    with pytest.raises(JournalError) as caught:
        run_workflows(orders(1), token="t", base_url="https://api.example.com", progress=False)
    assert str(own) in str(caught.value)
    assert "journal=False" in str(caught.value)
    assert JOURNAL_VARIABLE in str(caught.value)


def test_the_sandbox_is_recorded_only_where_the_journal_is_named(
    api, own, tmp_path, monkeypatch
) -> None:
    """In the call, or in the environment."""
    run(orders(1), api)
    assert not own.exists()
    run(orders(1), api, journal=tmp_path / "j.db")
    monkeypatch.setenv(JOURNAL_VARIABLE, str(tmp_path / "k.db"))
    run(orders(1), api)

    assert (tmp_path / "j.db").exists()
    assert (tmp_path / "k.db").exists()
    assert len(api.runs) == 3
