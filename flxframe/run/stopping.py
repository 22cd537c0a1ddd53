"""Explain why a run stopped, and how to resume it."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from flxframe.exceptions import StoppedWarning
from flxframe.request.tokens import Tokens
from flxframe.result.build import ResultBuilder
from flxframe.run.lane import Stop
from flxframe.text import counted, duration


def gravest_stop(stops: Mapping[int, Stop]) -> Stop:
    """Return the stop to report first: the user's own interrupt, then a refused token."""
    for reason in ("interrupted", "token"):
        for stop in stops.values():
            if stop.reason == reason:
                return stop

    return next(iter(stops.values()))


def describe_interrupt(stop: Stop, in_flight: int, seconds_left: float) -> str:
    """Return the message for the first signal that interrupts a run.

    Parameters
    ----------
    stop : Stop
        The interrupt.
    in_flight : int
        The number of rows without an answer.
    seconds_left : float
        The time that the run waits for them at most; infinite after Ctrl-C.
    """
    reason = stop.text[0].upper() + stop.text[1:]
    if not in_flight:
        return f"{reason}."

    answers = counted(in_flight, "answer")
    if math.isfinite(seconds_left):
        return f"{reason}: waiting for {answers}, at most {duration(seconds_left)}."
    return f"{reason}: waiting for {answers} (interrupt again after 2 s to stop waiting)."


def warn(message: str, category: type[Warning] = StoppedWarning, *, stacklevel: int) -> None:
    """Warn of a run, such as that it stopped early. It never raises: the caller has its result.

    Where warnings are errors, or can't be displayed, the message is printed on standard error.

    Parameters
    ----------
    message : str
        The reason, and how to resume.
    category : type
        The class of the warning.
    stacklevel : int
        As for `warnings.warn`, counted from the caller.
    """
    try:
        warnings.warn(message, category, stacklevel=stacklevel + 1)
    except Exception:
        with suppress(Exception):
            print(f"{category.__name__}: {message}", file=sys.stderr)  # noqa: T201


def how_to_resume(
    stops: Mapping[int, Stop],
    tokens: Tokens,
    results: ResultBuilder,
    journal: Path | None,
) -> str:
    """Return the warning of a run that stopped early: the reason, and how to send the other rows.

    Parameters
    ----------
    stops : Mapping
        The reason why each token stopped, by the token's number.
    tokens : Tokens
        The tokens of the run.
    results : ResultBuilder
        The outcomes of the rows.
    journal : Path, optional
        The run's journal.
    """
    counts = results.counts
    unsent = counts["not_sent"]
    verb = "not sent"
    # Such as for a bad token or a wrong URL.
    if any(stop.is_rejection for stop in stops.values()):
        unsent += counts["rejected"]
        verb = "not sent or rejected"

    if unsent:
        was, them = ("was", "it") if unsent == 1 else ("were", "them")
        advice = "run the result as the table"
        if journal is not None:
            advice = "repeat the same call"
        rows = counted(unsent, results.unit)
        pending = f"{rows} {was} {verb}; to send {them}, {advice}."
    else:
        pending = f"No {results.unit}s are left to send."

    reasons = _describe(stops, tokens)
    parts = [f"the run stopped early: {reasons}.", pending]
    if counts["unknown"]:
        rows = counted(counts["unknown"], f"unknown {results.unit}")
        parts.append(f"Check {rows} first.")
    return " ".join(parts)


def _describe(stops: Mapping[int, Stop], tokens: Tokens) -> str:
    """Return why the tokens stopped, with their names unless all stopped for the same reason."""
    if len(stops) == len(tokens.tokens) and len(set(stops.values())) == 1:
        return stops[min(stops)].text

    texts = []
    for number, stop in stops.items():
        texts.append(f"{tokens.label(number)}: {stop.text}")
    return "; ".join(texts)
