"""The progress bar: what is done, what is not ok, and how long the rest takes at the token's pace."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from types import TracebackType
from typing import Any

from flxframe.models import STATUSES
from flxframe.text import duration

_LONG = 600.0


_OFTEN, _SELDOM = 0.1, 30.0
"""Seconds. A terminal and a notebook draw the bar over itself; a file would keep each state of it, ten thousand."""


_GREEN, _RED = "green", "#b3261e"


class Progress:
    """A tqdm bar: a widget in a notebook, text in a terminal, nothing when it isn't wanted.

    Parameters
    ----------
    rows : int
        How many rows there are to send.
    seconds : float
        How long the run will take.
    counts : Counter
        How many rows there are of each status; it is read at each update.
    show : bool
        Whether to show anything.
    """

    def __init__(self, rows: int, *, seconds: float, counts: Counter[str], show: bool) -> None:
        self._bar: Any = None
        self._counts = counts
        if not show:
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a missing ipywidgets is no news: the bar is text then
            from tqdm.auto import tqdm  # noqa: PLC0415  it costs a tenth of a second that `import` needn't pay
        if not rows:  # after a click that does nothing, one wonders why
            tqdm.write(f"Nothing to send: {self._counted() or 'the table has no rows'}.")
            return
        if seconds > _LONG:
            tqdm.write(f"{rows:,} rows will take about {duration(seconds)}.")
        self._bar = tqdm(
            total=rows,
            unit="row",
            bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}, {rate_fmt}{postfix}]",
            dynamic_ncols=True,
            mininterval=_OFTEN if sys.stderr.isatty() or "ipykernel" in sys.modules else _SELDOM,
        )

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is None:
            return
        if (
            self._bar.n < self._bar.total
        ):  # a run that stopped early isn't well, though all of its answers were ok
            self._paint(_RED)
            self._bar.set_postfix_str(", ".join(filter(None, [self._counted(), "stopped"])))
        self._bar.close()

    def update(self, done: int, seconds_left: float) -> None:
        """Show that `done` more rows have their outcome, what the outcomes were, and how long the rest takes."""
        if self._bar is None:
            return
        # Without a pace nobody knows how long the rest takes.
        left = (
            f", {duration(seconds_left)} left"
            if seconds_left and self._bar.n + done < self._bar.total
            else ""
        )
        self._bar.set_postfix_str(self._counted() + left, refresh=False)
        self._paint(_GREEN if set(+self._counts) <= {"ok"} else _RED)
        self._bar.update(done)

    def _counted(self) -> str:
        return ", ".join(
            f"{self._counts[status]:,} {status}" for status in STATUSES if self._counts[status]
        )

    def _paint(self, colour: str) -> None:
        if hasattr(
            self._bar, "container"
        ):  # the widget turns green or red; a terminal's colours are left alone
            self._bar.colour = colour

    def note(self, text: str) -> None:
        """Say something above the bar."""
        if self._bar is not None:
            self._bar.write(text)
