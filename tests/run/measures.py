"""Measures of the arrivals of a simulation."""

from __future__ import annotations

from statistics import mean

from tests.run.simulation import Arrival


def usage(arrivals: list[Arrival]) -> float:
    """Return the share of the limit that was used, between the first arrival and the last."""
    served = sum(arrival.accepted for arrival in arrivals[:-1])
    seconds = arrivals[-1].at - arrivals[0].at
    return served / (2 * seconds)


def refusal_rate(arrivals: list[Arrival]) -> float:
    """Return the share of 429s."""
    return mean(not arrival.accepted for arrival in arrivals)


def between(arrivals: list[Arrival], start: float, end: float) -> list[Arrival]:
    """Return the arrivals in the seconds from `start` to `end`."""
    return [arrival for arrival in arrivals if start <= arrival.at < end]


def max_refusals_of_one_row(arrivals: list[Arrival]) -> int:
    """Return the largest number of consecutive 429s of a row."""
    refusals: dict[tuple[int, int], int] = {}
    for arrival in arrivals:
        key = (arrival.client, arrival.row)
        refusals[key] = refusals.get(key, 0) + (not arrival.accepted)
    return max(refusals.values())


def smaller_share(arrivals: list[Arrival]) -> float:
    """Return the share of the served requests that belong to the slower of two clients."""
    first = mean(arrival.client == 0 for arrival in arrivals if arrival.accepted)
    return min(first, 1 - first)
