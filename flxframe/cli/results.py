"""Write and print the result of a command, and derive its exit status."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pandas as pd

from flxframe.files.writing import write_results
from flxframe.result.listing import as_text
from flxframe.result.summary import stop_reason, summary
from flxframe.text import one_line

MAX_WIDTH = 70
"""The number of characters of a cell that a listing shows."""

_STOPPED = {"token": 3, "interrupted": 130}


def complain(message: object) -> None:
    """Print a message on the error stream, as one line."""
    click.echo(f"flxframe: {one_line(message)}", err=True)


def write_and_show(result: pd.DataFrame, output: Path, **settings: Any) -> Path:
    """Write a result, print its summary, and return the path of the file."""
    path = _write(result, output, **settings)
    click.echo(as_text(summary(result), MAX_WIDTH))
    click.echo(f"\nThe result is in {path}")
    return path


def _write(result: pd.DataFrame, output: Path, **settings: Any) -> Path:
    # The workflows have run and their answers exist only here, so any file is better than none.
    try:
        return write_results(result, output, **settings)
    except Exception as error:
        complain(f"{error}. The result was written to another file, in JSON Lines format")
        folder = Path(tempfile.mkdtemp(prefix="flxframe-"))
        return write_results(result, folder / f"{output.stem}.jsonl")


def stopped_status(result: pd.DataFrame) -> int | None:
    """Return the exit status of a run that stopped early, if its reason has one."""
    return _STOPPED.get(stop_reason(result) or "")


def exit_status(result: pd.DataFrame) -> int:
    """Return the exit status of a run: 0 if all rows are ok."""
    status = stopped_status(result)
    if status is not None:
        return status
    return 0 if (result["run.status"] == "ok").all() else 1


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore Ctrl-C, so that a repeated one does not lose the result while it is written."""
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
