"""Check that a run could use a journal, before the run opens it."""

from __future__ import annotations

import errno
import os

from flxframe.journal.database import journal_path
from flxframe.journal.errors import journal_errors
from flxframe.journal.reader import Journal


def check_journal(path: str | os.PathLike[str], base_url: str) -> None:
    """Raise if a run could not use a journal, without opening it for a run.

    Raises
    ------
    JournalError
        If the file is not a journal, was written by a newer flxframe, belongs to another base URL
        or is damaged, or if it can't be written.
    SettingError
        If the path is not a file path.
    """
    path = journal_path(path)
    is_new = not path.exists() or path.stat().st_size == 0
    with journal_errors(path):
        if not path.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    if not is_new:
        Journal(path).check_place(base_url)
