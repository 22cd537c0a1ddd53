"""`df.flx`, a thin face on the same functions, for people who chain."""

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

_P = ParamSpec("_P")


_R = TypeVar("_R")


class _OnTable(Generic[_P, _R]):
    """A function as a method of the accessor: the table is its first argument, all else is the function's own.

    A bound method has the function's signature and docstring, which Shift-Tab shows, and adds no frame of ours between
    a warning and the line that it is about.
    """

    def __init__(self, function: Callable[Concatenate[Any, _P], _R]) -> None:
        self._function = function

    def __get__(self, accessor: FlxAccessor | None, owner: type) -> Callable[_P, _R]:
        method = self._function if accessor is None else MethodType(self._function, accessor._table)
        return cast(Callable[_P, _R], method)


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
    preview = _OnTable(preview)  # type: ignore[arg-type]  # its **unused might hold a `data` too
    changes = _OnTable(changes)
    summary = _OnTable(summary)
    highlight = _OnTable(highlight)

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table
