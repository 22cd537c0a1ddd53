"""The signals that stop a run: caught as flags while it sends, and restored last."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

from flxframe.run.lane import Stop

interrupted_elsewhere: ContextVar[Callable[[], bool]] = ContextVar(
    "interrupted_elsewhere", default=lambda: False
)
"""Returns whether the user interrupted the run in another process, such as a cluster's client."""

KEYBOARD = ("SIGINT",)
SHELL = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""The signals that stop a command. Windows sends SIGBREAK for Ctrl-Break and a closed console."""

GRACE = 8.0
"""Seconds to wait for answers after a signal other than Ctrl-C, whose sender often kills after
10."""

SECOND = 2.0
"""Seconds after which a second Ctrl-C counts; before that, the key is being held down."""

_QUIET = 0.15
_MAX_QUIET = 2.0
"""Seconds. A key that is held down repeats about every 0.03 s."""


class Interrupts:
    """The signals that stop a run, as flags. A context manager, the outermost one of a run.

    Only `catch` installs handlers, and only in the main thread: before it, an interrupt raises as
    usual. A signal that the process ignores, as under nohup, stays ignored.

    Parameters
    ----------
    names : sequence of str
        The names of the signals.
    clock, sleep : callable
        The time in seconds, and how to let it pass.
    """

    def __init__(
        self,
        names: Sequence[str] = KEYBOARD,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.signal: int | None = None
        self._names = names
        self._clock = clock
        self._sleep = sleep
        self._elsewhere = interrupted_elsewhere.get()
        self._handlers: dict[int, Any] = {}
        self._first = self._last = -math.inf
        self._deadline = math.inf

    def __enter__(self) -> Interrupts:
        return self

    def __exit__(self, *_: object) -> None:
        self._wait_for_release()
        # Ctrl-C is the first one, and the last to be restored.
        for number, handler in reversed(self._handlers.items()):
            signal.signal(number, handler)

    @property
    def stop(self) -> Stop | None:
        """The reason to send nothing more, or None."""
        if self.signal not in (None, signal.SIGINT):
            return Stop("interrupted", f"interrupted by {signal.Signals(self.signal).name}")
        if self.signal is not None or self._elsewhere():
            return Stop("interrupted", "interrupted")
        return None

    @property
    def seconds_left(self) -> float:
        """The time to wait for answers; infinite until a signal limits it."""
        return self._deadline - self._clock()

    def catch(self) -> None:
        """Catch the signals from now on, since a request is about to leave."""
        if threading.current_thread() is not threading.main_thread():
            return

        for name in self._names:
            number = getattr(signal, name, None)
            # The handler is None if another language installed it, so it can't be restored.
            if number is None or signal.getsignal(number) in (signal.SIG_IGN, None):
                continue
            self._handlers[number] = signal.getsignal(number)
            signal.signal(number, self._receive)

    def ignore(self) -> None:
        """Ignore the signals at the end instead of restoring them: the process is about to end."""
        self._handlers = dict.fromkeys(self._handlers, signal.SIG_IGN)
        self._last = -math.inf

    def _receive(self, number: int, _frame: object) -> None:
        # It only sets flags: anything else might have been interrupted halfway by this signal.
        now = self._clock()
        if self.signal is None:
            self.signal = number
            self._first = now

        if number != signal.SIGINT:
            self._deadline = min(self._deadline, now + GRACE)
        elif now - self._first >= SECOND:
            self._deadline = now
        self._last = now

    def _wait_for_release(self) -> None:
        """Wait until Ctrl-C is released: its next repetition would raise in the caller."""
        limit = self._clock() + _MAX_QUIET
        while self._clock() < min(self._last + _QUIET, limit):
            self._sleep(_QUIET / 10)
