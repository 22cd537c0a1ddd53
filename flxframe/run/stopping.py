"""Explain why a run stopped, and how to resume it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flxframe.request.tokens import Tokens
from flxframe.result.build import ResultBuilder
from flxframe.run.lane import Stop
from flxframe.text import counted


def gravest_stop(stops: Mapping[int, Stop]) -> Stop:
    """Return the stop to report first: the user's own interrupt, then a refused token."""
    for reason in ("interrupted", "token"):
        for stop in stops.values():
            if stop.reason == reason:
                return stop

    return next(iter(stops.values()))


def describe_interrupt(in_flight: int) -> str:
    """Return the message for the user's first interrupt."""
    if not in_flight:
        return "Interrupted."

    answers = counted(in_flight, "answer")
    return f"Interrupted: waiting for {answers} (interrupt again to stop waiting)."


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
    # Rows that were rejected because of a bad token must be sent again too.
    if "token" in {stop.reason for stop in stops.values()}:
        unsent += counts["rejected"]
        verb = "not sent or rejected"

    if unsent:
        was, them = ("was", "it") if unsent == 1 else ("were", "them")
        advice = "run the result as the table"
        if journal is not None:
            advice = "repeat the same call"
        rows = counted(unsent, "row")
        pending = f"{rows} {was} {verb}; to send {them}, {advice}."
    else:
        pending = "No rows are left to send."

    reasons = _describe(stops, tokens)
    parts = [f"the run stopped early: {reasons}.", pending]
    if counts["unknown"]:
        rows = counted(counts["unknown"], "unknown row")
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
