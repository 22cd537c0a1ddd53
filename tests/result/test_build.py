"""Outcomes to a result."""

import datetime as dt

import pandas as pd
import pyarrow as pa
import pytest

from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.request.fields import Defaults
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder
from tests.result.conftest import build_result


def test_integers_stay_integers_beside_missing_values() -> None:
    """Also those that the blanks had made float."""
    table = pd.DataFrame({"objects.o.n": [7, None], "objects.o.a": "x"})
    result = build_result(table, {"o": {"n": 8, "a": "x"}}, {"o": {"a": "x"}})
    assert result["objects.o.n"].dtype == "Int64"
    assert result["objects.o.n"].iloc[0] == 8


def test_an_unchanged_column_is_left_as_it_was() -> None:
    """Dtype and all, though its cells went through JSON."""
    table = pd.DataFrame(
        {"objects.o.at": pd.to_datetime(["2026-01-02"]), "objects.o.c": pd.Categorical(["a"])}
    )
    result = build_result(table, {"o": {"at": "2026-01-02T00:00:00", "c": "a"}})
    assert result.dtypes[:2].tolist() == table.dtypes.tolist()
    assert result["run.changes"].tolist() == [0]


def test_a_category_keeps_a_new_word() -> None:
    """Pandas would turn a word that it doesn't know into a missing value."""
    table = pd.DataFrame({"objects.o.c": pd.Categorical(["a", "a"])})
    result = build_result(table, {"o": {"c": "new"}}, {"o": {"c": "a"}})
    assert result["objects.o.c"].tolist() == ["new", "a"]


def test_a_whole_value_in_a_cell_comes_back_whole() -> None:
    """A dict in, a dict out; nothing of it becomes a column of its own."""
    table = pd.DataFrame({"objects.o": [{"a": 1}]})
    result = build_result(table, {"o": {"a": 1, "tags": ["x"]}})
    assert result["objects.o"].tolist() == [{"a": 1, "tags": ["x"]}]
    assert "objects.o.tags[0]" not in result.columns
    assert result["run.changes"].tolist() == [1]


def test_rows_that_are_not_ok_keep_what_they_came_with() -> None:
    """Beside rows that changed."""
    table = pd.DataFrame({"objects.o.s": ["a", "b"], "run.status": ["old", "old"]})
    result = build_result(table, {"o": {"s": "z", "new": True}}, None)
    assert result["objects.o.s"].tolist() == ["z", "b"]
    assert result["objects.o.new"].dtype == "boolean"
    assert result["run.status"].tolist() == ["ok", "rejected"]
    assert result.columns.tolist().count("run.status") == 1


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
        pd.Series(["x", "half a \ud83d"], dtype=object),
    ],
    ids=lambda cells: str(getattr(cells, "dtype", cells)),
)
@pytest.mark.parametrize(
    "answer",
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
def test_whatever_is_answered_stands_in_the_result(cells, answer) -> None:
    """A column of any dtype takes any answer as it is: what ran can't be asked again."""
    table = pd.DataFrame({"objects.o.x": cells, "objects.o.k": "k"})
    plan = Plan(table, defaults=Defaults("e"))
    results = ResultBuilder(plan)
    for position, request in plan.requests():
        if isinstance(request, RunWorkflowRequest):
            results.add(
                position, Outcome("ok", 200, None, {"o": {"x": answer, "k": "k"}}, 1, 0.5), request
            )
    found = results.frame()["objects.o.x"].tolist()[0]
    assert pd.isna(found) if answer is None else found == answer
