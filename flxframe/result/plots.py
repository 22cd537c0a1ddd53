"""Charts of a result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from flxframe.exceptions import FlxframeError, TableError
from flxframe.frames import Frame, as_frame
from flxframe.result.compare import changes, order_ids
from flxframe.text import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MAX_LABEL_LENGTH = 44  # of a label next to a chart

# Okabe and Ito's colours, which are distinct for readers with any kind of colour blindness.
_COLOURS = {
    "ok": "#009e73",
    "rejected": "#d55e00",
    "invalid": "#cc79a7",
    "unknown": "#e69f00",
    "not_sent": "#999999",
}
_BAR_COLOUR = "#0072b2"


def plot_changes(before: Frame, after: Frame, *, ax: Axes | None = None, n: int = 15) -> Axes:
    """Draw a bar chart of the changed fields, with the number of rows in which each changed.

    Parameters
    ----------
    before, after : DataFrame
        A table and its result, or a live and a ``draft=True`` result.
    ax : Axes, optional
        The axes to draw on; a new figure by default.
    n : int
        The number of fields to show: those that changed in the most rows.

    Returns
    -------
    Axes
        The chart.

    Raises
    ------
    FlxframeError
        If matplotlib is not installed.
    """
    all_counts = changes(before, after)["column"].value_counts()
    counts = all_counts.head(n).iloc[::-1]

    ax = ax or _new_axes(height=1.2 + 0.35 * max(len(counts), 1))
    bars = ax.barh(range(len(counts)), counts.to_numpy(), color=_BAR_COLOUR)
    ax.bar_label(bars, padding=3)
    ax.set_yticks(range(len(counts)), labels=[_label(name) for name in counts.index])
    if len(counts):
        ax.locator_params(axis="x", integer=True)
    else:
        ax.set_xticks([])

    ax.set_xlabel("rows in which the field changed")
    ax.set_title(_title_of_changes(len(all_counts), n), loc="left")
    ax.margins(x=0.12)
    _remove_frame(ax)
    return ax


def plot_outcomes(outcomes: Frame, *, ax: Axes | None = None) -> Axes:
    """Draw the cumulative number of rows of each status, by row or over time.

    Parameters
    ----------
    outcomes : DataFrame
        A result, drawn in the order of its rows; or ``Journal(...).to_frame()``, drawn over time.
        Over time, requests that must be sent again (``not_sent``) are left out, so that no row is
        counted twice.
    ax : Axes, optional
        The axes to draw on; a new figure by default.

    Returns
    -------
    Axes
        The chart.

    Raises
    ------
    TableError
        If the table is neither.
    FlxframeError
        If matplotlib is not installed.
    """
    outcomes = as_frame(outcomes, "plot_outcomes()")
    if "run.status" in outcomes.columns:
        statuses = outcomes["run.status"].reset_index(drop=True)
        edges: Sequence[Any] = range(len(statuses) + 1)
        noun, axis_label = "row", "row, in the order of the table"
        step = None
    elif "answered_at" in outcomes.columns:
        requests = _answered_requests(outcomes)
        statuses = requests["status"].reset_index(drop=True)
        edges = _times(requests)
        noun, axis_label = "request", "time of the response (UTC)"
        step = "post"  # the counts stay level between responses, so that a pause is visible
    else:
        raise TableError(
            "plot_outcomes() expects a result of run_workflows or the to_frame() of a Journal: the "
            "table has neither a column 'run.status' nor a column 'answered_at'"
        )

    ax = ax or _new_axes(height=3.2)
    _draw_counts(ax, edges, statuses, step)
    ax.set_xlabel(axis_label)
    ax.set_ylabel(f"{noun}s so far")
    ax.set_title(f"{_count(outcomes, len(statuses), noun)} by outcome", loc="left")
    _remove_frame(ax)
    return ax


def _count(outcomes: pd.DataFrame, length: int, noun: str) -> str:
    """Return how many rows or requests there are; lines of orders are counted in both ways."""
    orders = order_ids(outcomes)
    if orders is None:
        return counted(length, noun)
    return f"{counted(len(set(orders)), 'order')} ({counted(length, noun)})"


def _title_of_changes(fields: int, n: int) -> str:
    if not fields:
        return "nothing changed"
    title = f"{counted(fields, 'field')} changed"
    return f"{title}, the top {n} shown" if fields > n else title


def _answered_requests(journal: pd.DataFrame) -> pd.DataFrame:
    """Return the requests with an outcome, in the order of their responses."""
    is_settled = journal["answered_at"].notna() & (journal["status"] != "not_sent")
    return journal[is_settled].sort_values("answered_at")


def _times(requests: pd.DataFrame) -> list[Any]:
    """Return the time of the first request, of each response, and of the end of the chart."""
    start = requests["sent_at"].min()
    end = requests["answered_at"].max()
    # The last step would have no width, so the chart ends a little later.
    return [start, *requests["answered_at"], end + (end - start) / 50]


def _draw_counts(
    ax: Axes, edges: Sequence[Any], statuses: pd.Series[Any], step: str | None
) -> None:
    """Draw the number of rows of each status up to each edge, stacked."""
    labels: list[str] = []
    colours: list[str] = []
    heights: list[list[int]] = []
    for name, colour in _COLOURS.items():
        counts = [0, *(statuses == name).cumsum()]
        total = counts[-1]
        if not total:
            continue

        if step is not None:
            counts.append(total)  # the last step needs an end
        labels.append(f"{name} ({total:,})")
        colours.append(colour)
        heights.append(counts)

    if not heights:
        ax.set(xticks=[], yticks=[])
        return

    ax.stackplot(edges, *heights, colors=colours, labels=labels, step=step)
    ax.legend(loc="upper left", frameon=False)
    ax.locator_params(axis="y", integer=True)


def _new_axes(*, height: float) -> Any:
    try:
        import matplotlib.pyplot as plt  # noqa: PLC0415  an optional dependency
    except ImportError:
        raise FlxframeError("charts require matplotlib: pip install 'flxframe[notebook]'") from None

    _, ax = plt.subplots(figsize=(8, height), layout="constrained")
    return ax


def _remove_frame(ax: Axes) -> None:
    ax.spines[["top", "right"]].set_visible(False)


def _label(path: str) -> str:
    """Return the label of a bar; a long path is cut in the middle, since its end says the most.

    Examples
    --------
    >>> _label("objects.order.items[0].shippingAddress.addressLine1")
    'objects.order.items[0…ngAddress.addressLine1'
    """
    if len(path) > _MAX_LABEL_LENGTH:
        half = _MAX_LABEL_LENGTH // 2
        path = f"{path[: half - 1]}…{path[-half:]}"
    return path.replace("$", r"\$")  # matplotlib reads text between dollars as a formula
