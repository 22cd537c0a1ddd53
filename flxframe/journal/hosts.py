"""The machine that a run is on, and whether the runs of a journal are live."""

from __future__ import annotations

import functools
import hashlib
import socket
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flxframe.journal.lock import is_run_live

_SILENCE = 600.0
"""Seconds after which a run of another host that has not ended is silent."""

ENDED, LIVE, DEAD, SILENT_RUN = "ended", "live", "dead", "silent"


@dataclass(frozen=True, slots=True)
class Host:
    """A machine and its start.

    Parameters
    ----------
    name : str
        The machine's name, and a digest of its id.
    boot : str
        The id of its last start; empty where the system has none.
    """

    name: str
    boot: str


@functools.cache
def this_host() -> Host:
    """Return the machine that this process is on."""
    machine = _read("/etc/machine-id") or _read("/var/lib/dbus/machine-id")
    digest = hashlib.sha256(machine.encode()).hexdigest()[:12]
    name = socket.gethostname().encode("ascii", "replace").decode()
    return Host(f"{name}/{digest}", _read("/proc/sys/kernel/random/boot_id"))


def run_states(
    connection: sqlite3.Connection, path: Path, runs: Iterable[int], now: float
) -> dict[int, str]:
    """Return the state of runs: ended, live, dead, or silent on another host."""
    here = this_host()
    states = {}
    for run in set(runs):
        record = connection.execute(
            "SELECT host, boot, seen_at, ended_at FROM runs WHERE id = ?", (run,)
        ).fetchone()
        host, boot, seen_at, ended_at = record

        if ended_at is not None:
            states[run] = ENDED
        elif host == here.name or (boot and boot == here.boot):
            states[run] = LIVE if is_run_live(path, run) else DEAD
        else:
            states[run] = LIVE if now - seen_at < _SILENCE else SILENT_RUN
    return states


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
