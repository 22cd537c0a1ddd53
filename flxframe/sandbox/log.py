"""The sandbox's log: the requests that arrived, and their outcome."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flxframe.sandbox.contract import to_json


@dataclass(frozen=True)
class Arrival:
    """One request that arrived, and its outcome.

    Parameters
    ----------
    at : float
        The time of its arrival, by the sandbox's clock.
    token : str, optional
        Its token; None if the sandbox does not accept it (an unknown token is not kept, since it
        might be a real one).
    status : int, optional
        The status of the answer; None if nothing was answered.
    body : object
        Its body, read as JSON; None if it is not JSON.
    ran : bool
        Whether a workflow was run.
    fault : str, optional
        The fault of the request, if any.
    """

    at: float
    token: str | None
    status: int | None
    body: Any = None
    ran: bool = False
    fault: str | None = None


class ArrivalLog:
    """All arrivals so far; thread-safe.

    Parameters
    ----------
    path : path, optional
        A file to which each arrival is also appended as a line of JSON, for other processes.
    """

    def __init__(self, path: str | Path | None) -> None:
        self._path = None if path is None else Path(path)
        self._lock = threading.Lock()
        self._arrivals: list[Arrival] = []

    def add(self, arrival: Arrival) -> None:
        """Add an arrival, and write it to the file before returning."""
        with self._lock:
            self._arrivals.append(arrival)

            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(to_json(vars(arrival)) + "\n")

    def arrivals(self) -> list[Arrival]:
        """Return the arrivals sorted by time, which can differ from the order of `add`."""
        with self._lock:
            return sorted(self._arrivals, key=lambda arrival: arrival.at)
