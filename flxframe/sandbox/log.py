"""The sandbox's log: what arrived, and what became of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flxframe.sandbox.contract import to_json


@dataclass(frozen=True)
class Arrival:
    """One request that arrived, and what became of it.

    Parameters
    ----------
    at : float
        When it arrived, by the sandbox's clock.
    token : str, optional
        Whose it was; None if its token is none of the sandbox's (it could be a real one, so it isn't kept).
    status : int, optional
        What was answered; None for nothing.
    body : object
        Its body, read as JSON; None where it isn't.
    ran : bool
        Whether a workflow was run.
    fault : str, optional
        The fault that it met.
    """

    at: float
    token: str | None
    status: int | None
    body: Any = None
    ran: bool = False
    fault: str | None = None


class ArrivalLog:
    """All arrivals to date; for any thread.

    Parameters
    ----------
    path : path, optional
        A file to which each is added as a line of JSON too, for other processes to read.
    """

    def __init__(self, path: str | Path | None) -> None:
        self._path = None if path is None else Path(path)
        self._lock = threading.Lock()
        self._arrivals: list[Arrival] = []

    def add(self, arrival: Arrival) -> None:
        """Add an arrival; once this returns it stands in the file."""
        with self._lock:
            self._arrivals.append(arrival)
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(to_json(vars(arrival)) + "\n")

    def arrivals(self) -> list[Arrival]:
        """Return them in the order in which they arrived, which isn't quite that in which they were decided."""
        with self._lock:
            return sorted(self._arrivals, key=lambda arrival: arrival.at)
