"""`df.flx`: the same functions as methods of a DataFrame."""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast

import pandas as pd

from flxframe.api import run_workflows
from flxframe.preview import preview
from flxframe.result.compare import changes
from flxframe.result.highlight import highlight
from flxframe.result.summary import summary

P = ParamSpec("P")
R = TypeVar("R")


class _OnTable(Generic[P, R]):
    """A function as a method of the accessor, with the table as its first argument.

    A bound method has the function's signature and docstring, which Shift-Tab shows, and adds no
    frame between a warning and the caller's line.
    """

    def __init__(self, function: Callable[Concatenate[Any, P], R]) -> None:
        self._function = function

    def __get__(self, accessor: FlxAccessor | None, owner: type) -> Callable[P, R]:
        if accessor is None:
            return cast("Callable[P, R]", self._function)
        return cast("Callable[P, R]", MethodType(self._function, accessor._table))


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

    run_workflows = _OnTable(run_workflows)
    preview = _OnTable(preview)
    changes = _OnTable(changes)
    summary = _OnTable(summary)
    highlight = _OnTable(highlight)

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table
