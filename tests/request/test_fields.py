"""The request's fields and their valid values."""

from decimal import Decimal

import pandas as pd
import pytest

from flxframe.exceptions import RequestError, SettingError
from flxframe.request.fields import Defaults, to_boolean, to_integer, to_params
from flxframe.request.plan import Plan


@pytest.mark.parametrize(
    ("cell", "param"), [("12", 12), (12.0, 12), (12, 12), (12.5, None), ("x", None), (True, None)]
)
def test_params_are_whole_numbers(cell: object, param: int | None) -> None:
    """Other values make the row invalid."""
    cells = pd.Series([cell], dtype=object)
    table = pd.DataFrame({"params.sourceId": cells, "objects.order.a": [1]})
    ((_, request),) = Plan(table, defaults=Defaults("e")).requests()

    if param is None:
        assert isinstance(request, RequestError)
        assert "column 'params.sourceId' must be a whole number" in str(request)
    else:
        assert request.params == {"sourceId": param}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (0, False),
        (1.0, True),
        (Decimal(0), False),
        (" YES ", True),
        ("false", False),
        (2, None),
        ("maybe", None),
        (None, None),
        ([], None),
    ],
    ids=repr,
)
def test_booleans_are_true_false_yes_no_0_or_1(value: object, expected: bool | None) -> None:
    """The error for other values names the field and shows the value."""
    if expected is None:
        with pytest.raises(RequestError, match=r"^draft= must be true or false .* not "):
            to_boolean("draft=", value)
    else:
        assert to_boolean("draft=", value) is expected


@pytest.mark.parametrize("value", [float("inf"), float("nan"), "1_000", None, [], Decimal("1.5")])
def test_a_value_that_is_not_a_whole_number_is_refused(value: object) -> None:
    """The error names the field."""
    with pytest.raises(RequestError, match=r"^id must be a whole number"):
        to_integer("id", value)


def test_params_can_be_written_as_the_api_returns_them() -> None:
    """They can be a dict, or a list of keys and values."""
    pairs = [{"key": "a", "value": "1"}, {"key": "b", "value": 2}]

    assert to_params("params=", pairs) == to_params("params=", {"a": 1, "b": 2.0})


@pytest.mark.parametrize(
    "value",
    [
        "a=1",
        7,
        [{"key": "a"}],
        [{"key": "a", "value": 1, "note": "x"}],
        [{"key": 7, "value": 1}],
        [{"key": [1], "value": 1}],
        [{"key": "a", "value": 1}, {"key": "a", "value": 2}],
    ],
    ids=str,
)
def test_other_params_are_refused(value: object) -> None:
    """This includes a repeated key, one of whose values would be lost."""
    with pytest.raises(RequestError, match="must be a dict of whole numbers, or a list of"):
        to_params("column 'params'", value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("1e30"), 10**30),
        (Decimal("12.0"), 12),
        (Decimal(f"1e{99}"), 10**99),
        (1e20, 10**20),
    ],
    ids=str,
)
def test_a_large_whole_number_is_an_integer(value: object, expected: int) -> None:
    """The precision of the decimal context does not matter."""
    assert to_integer("column 'id'", value) == expected


@pytest.mark.parametrize(
    "value",
    [
        Decimal("12.5"),
        Decimal("1e100"),
        Decimal("NaN"),
        Decimal("sNaN"),
        float("inf"),
        float("nan"),
    ],
    ids=str,
)
def test_a_number_that_is_not_whole_is_refused(value: object) -> None:
    """It makes its row invalid, but does not end the call."""
    with pytest.raises(RequestError, match="must be a whole number"):
        to_integer("column 'id'", value)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"event_handle": 7}, "event_handle= must be text, not 7"),
        ({"event_handle": "\ud800"}, "unpaired surrogate"),
        ({"workflow_id": "x"}, "workflow_id= must be a whole number, not 'x'"),
        ({"draft": "maybe"}, "draft= must be true or false"),
        ({"params": {"a": "x"}}, "params=, key 'a' must be a whole number"),
        ({"params": [1]}, "params= must be a dict"),
    ],
    ids=str,
)
def test_the_error_of_a_wrong_default_names_it(settings: dict, error: str) -> None:
    """It is refused before any row is read."""
    with pytest.raises(SettingError, match=error):
        Defaults(**settings)


def test_defaults_are_converted_once() -> None:
    """Texts from a command line become the types that the API expects."""
    defaults = Defaults("e", workflow_id="12", draft="yes", params={"a": "7"})

    assert (defaults.workflow_id, defaults.draft, defaults.params) == (12, True, {"a": 7})
