"""Mark what changed in a result, for a notebook."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from flxframe.exceptions import FlxframeError
from flxframe.result.compare import changes
from flxframe.result.plots import _MOST_CHARACTERS, _MOST_ROWS
from flxframe.text import cut

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

_CHANGED = "background-color: #fff3bf; color: #1a1a1a"


_NOT_OK = "background-color: #f9dcd9; color: #1a1a1a"


def highlight(before: pd.DataFrame, after: pd.DataFrame) -> Styler:
    """Mark in a result the cells that the workflows changed, and tint the rows that aren't ok.

    Parameters
    ----------
    before, after : DataFrame
        The table and its result.

    Returns
    -------
    Styler
        To be shown at the end of a cell; every value is escaped, and long ones are cut. Of a long table it shows the
        first rows that are marked, or else the first rows.

    Raises
    ------
    TableError
        If the tables have different numbers of rows.
    FlxframeError
        If jinja2 isn't installed.

    Examples
    --------
    >>> before = pd.DataFrame({"objects.order.status": ["Open"]})
    >>> "Hold" in highlight(before, before.assign(**{"objects.order.status": "Hold"})).to_html()
    True
    """
    styles = _styles(changes(before, after), after)
    rows = np.arange(len(after))
    if len(after) > _MOST_ROWS:
        marked = np.flatnonzero((styles != "").any(axis=1))
        rows = (marked if len(marked) else rows)[:_MOST_ROWS]
    # A Styler wants labels that don't repeat; the index is shown as it is, under labels of our own.
    shown = after.iloc[rows].reset_index(drop=True).rename_axis(columns=None)
    labels = [str(label) for label in after.index[rows]]
    marks = pd.DataFrame(styles[rows], index=shown.index, columns=shown.columns)
    try:
        styler = shown.style
    except (AttributeError, ImportError):
        raise FlxframeError("highlight() needs jinja2: pip install 'flxframe[notebook]'") from None
    if len(rows) < len(after):
        styler = styler.set_caption(
            f"{len(rows)} of {len(after):,} rows, those that are marked first"
        )
    return (
        styler.apply(lambda _: marks, axis=None)
        .format(_safe)
        .format_index(lambda label: _safe(labels[shown.index.get_loc(label)]), axis=0)
        .format_index(_safe, axis=1)
    )


def _styles(found: pd.DataFrame, after: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return the style of each cell of a result."""
    styles = np.full(after.shape, "", dtype=object)
    if "run.status" in after.columns:
        styles[(after["run.status"] != "ok").to_numpy()] = _NOT_OK
    numbers = {str(name): number for number, name in enumerate(after.columns)}
    places = np.array([numbers.get(name, -1) for name in found["column"]], dtype="int64")
    here = places >= 0  # a column that `before` alone has can't be marked
    styles[found["row"].to_numpy()[here], places[here]] = _CHANGED
    return styles


def _safe(value: object) -> str:
    return html.escape(cut(value, _MOST_CHARACTERS))
