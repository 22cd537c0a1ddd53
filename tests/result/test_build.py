"""The result is built from the outcomes of a table's rows."""

import datetime as dt

import pandas as pd
import pyarrow as pa
import pytest

from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.request.fields import Defaults
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder
from tests.result.conftest import build_result


def test_integers_stay_integers_next_to_missing_values() -> None:
    """Integers that blanks made float become integers again."""
    table = pd.DataFrame({"objects.o.n": [7, None], "objects.o.a": "x"})
    result = build_result(table, {"o": {"n": 8, "a": "x"}}, {"o": {"a": "x"}})

    assert result["objects.o.n"].dtype == "Int64"
    assert result["objects.o.n"].iloc[0] == 8


def test_an_unchanged_column_keeps_its_dtype() -> None:
    """Its cells were sent as JSON, but the result has the original cells."""
    table = pd.DataFrame(
        {"objects.o.at": pd.to_datetime(["2026-01-02"]), "objects.o.c": pd.Categorical(["a"])}
    )
    result = build_result(table, {"o": {"at": "2026-01-02T00:00:00", "c": "a"}})

    assert result.dtypes[:2].tolist() == table.dtypes.tolist()
    assert result["run.changes"].tolist() == [0]


def test_a_column_of_categories_keeps_a_new_value() -> None:
    """Pandas would replace a value that is not one of the categories by a missing value."""
    table = pd.DataFrame({"objects.o.c": pd.Categorical(["a", "a"])})
    result = build_result(table, {"o": {"c": "new"}}, {"o": {"c": "a"}})
    assert result["objects.o.c"].tolist() == ["new", "a"]


def test_a_whole_value_in_a_cell_comes_back_whole() -> None:
    """A cell with a dict gets a dict; its fields do not become columns."""
    table = pd.DataFrame({"objects.o": [{"a": 1}]})
    result = build_result(table, {"o": {"a": 1, "tags": ["x"]}})

    assert result["objects.o"].tolist() == [{"a": 1, "tags": ["x"]}]
    assert "objects.o.tags[0]" not in result.columns
    assert result["run.changes"].tolist() == [1]


def test_rows_that_are_not_ok_keep_their_cells() -> None:
    """The cells of other rows change; an old ``run.status`` is replaced."""
    table = pd.DataFrame({"objects.o.s": ["a", "b"], "run.status": ["old", "old"]})
    result = build_result(table, {"o": {"s": "z", "new": True}}, None)

    assert result["objects.o.s"].tolist() == ["z", "b"]
    assert result["objects.o.new"].dtype == "boolean"
    assert result["run.status"].tolist() == ["ok", "rejected"]
    assert result.columns.tolist().count("run.status") == 1


def test_a_removed_object_blanks_all_columns_that_filled_it() -> None:
    """Each of them counts as a change; the other row stays as it is."""
    table = pd.DataFrame({"objects.o.a.x": ["1", "3"], "objects.o.a.y": ["2", "4"]})
    table["objects.o.b"] = "kept"
    unchanged = {"o": {"a": {"x": "3", "y": "4"}, "b": "kept"}}
    result = build_result(table, {"o": {"b": "kept"}}, unchanged)

    assert result["objects.o.a.x"].isna().tolist() == [True, False]
    assert result["objects.o.a.y"].isna().tolist() == [True, False]
    assert result["run.changes"].tolist() == [2, 0]


def test_each_new_field_is_a_column_and_a_change() -> None:
    """A new object has one column per field."""
    table = pd.DataFrame({"objects.o.s": ["a", "b"]})
    unchanged = {"o": {"s": "b"}}
    result = build_result(table, {"o": {"s": "z", "new": {"x": 1, "y": [2]}}}, unchanged)

    assert result["objects.o.new.x"].tolist() == [1, pd.NA]
    assert result["objects.o.new.y[0]"].tolist() == [2, pd.NA]
    assert result["run.changes"].tolist() == [3, 0]


