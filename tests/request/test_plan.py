"""Rows become requests, or errors."""

import numpy as np
import pandas as pd
import pytest

from flxframe.exceptions import RequestError, SettingError, TableError
from flxframe.models import ErrorCell, RunWorkflowRequest
from flxframe.request.fields import Defaults
from flxframe.request.plan import Plan
from flxframe.request.row_names import row_name
from tests.conftest import orders
from tests.request.conftest import bodies


def test_a_blank_is_left_out_or_null() -> None:
    """The argument `blanks` decides."""
    table = pd.DataFrame({"objects.order.a": ["x"], "objects.order.b": [None]})

    assert bodies(table) == ['{"order":{"a":"x"}}']
    assert bodies(table, blanks="null") == ['{"order":{"a":"x","b":null}}']
    with pytest.raises(SettingError, match="blanks='keep'"):
        bodies(table, blanks="keep")


def test_an_ambiguous_id_is_refused_with_two_solutions() -> None:
    """The API would use the id and ignore the eventHandle."""
    table = pd.DataFrame({"id": [5], "objects.order.a": [1]})

    with pytest.raises(TableError, match=r'columns=\{"id": "id"\}'):
        bodies(table)

    assert bodies(table, columns={"id": None}) == ['{"order":{"a":1}}']
    assert bodies(table, columns={"id": "id"}) == ['{"order":{"a":1}}']


def test_the_error_of_an_ambiguous_id_is_readable() -> None:
    """The cell can be an error cell."""
    table = pd.DataFrame({"id": [ErrorCell("#N/A", "A2 shows the error #N/A")]})

    with pytest.raises(TableError, match=r"has an id \('A2 shows the error #N/A'\) and an"):
        bodies(table)


def test_a_default_id_does_not_override_an_event_handle_silently() -> None:
    """A cell overrides a default, but the API would use the id, so nothing is sent."""
    table = pd.DataFrame(
        {"eventHandle": [None, "order_import"], "objects.order.sku": ["007", "008"]}
    )

    with pytest.raises(
        TableError, match=r"row 1 .* has an eventHandle .* use workflow_id=7 instead.*None"
    ):
        list(Plan(table, defaults=Defaults(workflow_id=7)).requests())
    plan = Plan(table, defaults=Defaults(workflow_id=7), columns={"eventHandle": None})

    assert [request.body()["id"] for _, request in plan.requests()] == [7, 7]


def test_defaults_fill_blank_cells_only() -> None:
    """They do so for every request field."""
    table = pd.DataFrame(
        {
            "eventHandle": ["own", None],
            "draft": [False, None],
            "params.a": [1, None],
            "objects.order.a": ["x", "y"],
        }
    )
    plan = Plan(table, defaults=Defaults("default", draft=True, params={"a": 7, "b": 8}))
    (_, own), (_, default) = plan.requests()

    assert own == RunWorkflowRequest(
        {"order": {"a": "x"}}, eventHandle="own", draft=False, params={"a": 1, "b": 8}
    )
    assert default == RunWorkflowRequest(
        {"order": {"a": "y"}}, eventHandle="default", draft=True, params={"a": 7, "b": 8}
    )


@pytest.mark.parametrize(
    ("cells", "error"),
    [
        ({"eventHandle": None, "objects.order.a": "x"}, "neither an id nor an eventHandle"),
        ({"eventHandle": None, "objects.order.a": None}, "the row is blank"),
        ({"eventHandle": 7, "objects.order.a": "x"}, "column 'eventHandle' must be text"),
        ({"eventHandle": "e", "draft": "maybe"}, "column 'draft' must be true or false"),
        ({"eventHandle": "e", "objects": "x"}, "column 'objects' must contain a dict"),
        ({"eventHandle": "e", "params": {"a": 1}, "params.a": 2}, "the param 'a' is filled in"),
        ({"eventHandle": "e", "objects.a.x": b"x", "objects.a.y": b"y"}, r"column 'objects\.a\.x'"),
    ],
    ids=str,
)
def test_the_error_of_a_row_says_why_it_cannot_be_a_request(cells: dict, error: str) -> None:
    """The error is yielded in place of the request."""
    table = pd.DataFrame([cells], dtype=object)
    ((position, request),) = Plan(table).requests()

    assert position == 0
    with pytest.raises(RequestError, match=f"^(the row has |){error}"):
        raise request


@pytest.mark.parametrize("rows", [0, 1, 1023, 1024, 1025, 2500])
def test_every_row_is_yielded_once_in_order(rows: int) -> None:
    """This is also true if the rows are converted in several chunks."""
    requests = list(Plan(orders(rows)).requests())

    assert [position for position, _ in requests] == list(range(rows))

    numbers = [request.objects["order"]["number"] for _, request in requests]

    assert numbers == [f"{number:05d}" for number in range(rows)]


@pytest.mark.parametrize("positions", [[], [4, 0, 4], np.array([3, 1]), range(1, 3)], ids=str)
def test_selected_rows_are_yielded_in_the_given_order(positions: list[int]) -> None:
    """They are selected by position, not by index."""
    plan = Plan(orders(5).set_index(pd.Index(list("xxxyy"))))
    requests = [
        (position, request.objects["order"]["number"])
        for position, request in plan.requests(positions)
    ]

    assert requests == [(position, f"{position:05d}") for position in positions]


def test_a_table_without_columns_sends_its_defaults() -> None:
    """Some workflows need no objects."""
    plan = Plan(pd.DataFrame(index=[0, 1]), defaults=Defaults("order_import"))

    assert [request.objects for _, request in plan.requests()] == [{}, {}]


def test_columns_that_are_not_request_fields_are_unsent() -> None:
    """They are listed in the order of the table."""
    table = pd.DataFrame(columns=["Note", "eventHandle", "run.status", "objects.order.a", 7])

    assert Plan(table).unsent == ["Note", "run.status", 7]


def test_a_row_is_named_as_users_see_it() -> None:
    """It is named by its row in the file, if there is a file."""
    table = orders(2)

    assert row_name(table, 1) == "row 1 (index 1)"
    table.attrs["flxframe"] = {"first_row": 2}

    assert row_name(table, 1) == "row 3"
