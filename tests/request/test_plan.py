"""Rows to requests: what a person sees in a cell is what is sent."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.exceptions import PathError, RequestError, SettingError, TableError
from flxframe.models import ErrorCell
from flxframe.request.cells import BLANK
from flxframe.request.fields import Defaults
from flxframe.request.json_text import encode
from flxframe.request.plan import Plan
from flxframe.request.series import column_to_json


def bodies(table: pd.DataFrame, **settings) -> list:
    settings.setdefault("defaults", Defaults("order_import"))
    return [
        request if isinstance(request, RequestError) else encode(request.objects)
        for _, request in Plan(table, **settings).requests()
    ]


@pytest.mark.parametrize(
    ("cells", "sent"),
    [
        (["00123"], '"00123"'),
        ([7, None], "7"),
        ([7.0, 8.0], "7.0"),
        ([7.5, None], "7.5"),
        (pd.array([7, None], dtype="Int64"), "7"),
        (pd.array([7, None], dtype="int64[pyarrow]"), "7"),
        (np.array([0.1], dtype="float32"), "0.1"),
        (pd.array([0.1, None], dtype="Float32"), "0.1"),
        (pd.array([0.1, None], dtype="float[pyarrow]"), "0.1"),
        (pd.array([2**64 - 1, None], dtype="uint64[pyarrow]"), "18446744073709551615"),
        (pd.array([True, None], dtype="boolean"), "true"),
        ([820982911946154508], "820982911946154508"),
        ([10**30], "1" + "0" * 30),
        ([True, None], "true"),
        ([Decimal("0.12345678901234567890")], "0.12345678901234567890"),
        ([dt.date(2026, 11, 23)], '"2026-11-23"'),
        ([dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)], '"2026-11-23T08:00:00+00:00"'),
        ([[1, {"a": None}]], '[1,{"a":null}]'),
        ([np.array([1, 2])], "[1,2]"),
    ],
)
def test_a_cell_is_sent_as_it_is_seen(cells: object, sent: str) -> None:
    """Contract 2, line by line."""
    assert bodies(pd.DataFrame({"objects.order.x": cells}))[0] == f'{{"order":{{"x":{sent}}}}}'


@pytest.mark.parametrize(
    "cell",
    [
        *(
            float("inf"),
            b"x",
            [float("nan")],
            {1: 2},
            dt.timedelta(1),
            "\ud800",
            {"\ud800": 1},
            {1},
        ),
        *(10**5000, ErrorCell("#N/A", "cell C7 is #N/A")),
    ],
    ids=lambda cell: type(cell).__name__,
)
def test_what_has_no_json_makes_its_row_invalid(cell: object) -> None:
    """The row says which column it is; the row beside it is sent."""
    table = pd.DataFrame({"objects.order.x": pd.Series([cell, "fine"], dtype=object)})
    bad, good = bodies(table)
    assert "objects.order.x" in str(bad)
    assert good == '{"order":{"x":"fine"}}'


def test_a_blank_is_left_out_or_null() -> None:
    """As the caller says."""
    table = pd.DataFrame({"objects.order.a": ["x"], "objects.order.b": [None]})
    assert bodies(table) == ['{"order":{"a":"x"}}']
    assert bodies(table, blanks="null") == ['{"order":{"a":"x","b":null}}']


@pytest.mark.parametrize(
    "blank",
    [
        None,
        float("nan"),
        pd.NA,
        pd.NaT,
        "",
        np.datetime64("NaT"),
        Decimal("NaN"),
        np.float32("nan"),
        pa.scalar(None),
    ],
    ids=repr,
)
def test_every_kind_of_missing_is_a_blank(blank: object) -> None:
    """Also among other things in a column of objects."""
    table = pd.DataFrame(
        {"objects.order.a": "x", "objects.order.b": pd.Series([blank, "y"], dtype=object)}
    )
    assert bodies(table) == ['{"order":{"a":"x"}}', '{"order":{"a":"x","b":"y"}}']


@given(
    st.lists(
        st.none() | st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)), min_size=1
    ),
    st.sampled_from([None, "UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"]),
    st.sampled_from(["s", "us"]),
)
def test_a_column_of_dates_is_written_as_each_of_them_would_be(
    moments: list[dt.datetime | None], zone: str | None, unit: str
) -> None:
    """They are written all at once where that is the same: with their offset if they have one."""
    column = (
        pd.Series(moments, dtype="datetime64[us]")
        .dt.floor(unit)
        .dt.tz_localize("UTC")
        .dt.tz_convert(zone)
    )
    assert column_to_json(column, integral=False) == [
        BLANK if moment is pd.NaT else moment.isoformat() for moment in column.tolist()
    ]


def test_a_hole_in_a_list_is_no_silent_choice() -> None:
    """Blank items at the end are left out; a blank one in the middle is an error."""
    table = pd.DataFrame(
        {
            f"objects.o.items[{n}]": cells
            for n, cells in enumerate([["a", "a"], [None, "b"], ["c", None]])
        }
    )
    hole, short = bodies(table)
    assert "objects.o.items[1] is blank" in str(hole)
    assert short == '{"o":{"items":["a","b"]}}'


def test_a_place_and_something_inside_it_are_refused() -> None:
    """Only where both are filled."""
    table = pd.DataFrame({"objects.order": [{"a": 1}, None], "objects.order.a": [2, 2]})
    both, one = bodies(table)
    assert "as a whole and in parts" in str(both)
    assert one == '{"order":{"a":2}}'


def test_an_id_of_unclear_meaning_is_refused_with_two_ways_out() -> None:
    """The API would let the id win."""
    table = pd.DataFrame({"id": [5], "objects.order.a": [1]})
    with pytest.raises(TableError, match=r'columns=\{"id": "id"\}'):
        bodies(table)
    assert bodies(table, columns={"id": None}) == ['{"order":{"a":1}}']
    assert bodies(table, columns={"id": "id"}) == ['{"order":{"a":1}}']


def test_a_near_miss_draws_a_warning_with_the_right_spelling() -> None:
    """A misspelt field would otherwise travel along in silence."""
    table = pd.DataFrame({"event_handle": ["x"], "objects.order.a": [1]})
    with pytest.warns(UserWarning, match="did you mean 'eventHandle'"):
        bodies(table)


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        (["x"], TableError),
        (["objects..a"], PathError),
        (["objects.a", "objects.a"], TableError),
        (["id.x"], PathError),
    ],
)
def test_a_table_that_cant_be_right_names_its_column(
    columns: list[str], error: type[Exception]
) -> None:
    """Before anything is sent."""
    with pytest.raises(error, match=columns[0].replace(".", r"\.")):
        bodies(pd.DataFrame([["v"] * len(columns)], columns=columns))


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (["Note"], "columns= must be a dict"),
        ({"Note": 5}, r"columns=\{'Note': 5\}: a path is text"),
        (
            {"Note": "order.note"},
            r"columns=\{'Note': 'order.note'\}.*did you mean 'objects.order.note'",
        ),
        ({"Note": "note"}, r"columns=\{'Note': 'note'\}.*did you mean 'objects.order.note'"),
        (
            {"Note": "objects..note"},
            r"columns=\{'Note': 'objects..note'\} is not a valid path.*columns=\{'Note': None\}",
        ),
    ],
    ids=repr,
)
def test_a_path_that_was_given_wrong_names_its_column(columns: object, complaint: str) -> None:
    """And says what to write instead."""
    table = pd.DataFrame({"eventHandle": ["e"], "Note": ["x"]})
    with pytest.raises((SettingError, PathError), match=complaint):
        bodies(table, columns=columns)


@pytest.mark.parametrize(
    ("cell", "param"), [("12", 12), (12.0, 12), (12, 12), (12.5, None), ("x", None), (True, None)]
)
def test_params_are_whole_numbers(cell: object, param: int | None) -> None:
    """Anything else makes the row invalid."""
    table = pd.DataFrame(
        {"params.sourceId": pd.Series([cell], dtype=object), "objects.order.a": [1]}
    )
    ((_, request),) = Plan(table, defaults=Defaults("e")).requests()
    assert (None if isinstance(request, RequestError) else request.params["sourceId"]) == param


def test_a_value_that_contains_itself_makes_its_row_invalid() -> None:
    """And so does one that is nested beyond all reason."""
    itself: list = []
    itself.append(itself)
    deep: list = []
    for _ in range(300):
        deep = [deep]
    table = pd.DataFrame({"objects.order.x": [itself, deep]})
    assert all("nested too deeply" in str(error) for error in bodies(table))


def test_a_column_named_nothing_has_no_place_under_a_handle() -> None:
    """It would claim the whole object, and each row would be filled twice."""
    with pytest.raises(TableError, match="column '' would be sent, but has no name"):
        Plan(pd.DataFrame({"": ["x"], "sku": ["007"]}), object_handle="order")


def test_a_default_id_does_not_win_over_an_event_handle_unasked() -> None:
    """A cell wins over a default, but the API lets the id win: so it is a question, and nothing is sent."""
    table = pd.DataFrame(
        {"eventHandle": [None, "order_import"], "objects.order.sku": ["007", "008"]}
    )
    with pytest.raises(
        TableError, match=r"row 1 .* has an eventHandle .* let workflow_id=7 win .*None"
    ):
        list(Plan(table, defaults=Defaults(workflow_id=7)).requests())
    plan = Plan(table, defaults=Defaults(workflow_id=7), columns={"eventHandle": None})
    assert [request.body()["id"] for _, request in plan.requests()] == [7, 7]
