"""Open the journal of a run."""

from __future__ import annotations

from flxframe.exceptions import JournalError
from flxframe.journal.location import make_default_folder
from flxframe.journal.lookup import Lookup
from flxframe.journal.writer import JournalWriter


def open_journal(lookup: Lookup) -> JournalWriter | None:
    """Open the journal of a run, if it has one.

    Parameters
    ----------
    lookup : Lookup
        Where the rows go, and where the journal is.

    Raises
    ------
    JournalError
        If that fails; the message of one that the caller did not name says how to do without it.
    """
    path = lookup.location.path
    if path is None:
        return None

    try:
        make_default_folder(path)
        names = lookup.tokens.all_names()
        return JournalWriter(path, place=lookup.scope.place, token_names=names)
    except JournalError as error:
        if lookup.location.named:
            raise
        raise JournalError(
            f"{error}. Or pass journal=False (--no-journal at the shell): then nothing is recorded"
        ) from None
