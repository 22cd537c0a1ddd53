"""Charts of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from flxframe.exceptions import FlxframeError, TableError
from flxframe.result.compare import changes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_CHARACTERS = 60


_MOST_LETTERS = 44  # beside a chart


_MOST_ROWS = 200  # ten thousand rows of forty columns would choke a browser


# Okabe and Ito's colours, which people with any kind of colour blindness can tell apart.
_COLOURS = {
    "ok": "#009e73",
    "rejected": "#d55e00",
    "invalid": "#cc79a7",
    "unknown": "#e69f00",
    "not_sent": "#999999",
}


_BAR = "#0072b2"


def plot_changes(
    before: pd.DataFrame, after: pd.DataFrame, *, ax: Axes | None = None, n: int = 15
) -> Axes:
    """Draw how many rows each field changed in, as a bar chart.

    Parameters
    ----------
    before, after : DataFrame
        Input and result, or a live and a ``draft=True`` result.
    ax : Axes, optional
        Where to draw; a new picture by default.
    n : int
        How many fields to show, those that changed most.

    Returns
    -------
    Axes
        The chart.

    Raises
    ------
    FlxframeError
        If matplotlib isn't installed.
    """
    counts = changes(before, after)["column"].value_counts()
    shown = counts.head(n).iloc[::-1]
    ax = ax or _new_axes(height=1.2 + 0.35 * max(len(shown), 1))
    bars = ax.barh(range(len(shown)), shown.to_numpy(), color=_BAR)
    ax.set_yticks(range(len(shown)), labels=[_literal(_short(name)) for name in shown.index])
    ax.bar_label(bars, padding=3)
    ax.set_xlabel("rows in which the field changed")
    rest = f", the {n} that changed most" if len(counts) > n else ""
    fields = "1 field" if len(counts) == 1 else f"{len(counts)} fields"
    ax.set_title(f"{fields} changed{rest}" if len(counts) else "nothing changed", loc="left")
    _plain(ax)
    if len(shown):
        ax.locator_params(axis="x", integer=True)
    else:
        ax.set_xticks([])
    ax.margins(x=0.12)
    return ax


def plot_outcomes(outcomes: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many rows of each status there are so far: row by row, or over time.

    Parameters
    ----------
    outcomes : DataFrame
        A result, drawn in the order of its rows; or ``Journal(...).to_frame()``, drawn over time, with one count for
        each request that something came of: those that are sent again anyway (``not_sent``) are left out.
    ax : Axes, optional
        Where to draw; a new picture by default.

    Returns
    -------
    Axes
        The chart.

    Raises
    ------
    TableError
        If it is neither.
    FlxframeError
        If matplotlib isn't installed.
    """
    if "run.status" in outcomes.columns:
        status, what = outcomes["run.status"].reset_index(drop=True), "row"
        places: Any = range(len(status) + 1)
    elif "answered_at" in outcomes.columns:
        came = outcomes[
            outcomes["answered_at"].notna() & (outcomes["status"] != "not_sent")
        ].sort_values("answered_at")
        status, what = came["status"].reset_index(drop=True), "request"
        begin, end = came["sent_at"].min(), came["answered_at"].max()
        # A step that ends at its own beginning isn't seen, so the last one gets a little room.
        places = [begin, *came["answered_at"], end + (end - begin) / 50]
    else:
        raise TableError(
            "plot_outcomes() wants a result of run_workflows or a Journal's to_frame(): the table has neither a column "
            "'run.status' nor 'answered_at'"
        )
    ax = ax or _new_axes(height=3.2)
    present = [name for name in _COLOURS if (status == name).any()]
    totals = [[0, *(status == name).cumsum()] for name in present]
    if what == "request":
        totals = [[*total, total[-1]] for total in totals]
    if present:
        ax.stackplot(
            places,
            *totals,
            colors=[_COLOURS[name] for name in present],
            labels=[f"{name} ({total[-1]:,})" for name, total in zip(present, totals, strict=True)],
            # Between two answers nothing comes, and a pause is to be seen as one.
            step="post" if what == "request" else None,
        )
        ax.legend(loc="upper left", frameon=False)
        ax.locator_params(axis="y", integer=True)
    else:
        ax.set(xticks=[], yticks=[])
    ax.set_xlabel("row, in the order of the table" if what == "row" else "time of the answer (UTC)")
    ax.set_ylabel(f"{what}s so far")
    ax.set_title(
        f"{len(status):,} {what}{'' if len(status) == 1 else 's'} by what became of them",
        loc="left",
    )
    _plain(ax)
    return ax


def _new_axes(*, height: float) -> Any:
    try:
        import matplotlib.pyplot as plt  # noqa: PLC0415  an extra, and slow to import
    except ImportError:
        raise FlxframeError("pictures need matplotlib: pip install 'flxframe[notebook]'") from None
    _, ax = plt.subplots(figsize=(8, height), layout="constrained")
    return ax


def _plain(ax: Axes) -> None:
    ax.spines[["top", "right"]].set_visible(False)


def _short(path: str) -> str:
    """Cut a path in its middle, since its end says most."""
    half = _MOST_LETTERS // 2
    return path if len(path) <= _MOST_LETTERS else f"{path[: half - 1]}…{path[-half:]}"


def _literal(text: str) -> str:
    return text.replace("$", r"\$")  # else matplotlib reads formulas