def test_a_blank_cell_of_a_column_is_filled_in_place() -> None:
    """This is also true if the whole object was blank in the row."""
    table = pd.DataFrame({"objects.o.s": ["a", None, None], "objects.o.k": ["k", "k", None]})
    table["objects.p"] = 1
    answers = [{"o": {"s": s, "k": "k"}, "p": 1} for s in "abc"]
    result = build_result(table, *answers)

    assert result["objects.o.s"].tolist() == ["a", "b", "c"]
    assert result["objects.o.k"].tolist() == ["k", "k", "k"]
    assert result["run.changes"].tolist() == [0, 1, 2]


def test_a_new_field_does_not_overwrite_a_column_that_is_not_sent() -> None:
    """The new field gets another name."""
    table = pd.DataFrame({"objects.o.s": ["mine"], "objects.o.k": ["k"]})
    result = build_result(table, {"o": {"k": "k", "s": "new"}}, columns={"objects.o.s": None})

    assert result["objects.o.s"].tolist() == ["mine"]
    assert result["objects.o.s (answered)"].tolist() == ["new"]


def test_the_run_columns_are_missing_where_nothing_is_known() -> None:
    """A row without an HTTP status or a count of changes has NA, not 0."""
    result = build_result(pd.DataFrame({"objects.o.s": ["a", "b"]}), {"o": {"s": "a"}}, None)

    assert result["run.changes"].tolist() == [0, pd.NA]
    assert result["run.http_status"].tolist() == [200, 400]
    assert result["run.seconds"].isna().tolist() == [False, True]


def test_a_result_records_why_its_run_stopped() -> None:
    """The reason of an earlier run is dropped, other attributes of the table are kept."""
    table = pd.DataFrame({"objects.o.s": ["a"]})
    table.attrs = {"source": "shop", "flxframe": {"stopped": "token"}}
    results = ResultBuilder(Plan(table, defaults=Defaults("e")))
    results.add(0, Outcome("not_sent"))

    assert results.frame("deadline").attrs == {
        "source": "shop",
        "flxframe": {"stopped": "deadline"},
    }
    assert results.frame().attrs == {"source": "shop"}


def test_the_counts_are_of_the_latest_outcomes() -> None:
    """A row that gets a second outcome is not counted twice."""
    table = pd.DataFrame({"objects.o.s": ["a", "b", "c"]})
    results = ResultBuilder(Plan(table, defaults=Defaults("e")))
    results.add(0, Outcome("not_sent"))
    results.add(0, Outcome("ok", 200))
    results.add(2, Outcome("rejected", 400))

    assert +results.counts == {"ok": 1, "rejected": 1}
    assert list(results.missing()) == [1]


@pytest.mark.parametrize(
    "cells",
    [
        pd.array([7, 8], dtype="int64[pyarrow]"),
        pd.array([True, None], dtype="bool[pyarrow]"),
        pd.array([dt.date(2026, 1, 2), None], dtype="date32[day][pyarrow]"),
        pd.array(["x", None], dtype="string[pyarrow]"),
        pd.array([[1], [2]], dtype=pd.ArrowDtype(pa.list_(pa.int64()))),
        pd.array([0.5, None], dtype="Float32"),
        pd.to_datetime(["2026-01-02", None]),
        [7, 8],
        [True, False],
        pd.Series(["x", "cut \ud83d"], dtype=object),
    ],
    ids=lambda cells: str(getattr(cells, "dtype", cells)),
)
@pytest.mark.parametrize(
    "returned",
    [
        None,
        True,
        5,
        10**30,
        1e300,
        "new",
        "now",
        "nat",
        "12:00",
        "2026-13-45",
        [],
        {},
        [[1], [2]],
        {"a": [1]},
        "\ufffd",
    ],
    ids=repr,
)
@pytest.mark.filterwarnings("error")
def test_a_column_of_any_dtype_keeps_any_returned_value(cells, returned) -> None:
    """A row that ran must not be run again, so its result must not be lost."""
    table = pd.DataFrame({"objects.o.x": cells, "objects.o.k": "k"})
    plan = Plan(table, defaults=Defaults("e"))
    results = ResultBuilder(plan)
    outcome = Outcome("ok", 200, None, {"o": {"x": returned, "k": "k"}}, 1, 0.5)
    for position, request in plan.requests():
        if isinstance(request, RunWorkflowRequest):
            results.add(position, outcome, request)

    cell = results.frame()["objects.o.x"].tolist()[0]

    assert pd.isna(cell) if returned is None else cell == returned
