"""This computer, and whether a run that a journal records still lives."""

from __future__ import annotations

import functools
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flxframe.journal.database import live_run_file
from flxframe.journal.lock import is_locked

_MAX_SILENCE = 600.0
"""Seconds after which a run of another computer that wrote nothing might be dead."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

State = Literal["complete", "interrupted", "live", "silent"]


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What a journal records of a run, in the order of its columns."""

    id: int
    host: str
    boot: str
    seen_at: float
    ended_at: float | None
    complete: int | None


def state_of(run: RunRecord, path: Path, *, now: float | None = None) -> State:
    """Return the state of a run.

    Parameters
    ----------
    run : RunRecord
        The run.
    path : Path
        The journal's file.
    now : float, optional
        The time, in seconds since the epoch.
    """
    if run.complete:
        return "complete"
    if run.ended_at is not None:
        return "interrupted"

    if run.host != host():
        now = time.time() if now is None else now
        return "live" if now - run.seen_at < _MAX_SILENCE else "silent"
    if run.boot != boot():
        return "interrupted"
    return "live" if is_locked(live_run_file(path, run.id)) else "interrupted"


@functools.cache
def host() -> str:
    """Return the name of this computer."""
    return platform.node()


@functools.cache
def boot() -> str:
    """Return what identifies the time since this computer was started; empty if nothing does."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
