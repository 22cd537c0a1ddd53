"""Mark the changes in a result, for a notebook."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from flxframe.exceptions import FlxframeError
from flxframe.frames import Frame, as_frame
from flxframe.result.compare import changes
from flxframe.text import cut

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

_MAX_TEXT_LENGTH = 60
_MAX_ROWS_SHOWN = 200  # a browser cannot render ten thousand rows of forty columns

_CHANGED_STYLE = "background-color: #fff3bf; color: #1a1a1a"
_FAILED_STYLE = "background-color: #f9dcd9; color: #1a1a1a"


def highlight(before: Frame, after: Frame) -> Styler:
    """Mark the cells of a result that the workflows changed, and tint the rows that are not ok.

    Parameters
    ----------
    before, after : DataFrame
        The table and its result.

    Returns
    -------
    Styler
        The table, to display in a notebook. Values are escaped, and long ones are cut. For a long
        table, it shows the first marked rows, or the first rows if no row is marked.

    Raises
    ------
    TableError
        If the tables have different numbers of rows.
    FlxframeError
        If jinja2 is not installed.

    Examples
    --------
    >>> before = pd.DataFrame({"objects.order.status": ["Open"]})
    >>> "Hold" in highlight(before, before.assign(**{"objects.order.status": "Hold"})).to_html()
    True
    """
    after = as_frame(after, "highlight()")
    styles = _styles(changes(before, after), after)
    positions = _positions_to_show(styles)

    # A Styler requires unique labels, so it gets positions and displays the table's own labels.
    extract = after.iloc[positions].reset_index(drop=True).rename_axis(columns=None)
    marks = pd.DataFrame(styles[positions], index=extract.index, columns=extract.columns)
    labels: dict[Any, str] = {}
    for position, label in enumerate(after.index[positions]):
        labels[position] = _to_html(str(label))

    try:
        styler = extract.style
    except (AttributeError, ImportError):
        raise FlxframeError(
            "highlight() requires jinja2: pip install 'flxframe[notebook]'"
        ) from None

    if len(extract) < len(after):
        styler.set_caption(f"{len(extract)} of {len(after):,} rows, marked rows first")
    styler.apply(lambda _: marks, axis=None)
    styler.format(_to_html)
    styler.format_index(lambda label: labels[label], axis=0)
    styler.format_index(_to_html, axis=1)
    return styler


def _styles(fields: pd.DataFrame, after: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return the style of each cell of a result."""
    styles = np.full(after.shape, "", dtype=object)
    if "run.status" in after.columns:
        failed = (after["run.status"] != "ok").to_numpy()
        styles[failed] = _FAILED_STYLE

    numbers = {str(name): number for number, name in enumerate(after.columns)}
    columns = np.array([numbers.get(name, -1) for name in fields["column"]], dtype="int64")
    in_result = columns >= 0  # a column that only `before` has cannot be marked
    rows = fields["row"].to_numpy()
    styles[rows[in_result], columns[in_result]] = _CHANGED_STYLE
    return styles


def _positions_to_show(styles: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the positions of all rows; for a long table, those of the first marked rows."""
    positions = np.arange(len(styles))
    if len(positions) <= _MAX_ROWS_SHOWN:
        return positions

    marked = np.flatnonzero((styles != "").any(axis=1))
    if len(marked):
        positions = marked
    return positions[:_MAX_ROWS_SHOWN]


def _to_html(value: object) -> str:
    return html.escape(cut(value, _MAX_TEXT_LENGTH))
