"""Print on standard output and standard error, which might be closed, full or gone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from flxframe.text import one_line


def say(text: str, *, err: bool = False) -> None:
    """Print a text; if the stream can't be written, the command continues without it."""
    stream = sys.stderr if err else sys.stdout
    if stream is None:
        return
    try:
        click.echo(text, file=getattr(stream, "unguarded", stream))
    except (OSError, ValueError):  # its reader has ended, the disk is full, or it is closed
        _discard(err)


def complain(message: object) -> None:
    """Print a message on the error stream, as one line."""
    say(f"flxframe: {one_line(message)}", err=True)


class _Guard:
    """A standard stream that discards what can't be written, instead of raising."""

    def __init__(self, stream: Any, *, err: bool) -> None:
        self.unguarded = stream
        self.has_lost = False
        self._err = err

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unguarded, name)

    def write(self, text: str) -> int:
        try:
            self.unguarded.write(text)
        except (OSError, ValueError) as error:
            self._discard(error)
        return len(text)

    def flush(self) -> None:
        try:
            self.unguarded.flush()
        except (OSError, ValueError) as error:
            self._discard(error)

    def _discard(self, error: Exception) -> None:
        _discard(self._err)
        # Nobody misses what a reader that has ended, or nobody, would have read.
        is_unread = isinstance(error, BrokenPipeError)
        if isinstance(error, OSError) and not is_unread and not self._err:
            self.has_lost = True
            complain(f"standard output can't be written ({error.strerror}): free some space")


@contextmanager
def guarded_streams() -> Iterator[_Guard | None]:
    """Guard the standard streams; yield that of standard output, None if it is closed.

    Characters that a stream can't encode are written as escapes.
    """
    streams = sys.stdout, sys.stderr
    guards: list[Any] = []
    for stream in streams:
        with suppress(AttributeError, OSError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        guard = None if stream is None else _Guard(stream, err=stream is streams[1])
        guards.append(guard)

    sys.stdout, sys.stderr = guards
    try:
        yield guards[0]
    finally:
        sys.stdout, sys.stderr = streams


def drain() -> None:
    """Discard what the streams can't write, since the exit status would report it as 120."""
    for err in (False, True):
        stream = sys.stderr if err else sys.stdout
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            _discard(err)


def _discard(err: bool) -> None:
    """Send a stream of this process, which cannot be written, to nowhere."""
    stream = sys.stderr if err else sys.stdout
    try:
        number = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)
    except (OSError, ValueError):
        pass
