"""When a run stops, and what to tell the user then."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike

from flxframe.request.tokens import Tokens
from flxframe.result.build import ResultBuilder
from flxframe.run.lane import Stop


def gravest_stop(stops: Mapping[int, Stop]) -> Stop:
    """Return the stop that a user must hear of first: their own interrupt, then a refused token."""
    return min(
        stops.values(), key=lambda stop: (stop.reason != "interrupted", stop.reason != "token")
    )


def how_to_resume(
    stops: Mapping[int, Stop],
    tokens: Tokens,
    results: ResultBuilder,
    journal: str | PathLike[str] | None,
) -> str:
    """Return the warning of a run that stopped early: why, what is left, and how to send it."""
    counts = results.counts
    why = stops[min(stops)].text
    if len(stops) < len(tokens.tokens) or len(set(stops.values())) > 1:
        why = "; ".join(f"{tokens.label(number)}: {stop.text}" for number, stop in stops.items())
    unsure = counts["unknown"]
    unknown = (
        f" Look into the {f'{unsure:,} unknown ones' if unsure > 1 else 'unknown one'} first."
        if unsure
        else ""
    )
    left, said, which = counts["not_sent"], "not sent", ' == "not_sent"'
    if any(
        stop.reason == "token" for stop in stops.values()
    ):  # what it rejected is to go out with a better one
        left += counts["rejected"]
        said, which = "not sent or rejected", '.isin(["not_sent", "rejected"])'
    if not left:
        return f"the run stopped early: {why}. No row is left to send.{unknown}"
    rows, those = ("1 row was", "it") if left == 1 else (f"{left:,} rows were", "those")
    again = f'run result[result["run.status"]{which}]'
    if journal is not None:
        again = f"run the same again with the journal {journal}"
    return f"the run stopped early: {why}. {rows} {said}; to send just {those}, {again}.{unknown}"
