"""The progress bar: the number of rows done, their statuses, and the time left.

No trouble with the display reaches the run: the bar disappears, and the rows continue.
"""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from contextlib import suppress
from types import TracebackType
from typing import Any

from flxframe.models import STATUSES
from flxframe.text import counted, duration

_LONG_RUN = 600.0
"""Seconds."""

_LIVE_INTERVAL = 0.1
_LOG_INTERVAL = 30.0
"""Seconds. Terminals and notebooks redraw the bar in place; a file keeps every update."""

_BAR_FORMAT = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}, {rate_fmt}{postfix}]"
_GREEN, _RED = "green", "#b3261e"


class Progress:
    """A tqdm bar: a widget in a notebook, text in a terminal.

    Parameters
    ----------
    rows : int
        The number of rows to send.
    seconds : float
        The estimated duration of the run.
    counts : Counter
        The number of rows of each status, read at each update.
    show : bool
        Whether to show anything.
    unit : str
        What a row is: a row, or an order.
    """

    def __init__(
        self, rows: int, *, seconds: float, counts: Counter[str], show: bool, unit: str = "row"
    ) -> None:
        self._bar: Any = None
        self._unit = unit
        self._counts = counts
        self._show = show
        if show:
            with suppress(Exception):  # such as a terminal that was closed
                self._open(rows, seconds)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            with suppress(Exception):
                self._close()

    def update(self, rows: int, seconds_left: float) -> None:
        """Count `rows` more rows as done, and show the counts of all statuses and the time left.

        A time of 0 is not shown, since a run without a rate has no estimate.
        """
        if self._bar is None:
            return

        postfix = self._summary()
        if seconds_left and self._bar.n + rows < self._bar.total:
            postfix += f", {duration(seconds_left)} left"

        try:
            self._bar.set_postfix_str(postfix, refresh=False)
            self._paint(_GREEN if set(+self._counts) <= {"ok"} else _RED)
            self._bar.update(rows)
        except Exception:
            self._bar.disable = True

    def note(self, text: str) -> None:
        """Write a message above the bar, unless it is empty."""
        if self._show and text:
            with suppress(Exception):
                _bar_class().write(text)

    def end(self, text: str) -> None:
        """Close the bar, and write the line that ends the run where it was."""
        if not self._show:
            return
        with suppress(Exception):
            if self._bar is not None:
                self._close()
            stream = sys.stdout if "ipykernel.zmqshell" in sys.modules else sys.stderr
            _bar_class().write(text, file=stream)

    def _open(self, rows: int, seconds: float) -> None:
        if not rows:
            return

        tqdm = _bar_class()
        if seconds > _LONG_RUN:
            with suppress(Exception):  # standard output might be closed, but not standard error
                tqdm.write(f"{counted(rows, self._unit)} will take about {duration(seconds)}.")

        is_live = sys.stderr.isatty() or "ipykernel" in sys.modules
        self._bar = tqdm(
            total=rows,
            unit=self._unit,
            bar_format=_BAR_FORMAT,
            dynamic_ncols=True,
            mininterval=_LIVE_INTERVAL if is_live else _LOG_INTERVAL,
        )

    def _close(self) -> None:
        # A run that stopped early is red even if all of its answers were ok.
        if self._bar.n < self._bar.total:
            self._paint(_RED)
            parts = filter(None, [self._summary(), "stopped"])
            self._bar.set_postfix_str(", ".join(parts))
        self._bar.close()
        self._bar = None

    def _summary(self) -> str:
        counts = self._counts
        parts = [f"{counts[status]:,} {status}" for status in STATUSES if counts[status]]
        return ", ".join(parts)

    def _paint(self, colour: str) -> None:
        # Only the notebook's widget has colours; a terminal's bar stays as it is.
        if hasattr(self._bar, "container"):
            self._bar.colour = colour


def _bar_class() -> Any:
    """Return tqdm's class for this display, which never raises while it draws.

    The choice of `tqdm.auto` is the same, but it changes the filters of warnings meanwhile, and
    those are shared by all threads.
    """
    base = _tqdm()

    class Bar(base):  # type: ignore[misc, valid-type]
        """A bar that is hidden once it can't be drawn."""

        monitor_interval = 0  # a thread that would draw bars, even if no more threads can start

        def display(self, *args: Any, **keywords: Any) -> Any:
            # An error here would leave the lock of all bars locked for other threads.
            try:
                return super().display(*args, **keywords)
            except Exception:
                self.disable = True
                return None

        def close(self) -> None:
            with suppress(Exception):
                super().close()
            self.disable = True

    return Bar


def _tqdm() -> Any:
    """Return tqdm's widget in a notebook with ipywidgets, otherwise its text bar."""
    from tqdm.std import tqdm  # noqa: PLC0415  slow to import

    if "ipykernel.zmqshell" not in sys.modules:
        return tqdm

    with suppress(ImportError):
        # Without ipywidgets, tqdm would warn; a text bar is good enough.
        importlib.import_module("ipywidgets")
        from tqdm.notebook import tqdm as widget  # noqa: PLC0415

        return widget
    return tqdm
