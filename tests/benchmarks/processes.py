"""Processes for one task each, so that a sandbox and its client do not share their time."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self, TypeVar, get_args

from flxframe.sandbox import Arrival, Sandbox, sandbox
from flxframe.sandbox.limits import Limit

T = TypeVar("T")

LIMITS = get_args(Limit)
_SPAWN = multiprocessing.get_context("spawn")


def in_fresh_process(function: Callable[..., T], *arguments: Any) -> T:
    """Call a function in a fresh process, and return its result."""
    with ProcessPoolExecutor(1, mp_context=_SPAWN) as pool:
        return pool.submit(function, *arguments).result()


def reset_peak() -> None:
    """Reset `peak_mib` to the current use."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_mib() -> float:
    """Return the peak of this process's memory, without its children; on Linux only."""
    status = Path("/proc/self/status").read_text()
    kib = status.partition("VmHWM:")[2].split()[0]
    return int(kib) / 1024


@dataclass(frozen=True)
class Setting:
    """How a server counts and answers.

    Parameters
    ----------
    limit : str, optional
        As for `sandbox`.
    jitter : float
        Standard deviation of the arrivals on the server's clock, in seconds.
    latency : float
        Seconds until an answer.
    tokens : int
        How many tokens it accepts: "token-0" and so on.
    """

    limit: Limit | None = "sliding"
    jitter: float = 0.0
    latency: float = 0.3
    tokens: int = 1


class Servers:
    """Sandboxes in another process, one for each setting. A context manager."""

    def __init__(self, settings: Sequence[Setting]) -> None:
        self._pipe, child_pipe = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(settings, child_pipe), daemon=True)
        self._process.start()
        self.urls: list[str] = self._pipe.recv()

    def arrivals(self) -> list[list[Arrival]]:
        """Return the arrivals at each, to date."""
        self._pipe.send("arrivals")
        arrivals: list[list[Arrival]] = self._pipe.recv()
        return arrivals

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()


def _serve(settings: Sequence[Setting], pipe: Connection) -> None:
    servers = [_server(number, setting).start() for number, setting in enumerate(settings)]
    pipe.send([server.url for server in servers])
    while pipe.recv():
        pipe.send([server.arrivals for server in servers])


def _server(seed: int, setting: Setting) -> Sandbox:
    chance = random.Random(seed)

    def clock() -> float:
        return time.monotonic() + chance.gauss(0, setting.jitter)

    tokens = [f"token-{number}" for number in range(setting.tokens)]
    return sandbox(tokens=tokens, limit=setting.limit, latency=setting.latency, clock=clock)
