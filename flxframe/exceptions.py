"""The errors: one base class, and each also derives from a matching builtin.

::

    FlxframeError
    ├── TableError (ValueError)            the table is not valid
    │   ├── PathError                      the name of a column is not a valid path
    │   └── FileError (OSError)            a file cannot be read or written
    ├── RequestError (ValueError)          a row cannot become a request
    ├── SettingError (ValueError)          an argument or setting has an invalid value
    │   └── TokenError                     there is no token, or it cannot be sent
    ├── AlreadySentError                   rows might have been sent before: the caller must say
    └── JournalError (OSError)             the journal cannot be used
        └── JournalLockedError             another run is using it

Every message says what happened, where, and what to do about it.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence

_FOLDER = __file__.removesuffix("exceptions.py")
"""The folder of the package, whose frames say nothing to its users."""


class FlxframeError(Exception):
    """The base class of all errors that flxframe raises."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows: the sentence first, then the caller's own frames."""
        lines = [f"{type(self).__name__}: {self}"]
        for frame in traceback.extract_tb(self.__traceback__):
            if not frame.filename.startswith((_FOLDER, "<frozen")):
                lines.append(f"  at {frame.filename}, line {frame.lineno}: {frame.line}")
        return lines


class TableError(FlxframeError, ValueError):
    """The table is not valid, so nothing was sent."""


class PathError(TableError):
    """The name of a column is not a valid path."""


class FileError(TableError, OSError):
    """A file cannot be read or written as a table."""


class RequestError(FlxframeError, ValueError):
    """A row cannot become a request; the message names the column and the reason."""


class SettingError(FlxframeError, ValueError):
    """An argument or setting has an invalid value."""


class TokenError(SettingError):
    """There is no token, or it cannot be sent. The message never contains it."""


class AlreadySentError(FlxframeError):
    """Rows might have been sent before, so nothing was sent; the caller must say what is meant.

    Parameters
    ----------
    question : str
        The question: how many rows, when they were sent, and where to.
    rows : list of int
        The positions of the rows in doubt.
    reason : str
        The reasons, as words: ``ended``, ``edited``, ``options``, ``copy``, ``place``, ``token``,
        ``status`` or ``silent``; several are joined by ``, ``.
    answers : dict
        What each argument would do, by the argument as it is written: ``{'resend="never"': ...}``.
    """

    def __init__(
        self,
        question: str,
        rows: Sequence[int] = (),
        reason: str = "",
        answers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(question, rows, reason, answers)
        self.question = question
        self.rows = list(rows)
        self.reason = reason
        self.answers = dict(answers or {})

    def __str__(self) -> str:
        answers = "; ".join(f"{argument} {effect}" for argument, effect in self.answers.items())
        return f"{self.question}\nNothing was sent. To answer, add an argument: {answers}."


class JournalError(FlxframeError, OSError):
    """The journal cannot be used; the file is left as it is."""


class JournalLockedError(JournalError):
    """Another run is using the journal."""


class ResultWarning(UserWarning):
    """Not all of a result is where it was expected; the message says what and where."""


class StoppedWarning(UserWarning):
    """A run stopped early; the message says why, what is left to send and how to resume."""
