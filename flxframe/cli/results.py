"""Run a table for a command, write and print its result, and derive the exit status."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from flxframe.api import perform
from flxframe.cli.streams import complain, say
from flxframe.files.writing import write_results
from flxframe.options import RunOptions
from flxframe.result.listing import as_text
from flxframe.result.summary import notes_of, stop_reason, summary
from flxframe.run.client import resolve_base_url
from flxframe.run.interrupts import SHELL, Interrupts

MAX_WIDTH = 70
"""The number of characters of a cell that a listing shows."""

NOT_OK = 1
_NOT_WRITTEN, _REFUSED = 2, 3


def run_and_write(
    data: pd.DataFrame, options: RunOptions, output: Path, **settings: Any
) -> tuple[pd.DataFrame, int]:
    """Run a table, write the result, print its summary, and return it with the exit status.

    From the first request until the summary is printed, signals only stop the run: the result is
    written before anything is printed.
    """
    with Interrupts(SHELL) as interrupts:
        result, line, warning = perform(data, options, interrupts)
        path = write(
            result,
            output,
            before=data,
            base_url=resolve_base_url(options.base_url),
            **settings,
        )

        if warning is not None:
            complain(warning)
        for note in notes_of(result):
            complain(note)
        if not options.progress:  # otherwise it is below the bar
            say(line)
        show(result, path)
        if interrupts.signal is not None:
            interrupts.ignore()

    if path != output:
        return result, _NOT_WRITTEN
    return result, exit_status(result, interrupts.signal)


def write(result: pd.DataFrame, output: Path, **settings: Any) -> Path | None:
    """Write a result, otherwise to another file, and return its path; None if no file works."""
    # The workflows have run and their answers exist only here, so any file is better than none.
    try:
        return write_results(result, output, **settings)
    except Exception as error:
        reason = error

    try:
        folder = Path(tempfile.mkdtemp(prefix="flxframe-"))
        path = write_results(result, folder / f"{output.stem}.jsonl")
    except Exception:
        complain(f"{reason}. The result was not written: `flxframe export` reads it from a journal")
        return None

    complain(f"{reason}. The result was written to another file, in JSON Lines format")
    return path


def show(result: pd.DataFrame, path: Path | None) -> None:
    """Print the summary of a result, and the path of its file."""
    say(as_text(summary(result), MAX_WIDTH))
    if path is not None:
        say(f"\nThe result is in {path}")


def exit_status(result: pd.DataFrame, number: int | None = None) -> int:
    """Return the exit status of a run: 0 if all rows are ok.

    Parameters
    ----------
    result : DataFrame
        The result.
    number : int, optional
        The signal that interrupted the run, if one did.
    """
    reason = stop_reason(result)
    if reason == "interrupted":
        return 128 + (number or signal.SIGINT)  # as a shell reports the signal
    if reason == "token":
        return _REFUSED
    return 0 if (result["run.status"] == "ok").all() else NOT_OK
