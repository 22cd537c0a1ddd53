"""The commands of `flxframe journal`: what a journal has, and what to forget or settle in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from flxframe.cli.streams import say
from flxframe.exceptions import JournalError
from flxframe.journal.location import default_journal
from flxframe.journal.reader import Journal
from flxframe.result.listing import as_text
from flxframe.text import counted

Command = TypeVar("Command", bound=Callable[..., Any])

MAX_WIDTH = 70


def journal_option(command: Command) -> Command:
    """Add the option for a journal, by default that of the user."""
    return click.option(
        "--journal",
        type=click.Path(path_type=Path),
        help="The journal; by default that of the user.",
    )(command)


def opened(journal: Path | None) -> Journal:
    """Return the journal of an option, otherwise that of the user.

    Raises
    ------
    JournalError
        If it does not exist or cannot be read, or if FLXFRAME_JOURNAL is ``off``.
    """
    path = default_journal() if journal is None else journal
    if path is None:
        raise JournalError(
            "FLXFRAME_JOURNAL is off, so there is no journal: name one with --journal"
        )
    return Journal(path)


@click.group("journal")
def journal_group() -> None:
    """Look at a journal, forget old bodies, or settle rows that are unknown."""


@journal_group.command()
@journal_option
def summary(journal: Path | None) -> None:
    """Count the recorded rows by status."""
    reader = opened(journal)
    counts = reader.summary()
    say(f"Journal {reader.path}")
    say(as_text(counts, MAX_WIDTH) if len(counts) else "No rows recorded yet.")


@journal_group.command()
@journal_option
@click.option(
    "--before",
    type=click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    required=True,
    help="The time before which bodies and answers are forgotten, such as 2026-09-01.",
)
def prune(journal: Path | None, before: dt.datetime) -> None:
    """Forget the bodies and answers of rows sent before a time, but not that they were sent."""
    pruned = opened(journal).prune(before=before)
    say(f"The bodies and answers of {counted(pruned, 'row')} were forgotten.")


@journal_group.command()
@journal_option
@click.argument("sending", type=int, nargs=-1, required=True)
@click.option(
    "--status",
    type=click.Choice(["ok", "not_sent"]),
    required=True,
    help="ok if the workflow ran, not_sent if it did not.",
)
def resolve(journal: Path | None, sending: tuple[int, ...], status: str) -> None:
    """Settle rows that are unknown, after you have checked them.

    SENDING is the number of a row, as Journal.to_frame() lists it.
    """
    settled = opened(journal).resolve(list(sending), status)
    say(f"{counted(settled, 'row')} settled as {status}.")
