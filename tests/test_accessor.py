"""`df.flx` has the same functions as methods of a table."""

import inspect

import pandas as pd
import pytest

import flxframe
from flxframe.sandbox import sandbox


def test_a_method_returns_what_the_function_returns() -> None:
    """So calls can be chained."""
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
def test_a_method_shows_the_arguments_of_its_function(name: str) -> None:
    """Shift-Tab shows all arguments except the table, and the whole docstring."""
    function = getattr(flxframe, name)
    method = getattr(pd.DataFrame({"a": [1]}).flx, name)
    _, *names = inspect.signature(function).parameters
    assert list(inspect.signature(method).parameters) == names
    assert inspect.getdoc(method) == inspect.getdoc(function)


def test_a_warning_points_at_the_callers_line() -> None:
    """It says how to resume, including the refused row."""
    with sandbox(limit=None) as api, pytest.warns(flxframe.StoppedWarning) as caught:
        pd.DataFrame({"eventHandle": ["order_import"]}).flx.run_workflows(
            token="wrong", base_url=api.url, rate=None, progress=False
        )
    assert caught[0].filename == __file__
    assert "1 row was not sent or rejected; to send it, run the result" in str(caught[0].message)
