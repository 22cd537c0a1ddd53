"""Outcomes to a result, and the questions to it."""

import datetime as dt

import pandas as pd
import pyarrow as pa
import pytest

from flxframe import changes, summary
from flxframe.dtypes import column_array
from flxframe.exceptions import TableError
from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.request.fields import Defaults
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder


def answered(table: pd.DataFrame, *objects: dict | None, **settings) -> pd.DataFrame:
    """Make the result in which each row is answered with the objects given, or else rejected."""
    plan = Plan(table, defaults=Defaults("e"), **settings)
    results = ResultBuilder(plan)
    for (position, request), answer in zip(plan.requests(), objects, strict=True):
        outcome = (
            Outcome("rejected", 400, "no")
            if answer is None
            else Outcome("ok", 200, None, answer, 1, 0.5)
        )
        results.add(position, outcome, request)
    return results.frame()


def test_integers_stay_integers_beside_missing_values() -> None:
    """Also those that the blanks had made float."""
    table = pd.DataFrame({"objects.o.n": [7, None], "objects.o.a": "x"})
    result = answered(table, {"o": {"n": 8, "a": "x"}}, {"o": {"a": "x"}})
    assert result["objects.o.n"].dtype == "Int64"
    assert result["objects.o.n"].iloc[0] == 8


def test_an_unchanged_column_is_left_as_it_was() -> None:
    """Dtype and all, though its cells went through JSON."""
    table = pd.DataFrame(
        {"objects.o.at": pd.to_datetime(["2026-01-02"]), "objects.o.c": pd.Categorical(["a"])}
    )
    result = answered(table, {"o": {"at": "2026-01-02T00:00:00", "c": "a"}})
    assert result.dtypes[:2].tolist() == table.dtypes.tolist()
    assert result["run.changes"].tolist() == [0]


def test_a_category_keeps_a_new_word() -> None:
    """Pandas would turn a word that it doesn't know into a missing value."""
    table = pd.DataFrame({"objects.o.c": pd.Categorical(["a", "a"])})
    result = answered(table, {"o": {"c": "new"}}, {"o": {"c": "a"}})
    assert result["objects.o.c"].tolist() == ["new", "a"]


def test_a_whole_value_in_a_cell_comes_back_whole() -> None:
    """A dict in, a dict out; nothing of it becomes a column of its own."""
    table = pd.DataFrame({"objects.o": [{"a": 1}]})
    result = answered(table, {"o": {"a": 1, "tags": ["x"]}})
    assert result["objects.o"].tolist() == [{"a": 1, "tags": ["x"]}]
    assert "objects.o.tags[0]" not in result.columns
    assert result["run.changes"].tolist() == [1]


def test_rows_that_are_not_ok_keep_what_they_came_with() -> None:
    """Beside rows that changed."""
    table = pd.DataFrame({"objects.o.s": ["a", "b"], "run.status": ["old", "old"]})
    result = answered(table, {"o": {"s": "z", "new": True}}, None)
    assert result["objects.o.s"].tolist() == ["z", "b"]
    assert result["objects.o.new"].dtype == "boolean"
    assert result["run.status"].tolist() == ["ok", "rejected"]
    assert result.columns.tolist().count("run.status") == 1


def test_changes_are_one_row_a_field() -> None:
    """A field that only one table has is missing in the other."""
    table = pd.DataFrame({"objects.o.s": ["a", "b"]})
    result = answered(table, {"o": {"s": "z", "t": 1}}, {"o": {"s": "b"}})
    found = changes(table, result)
    assert found[["row", "column", "after"]].values.tolist() == [
        [0, "objects.o.s", "z"],
        [0, "objects.o.t", 1],
    ]
    assert found["before"].iloc[0] == "a"
    assert pd.isna(found["before"].iloc[1])


def test_changes_want_the_same_rows() -> None:
    """Rows are matched by position, so another number of them is an error."""
    with pytest.raises(TableError, match="1 rows"):
        changes(pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1, 2]}))


def test_a_summary_makes_one_line_of_errors_that_differ_in_an_id() -> None:
    """With how many there are, and which rows to look at."""
    result = pd.DataFrame(
        {
            "run.status": ["rejected", "ok", "rejected"],
            "run.http_status": pd.array([400, 200, 400], dtype="Int64"),
            "run.error": ["order 17 is unknown", None, "order 23 is unknown"],
        }
    )
    counted = summary(result)
    assert counted["status"].tolist() == ["ok", "rejected"]
    assert counted["rows"].tolist() == [1, 2]
    assert counted["examples"].tolist() == ["1", "0, 2"]


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


@pytest.mark.parametrize("what", [None, "orders.xlsx", [1]])
def test_what_is_no_table_is_told_so(what) -> None:
    """Such as a file's name, which read_table would make one of."""
    table = pd.DataFrame({"run.status": ["ok"]})
    for question in (
        lambda: summary(what),
        lambda: changes(what, table),
        lambda: changes(table, what),
    ):
        with pytest.raises(TableError, match=r"wants a DataFrame, .* read_table makes one"):
            question()


@pytest.mark.parametrize(
    ("first", "second", "lines"),
    [
        ("order A123 is unknown", "order B456 is unknown", 1),
        ("id 5f2b8c1e-0a1b-4bbb-8ccc-1234567890ab", "id a32b8c1e-0a1b-4bbb-8ccc-1234567890ab", 1),
        ("request id: req_8fJk2L failed", "request id: req_9aBc3D failed", 1),
        ("at 2026-01-01T00:00:00Z", "at 2026-01-02T10:10:10Z", 1),
        ("bob@example.com has no order", "al@example.org has no order", 1),
        ("SKU 'RED-L' is unknown", "SKU 'BLUE-M' is unknown", 1),
        (
            "column 'params.a' must be a whole number, not 'x'",
            "column 'params.a' must be a whole number, not 'a b'",
            1,
        ),
        (
            "column 'params.a' must be a whole number, not 'x'",
            "column 'params.b' must be a whole number, not 'x'",
            2,
        ),
        ("400: field 'sku' is missing", "400: field 'price' is missing", 2),
        ("400: 'sku' is missing", "400: 'price' is missing", 2),
        ("400: addressLine1 is missing", "400: addressLine2 is missing", 2),
        ("don't send it, it's late", "don't send it, that's late", 2),
    ],
)
def test_errors_are_alike_that_differ_in_an_id_and_not_in_what_is_wrong(
    first: str, second: str, lines: int
) -> None:
    """Two causes in one line would hide one of them."""
    errors = {"run.status": "rejected", "run.http_status": 400, "run.error": [first, second]}
    assert len(summary(pd.DataFrame(errors))) == lines


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        ([1, None], "Int64"),
        ([True, None], "boolean"),
        ([1.5, None], "float64"),
        ([1, "a"], "object"),
    ],
)
def test_columns_get_a_useful_dtype(cells: list, dtype: str) -> None:
    """Whatever is missing."""
    assert str(column_array(cells).dtype) == dtype
