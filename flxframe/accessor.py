"""`df.flx`, a thin face on the same functions, for people who chain."""

from __future__ import annotations

from typing import Any

import pandas as pd

from flxframe import analysis, displays, workflows
from flxframe.previews import Preview


@pd.api.extensions.register_dataframe_accessor("flx")
class FlxAccessor:
    """The functions of flxframe on a DataFrame.

    Parameters
    ----------
    table : DataFrame
        The rows.

    Examples
    --------
    >>> from flxframe import sandbox
    >>> orders = pd.DataFrame({"objects.order.shippingAddress.countryCode": ["US", "CA"]})
    >>> with sandbox() as api:
    ...     result = orders.flx.run_workflows(
    ...         event_handle="order_import", token=api.token, base_url=api.url, progress=False
    ...     )
    >>> orders.flx.changes(result)[["row", "after"]].values.tolist()
    [[1, 'Hold'], [1, 'International']]
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table

    def run_workflows(self, **settings: Any) -> pd.DataFrame:
        """Run one workflow for each row; see `flxframe.run_workflows`."""
        return workflows.run_workflows(self._table, **settings)

    def preview(self, **settings: Any) -> Preview:
        """Show what `run_workflows` would send, and send nothing; see `flxframe.preview`."""
        return workflows.preview(self._table, **settings)

    def changes(self, after: pd.DataFrame) -> pd.DataFrame:
        """List the fields that differ in `after`, such as the result; see `flxframe.changes`."""
        return analysis.changes(self._table, after)

    def summary(self) -> pd.DataFrame:
        """Count the rows of a result by status, HTTP status and error; see `flxframe.summary`."""
        return analysis.summary(self._table)

    def highlight(self, after: pd.DataFrame) -> Any:
        """Mark what differs in `after`, and the rows that are not ok; see `flxframe.highlight`."""
        return displays.highlight(self._table, after)
