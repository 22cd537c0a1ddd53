"""Check that a run could use a journal, before the run opens it."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path

from flxframe.journal.errors import journal_errors
from flxframe.journal.location import is_default
from flxframe.journal.lock import run_file
from flxframe.journal.reader import Journal
from flxframe.journal.recorded import RecordedRows
from flxframe.journal.schema import exists


def readable_rows(path: Path | None, token_names: Sequence[str] = ()) -> RecordedRows | None:
    """Return the rows of a journal that a run would use, without opening it for a run.

    None if it does not exist yet, or if there is no journal.

    Raises
    ------
    JournalError
        If the file is not a journal, was written by a newer flxframe or is damaged, or if it can't
        be written.
    """
    if path is None:
        return None

    with journal_errors(path):
        is_new = not exists(path)
        if is_new and is_default(path):  # the first run creates its folder
            return None

        exists(run_file(path, 10**9))  # the longest name next to it
        if is_new:
            path.parent.stat()
        if not os.access(path.parent if is_new else path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    if is_new:
        return None
    Journal(path)
    return RecordedRows(path, token_names)
