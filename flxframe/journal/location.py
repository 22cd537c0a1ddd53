"""Where a run's journal is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import platformdirs

from flxframe.exceptions import JournalError
from flxframe.journal.schema import journal_path
from flxframe.request.base_url import is_loopback

JOURNAL_VARIABLE = "FLXFRAME_JOURNAL"

_OFF = "off"


@dataclass(frozen=True, slots=True)
class Location:
    """The journal of a call.

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
    """Return the journal of a call.

    ==============  ===========================================  =====
    `journal`       journal                                      named
    ==============  ===========================================  =====
    a path          that file                                    yes
    False           none                                         no
    None            FLXFRAME_JOURNAL; none if that is ``off``    no
    None            none, if that is not set and the requests    no
                    go to this computer
    None            otherwise the user's own                     no
    ==============  ===========================================  =====

    Raises
    ------
    JournalError
        If the path is a folder.
    """
    if journal is False:
        return Location(None, named=False)
    if journal is not None:
        return Location(journal_path(journal), named=True)

    is_set = bool(os.environ.get(JOURNAL_VARIABLE, "").strip())
    if is_loopback(urlsplit(base_url).hostname or "") and not is_set:
        return Location(None, named=False)
    return Location(default_journal(), named=False)


def default_journal() -> Path | None:
    """Return the journal of the environment, otherwise the one of the user; None if it is off."""
    value = os.environ.get(JOURNAL_VARIABLE, "").strip()
    if value.lower() == _OFF:
        return None
    return journal_path(value or _own_journal())


def is_default(path: Path) -> bool:
    """Return whether a journal is the user's own, whose folder flxframe creates."""
    return path == _own_journal()


def make_default_folder(path: Path) -> None:
    """Create the folder of the user's own journal, readable by its owner alone.

    Raises
    ------
    JournalError
        If it cannot be created.
    """
    if not is_default(path):
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise JournalError(
            f"the journal {path} can't be created ({error.strerror}): "
            f"set {JOURNAL_VARIABLE} to a file in another folder"
        ) from None


def _own_journal() -> Path:
    return platformdirs.user_state_path("flxframe") / "journal.db"
