"""A plain result, for the case that the usual one can't be built. Pure.

After hours of answers, an error of a column's dtype or of a library must not cost the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import pandas as pd

from flxframe.result.attributes import result_attributes
from flxframe.result.whole import Field
from flxframe.text import cut


def plain_frame(
    table: pd.DataFrame,
    answers: Iterable[tuple[Any, Field]],
    run_columns: Mapping[str, Any],
    *,
    stopped: str | None,
    error: Exception,
) -> pd.DataFrame:
    """Return a result whose columns are all of Python objects; its note says why.

    Parameters
    ----------
    table : DataFrame
        The table.
    answers : iterable
        The names of columns and what was answered for them.
    run_columns : Mapping
        The ``run.*`` columns.
    stopped : str, optional
        The reason why the run stopped early.
    error : Exception
        The reason why the usual result can't be built.
    """
    columns: dict[Any, list[Any]] = {}
    lost = []
    for name in table.columns.drop([name for name in run_columns if name in table.columns]):
        try:
            columns[name] = list(table[name].array)
        except Exception:
            lost.append(name)
            columns[name] = [None] * len(table)

    for name, (_, positions, values) in answers:
        cells = columns.setdefault(name, [None] * len(table))
        for position, value in zip(positions, values, strict=True):
            cells[position] = value

    series = {name: pd.Series(cells, dtype=object) for name, cells in columns.items()}
    for name, cells in run_columns.items():
        series[name] = pd.Series(cells)
    frame = pd.DataFrame(series)
    with suppress(Exception):
        frame.index = table.index

    reason = cut(f"{type(error).__name__}: {error}")
    note = f"the columns have lost their dtypes, since the result could not be built ({reason})"
    if lost:
        note += f"; these columns could not be read: {', '.join(map(str, lost))}"
    frame.attrs.update(result_attributes(table, stopped, [note]))
    return frame
