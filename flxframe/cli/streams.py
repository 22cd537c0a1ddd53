"""Print on standard output and standard error, which might be closed, full or gone."""

from __future__ import annotations

import os
import sys

import click

from flxframe.text import one_line


def say(text: str, *, err: bool = False) -> None:
    """Print a text; if the stream can't be written, the command continues without it."""
    try:
        click.echo(text, err=err)
    except (OSError, ValueError):  # its reader has ended, the disk is full, or it is closed
        _discard(err)


def complain(message: object) -> None:
    """Print a message on the error stream, as one line."""
    say(f"flxframe: {one_line(message)}", err=True)


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
