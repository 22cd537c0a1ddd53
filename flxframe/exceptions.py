"""The errors: one base class, each also the builtin that it means.

::

    FlxframeError
    ├── TableError (ValueError)            the table can't be right at all
    │   ├── PathError                      a column's name is no path
    │   └── FileError (OSError)            a file can't be read or written
    ├── RequestError (ValueError)          one row can't be a request
    ├── SettingError (ValueError)          an argument that makes no sense
    │   └── TokenError                     no token, or one that can't be a token
    └── JournalError (OSError)             the journal can't be used
        └── JournalLockedError             another run is using it

Every message says what happened, where, and what to do about it.
"""

from __future__ import annotations


class FlxframeError(Exception):
    """Anything that flxframe itself raises."""


class TableError(FlxframeError, ValueError):
    """The table can't be right at all, so nothing was sent."""


class PathError(TableError):
    """A column's name is no path."""


class FileError(TableError, OSError):
    """A file can't be read or written as a table."""


class RequestError(FlxframeError, ValueError):
    """One row can't be a request; the message names the column and why."""


class SettingError(FlxframeError, ValueError):
    """An argument or setting that makes no sense."""


class TokenError(SettingError):
    """There is no token, or one that can't be sent. The message never holds it."""


class JournalError(FlxframeError, OSError):
    """The journal can't be used; the file is left as it is."""


class JournalLockedError(JournalError):
    """Another run is using the journal."""


class StoppedWarning(UserWarning):
    """A run stopped before its end; says why, what is left and how to go on."""
