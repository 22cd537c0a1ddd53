"""When a run stops, and what to tell the user then."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike

from flxframe.exceptions import SettingError
from flxframe.result.build import ResultBuilder
from flxframe.run.lane import Stop
from flxframe.run.tokens import Tokens


def gravest_stop(stops: Mapping[int, Stop]) -> Stop:
    """Return the stop that a user must hear of first: their own interrupt, then a refused token."""
    return min(
        stops.values(), key=lambda stop: (stop.reason != "interrupted", stop.reason != "token")
    )


def _limits(
    max_in_flight: int,
    retry_unknown: bool,
    stop_after_failures: int | None,
    max_minutes: float | None,
) -> Limits:
    for name, value in (
        ("max_in_flight", max_in_flight),
        ("stop_after_failures", stop_after_failures),
    ):
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, int) or value < 1
        ):
            raise SettingError(f"{name}={value!r} must be a whole number of at least 1")
    number = isinstance(max_minutes, (int, float)) and not isinstance(max_minutes, bool)
    if max_minutes is not None and not (number and max_minutes > 0 and math.isfinite(max_minutes)):
        raise SettingError(f"max_minutes={max_minutes!r} must be a number of minutes above 0")
    return Limits(
        max_in_flight,
        retry_unknown,
        stop_after_failures,
        None if max_minutes is None else max_minutes * 60,
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
        why = "; ".join(f"{tokens.names[number]}: {stop.text}" for number, stop in stops.items())
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


@dataclass(frozen=True, slots=True)
class Limits:
    """When to retry and when to stop.

    Parameters
    ----------
    max_in_flight : int
        How many requests may wait for their answers at once.
    retry_unknown : bool
        Whether a request that may have run is sent again.
    stop_after_failures : int, optional
        How many rows in a row may fail for the server's or the network's fault.
    max_seconds : float, optional
        How long rows are started for.
    patience : float
        Seconds for which a token may get nothing but 429s.
    """

    max_in_flight: int = 16
    retry_unknown: bool = False
    stop_after_failures: int | None = 20
    max_seconds: float | None = None
    patience: float = 300.0
