"""`df.flx`, the same functions as methods of a table."""

import inspect

import pandas as pd
import pytest

import flxframe
from flxframe.sandbox import sandbox


def test_the_accessor_does_what_the_functions_do() -> None:
    """For people who chain."""
    orders = pd.DataFrame(
        {"eventHandle": "order_import", "objects.order.shippingAddress.countryCode": ["US", "CA"]}
    )
    with sandbox(limit=None) as api:
        result = orders.flx.run_workflows(
            token=api.token, base_url=api.url, rate=None, progress=False
        )
    assert result.flx.summary()["rows"].tolist() == [2]
    assert len(orders.flx.changes(result)) == 2
    assert orders.flx.preview().rows["error"].isna().all()
    assert "Hold" in orders.flx.highlight(result).to_html()


@pytest.mark.parametrize("name", ["run_workflows", "preview", "changes", "summary", "highlight"])
def test_the_accessor_tells_the_arguments_of_each_function(name: str) -> None:
    """What Shift-Tab shows: all of them but the table, and the whole docstring."""
    function, method = getattr(flxframe, name), getattr(pd.DataFrame({"a": [1]}).flx, name)
    _, *rest = inspect.signature(function).parameters
    assert list(inspect.signature(method).parameters) == rest
    assert inspect.getdoc(method) == inspect.getdoc(function)


def test_a_warning_of_the_accessor_points_at_the_users_line() -> None:
    """Not at a line of ours; and it tells how to go on, the refused row with the others."""
    with sandbox(limit=None) as api, pytest.warns(flxframe.StoppedWarning) as told:
        pd.DataFrame({"eventHandle": ["order_import"]}).flx.run_workflows(
            token="wrong", base_url=api.url, rate=None, progress=False
        )
    assert told[0].filename == __file__
    assert """run result[result["run.status"].isin(["not_sent", "rejected"])]""" in str(
        told[0].message
    )
