"""When a run stops, and the warning that explains how to resume it."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike

from flxframe.options import RunOptions
from flxframe.request.tokens import Tokens
from flxframe.result.build import ResultBuilder
from flxframe.run.lane import Lane, Stop
from flxframe.run.responses import Attempt
from flxframe.text import counted

PATIENCE = 300.0
"""Seconds for which a token may get only 429s."""


def find_stop(
    lane: Lane,
    position: int,
    attempt: Attempt,
    options: RunOptions,
    *,
    patient: bool,
) -> Stop | None:
    """Return why a token stops after an answer; None if it continues.

    Parameters
    ----------
    lane : Lane
        The token's rows, the answer counted.
    position : int
        The row that was answered.
    attempt : Attempt
        The answer.
    options : RunOptions
        When to stop.
    patient : bool
        False once the token got only 429s for `PATIENCE`.
    """
    error = attempt.outcome.error
    if attempt.outcome.http_status in (401, 403):
        text = f"the token was refused at row {position}: {error}"
        return Stop("token", text)

    if not patient:
        seconds = f"{PATIENCE:g} s"
        text = f"the server answered only with 429 for {seconds}"
        return Stop("trouble", text)

    if attempt.verdict == "unreached" and not lane.has_answer:
        return Stop("trouble", str(error))

    failures = lane.consecutive_failures
    limit = options.stop_after_failures
    if limit is not None and failures >= limit:
        text = f"{failures} rows in a row failed, the last with: {error}"
        return Stop("trouble", text)

    return None


def gravest_stop(stops: Mapping[int, Stop]) -> Stop:
    """Return the stop to report first: the user's own interrupt, then a refused token."""
    for reason in ("interrupted", "token"):
        for stop in stops.values():
            if stop.reason == reason:
                return stop

    return next(iter(stops.values()))


def describe_interrupt(in_flight: int) -> str:
    """Return the message that answers the user's first interrupt."""
    if not in_flight:
        return "Interrupted."

    answers = counted(in_flight, "answer")
    return f"Interrupted: waiting for {answers} (interrupt again to stop waiting)."


def how_to_resume(
    stops: Mapping[int, Stop],
    tokens: Tokens,
    results: ResultBuilder,
    journal: str | PathLike[str] | None,
) -> str:
    """Return the warning of a run that stopped early: why, what was not sent, and how to send it.

    Parameters
    ----------
    stops : Mapping
        Each stopped token's position, and why it stopped.
    tokens : Tokens
        The tokens of the run.
    results : ResultBuilder
        The outcomes of the rows.
    journal : path, optional
        The run's journal.
    """
    counts = results.counts
    unsent = counts["not_sent"]
    verb = "not sent"
    condition = ' == "not_sent"'
    # The rows that were rejected with a bad token need a better one.
    if "token" in {stop.reason for stop in stops.values()}:
        unsent += counts["rejected"]
        verb = "not sent or rejected"
        condition = '.isin(["not_sent", "rejected"])'

    if unsent:
        was, them = ("was", "it") if unsent == 1 else ("were", "just those")
        advice = f'run result[result["run.status"]{condition}]'
        if journal is not None:
            advice = f"run the same again with the journal {journal}"
        rows = counted(unsent, "row")
        pending = f"{rows} {was} {verb}; to send {them}, {advice}."
    else:
        pending = "No row is left to send."

    why = _describe(stops, tokens)
    sentences = [f"the run stopped early: {why}.", pending]
    if counts["unknown"]:
        rows = counted(counts["unknown"], "unknown row")
        sentences.append(f"Check {rows} first.")
    return " ".join(sentences)


def _describe(stops: Mapping[int, Stop], tokens: Tokens) -> str:
    """Return why the tokens stopped, with their names unless all stopped for one reason."""
    if len(stops) == len(tokens.tokens) and len(set(stops.values())) == 1:
        return stops[min(stops)].text

    texts = []
    for number, stop in stops.items():
        texts.append(f"{tokens.label(number)}: {stop.text}")
    return "; ".join(texts)
