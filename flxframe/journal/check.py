"""Check that a run could use a journal, and open it to look rows up."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from flxframe.journal.errors import journal_errors
from flxframe.journal.location import is_default
from flxframe.journal.reader import Journal


def readable_journal(path: Path | None) -> Journal | None:
    """Return a journal that a run would use, without opening it for a run; None if it is new.

    Raises
    ------
    JournalError
        If the file is not a journal, was written by a newer flxframe or is damaged, or if it can't
        be written.
    """
    if path is None:
        return None

    with journal_errors(path):
        if not path.exists():
            if not is_default(path):  # the first run creates its folder
                _check_folder(path.parent)
            return None
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return Journal(path)


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
