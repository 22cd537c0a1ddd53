"""Where a run's journal is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import platformdirs

from flxframe.exceptions import JournalError
from flxframe.options.checks import check_file
from flxframe.request.base_url import is_loopback

JOURNAL_VARIABLE = "FLXFRAME_JOURNAL"

_OFF = "off"
_FILE = "journal.db"


@dataclass(frozen=True, slots=True)
class Location:
    """The journal of a run.

    Parameters
    ----------
    path : Path, optional
        The journal's file; None if nothing is recorded.
    named : bool
        Whether the caller named it, so that rows sent before are recalled without a question.
    """

    path: Path | None
    named: bool


def choose_journal(
    journal: str | os.PathLike[str] | Literal[False] | None, base_url: str
) -> Location:
    """Return the journal of a run.

    Parameters
    ----------
    journal : path, False or None
        The argument of the run; None for the default.
    base_url : str
        Where its requests go. Requests to this computer are recorded only in a journal that is
        named, by the argument or by FLXFRAME_JOURNAL.

    Raises
    ------
    JournalError
        If the path is a folder.
    """
    if journal is False:
        return Location(None, named=False)
    if journal is not None:
        return Location(journal_path(journal), named=True)

    is_local = is_loopback(urlsplit(base_url).hostname or "")
    if is_local and not os.environ.get(JOURNAL_VARIABLE):
        return Location(None, named=False)
    return Location(default_journal(), named=False)


def default_journal() -> Path | None:
    """Return the journal of FLXFRAME_JOURNAL, otherwise the user's; None if it is ``off``."""
    setting = os.environ.get(JOURNAL_VARIABLE, "").strip()
    if setting.lower() == _OFF:
        return None
    if setting:
        return journal_path(setting)
    return platformdirs.user_state_path("flxframe") / _FILE


def is_default(path: Path) -> bool:
    """Return whether a path is that of the user's own journal, which nobody named."""
    return path == platformdirs.user_state_path("flxframe") / _FILE


def journal_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of a journal's file.

    Raises
    ------
    SettingError
        If it is not a file path.
    JournalError
        If it is a folder.
    """
    check_file("journal", path)
    path = Path(path)
    try:
        is_folder = path.is_dir()
    except OSError:  # such as a name of 300 letters; opening it says why
        is_folder = False
    if is_folder:
        raise JournalError(
            f"the journal {path} is a folder: choose a file in it, such as {path / 'backfill.db'}"
        )
    return path
