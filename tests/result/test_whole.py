"""Long lists, and objects with too many new fields, are whole in one cell."""

import random
import time
import tracemalloc

import pandas as pd
import pytest

from flxframe import changes
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.models import Outcome
from flxframe.request.fields import Defaults
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder
from flxframe.result.whole import MAX_NEW_COLUMNS, whole_places
from tests.result.conftest import build_result

EVENT = Defaults("e")
ITEMS = [{"sku": f"{number:05}", "n": number} for number in range(20_000)]


def sent(table: pd.DataFrame) -> list[dict]:
    """Return the objects that a table sends; all rows must be valid."""
    return [request.objects for _, request in Plan(table, defaults=EVENT).requests()]


def notes(result: pd.DataFrame) -> list[str]:
    """Return the notes of a result."""
    return result.attrs.get("flxframe", {}).get("notes", [])


def new_columns(result: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    """Return the new fields of a result."""
    names = result.columns.difference(table.columns, sort=False)
    return [name for name in names if not name.startswith("run.")]


def test_a_long_list_is_whole_in_its_row() -> None:
    """The other row has columns, and the same values are sent for the result."""
    table = pd.DataFrame({"objects.o.k": ["a", "b"]})
    answers = [{"o": {"k": "a", "items": ITEMS}}, {"o": {"k": "b", "items": ITEMS[:1]}}]
    result = build_result(table, *answers)

    names = ["objects.o.items", "objects.o.items[0].sku", "objects.o.items[0].n"]
    assert new_columns(result, table) == names
    assert result["objects.o.items"].tolist() == [ITEMS, None]
    assert sent(result) == answers
    assert result["run.changes"].tolist() == [1, 2]
    assert changes(table, result)["row"].tolist() == [0, 1, 1]
    assert notes(result) == [
        "objects.o.items is whole in one cell in 1 row, since the list has more than 100 items"
    ]


@pytest.mark.parametrize(("items", "columns"), [(100, 100), (101, 1)])
def test_a_list_of_a_hundred_items_has_columns(items: int, columns: int) -> None:
    """One more item, and it has a single one."""
    table = pd.DataFrame({"objects.o.k": ["a"]})
    answer = {"o": {"k": "a", "tags": [str(number) for number in range(items)]}}
    result = build_result(table, answer)

    assert len(new_columns(result, table)) == columns
    assert sent(result) == [answer]


def test_a_long_list_is_whole_next_to_the_columns_of_its_first_items() -> None:
    """They have what was answered too, and a later answer changes both."""
    table = pd.DataFrame({"objects.o.items[0].sku": ["a", "b"], "objects.o.items[0].n": [0, 0]})
    long = [{"sku": "x", "n": 0}, *ITEMS]
    answers = [{"o": {"items": long}}, {"o": {"items": [{"sku": "b", "n": 0}]}}]
    result = build_result(table, *answers)

    assert new_columns(result, table) == ["objects.o.items"]
    assert result["objects.o.items[0].sku"].tolist() == ["x", "b"]
    assert result["run.changes"].tolist() == [2, 0]
    assert sent(result) == answers

    later = [{"o": {"items": [{"sku": "y", "n": 0}, *ITEMS]}}, answers[1]]
    again = build_result(result, *later)

    assert sent(again) == later
    assert again["objects.o.items[0].sku"].tolist() == ["y", "b"]


def test_an_edited_part_of_a_whole_value_makes_its_row_invalid() -> None:
    """It is not clear which of the two is meant."""
    table = pd.DataFrame({"objects.o.items[0].sku": ["a"]})
    result = build_result(table, {"o": {"items": [{"sku": "a"}, *ITEMS]}})
    edited = result.assign(**{"objects.o.items[0].sku": ["b"]})

    _, error = next(Plan(edited, defaults=EVENT).requests())

    assert "objects.o.items is filled as a whole and in parts that differ" in str(error)


def test_a_row_that_filled_the_parts_of_a_whole_column_gets_its_answer_in_them() -> None:
    """The whole column is blank in this row, and stays so."""
    table = pd.DataFrame({"objects.o": [{"a": 1}, None], "objects.o.a": [None, 2]})
    answers = [{"o": {"a": 1, "b": 5}}, {"o": {"a": 3, "b": 6}}]
    result = build_result(table, *answers)

    assert result["objects.o"].tolist() == [{"a": 1, "b": 5}, None]
    assert result["objects.o.a"].tolist() == [pd.NA, 3]
    assert sent(result) == answers


@pytest.mark.parametrize("order", [1, 2, 3])
def test_an_object_with_too_many_new_fields_is_whole(order: int) -> None:
    """It does not matter in which order the answers arrive."""
    table = pd.DataFrame({"objects.o.k": [f"{row}" for row in range(300)], "objects.p": 7})
    answers = []
    for row in range(300):
        new = {f"k{row}_{number}": number for number in range(4)}
        answers.append({"o": {"k": f"{row}", **new}, "p": 7, "q": row % 2})
    answers[7]["o"] = {"k": "7"}

    plan = Plan(table, defaults=EVENT)
    results = ResultBuilder(plan)
    rows = list(plan.requests())
    random.Random(order).shuffle(rows)
    for position, request in rows:
        results.add(position, Outcome("ok", 200, None, answers[position]), request)
    result = results.frame()

    assert set(new_columns(result, table)) == {"objects.o", "objects.q"}
    assert sent(result) == answers
    assert result["run.changes"].tolist() == [2] * 7 + [1] + [2] * 292
    assert changes(table, result)["row"].value_counts().sum() == 300 * 2 - 1
    assert notes(result) == [
        "objects.o is whole in one cell in 299 rows, since its new fields would be more than "
        "1,000 columns"
    ]


def test_a_whole_value_has_what_the_table_and_the_answer_have() -> None:
    """A changed field has its new value, a new one replaces what it is in the way of."""
    table = pd.DataFrame(
        {
            "objects.o.at": pd.to_datetime(["2026-11-23"]),
            "objects.o.n": [1],
            "objects.o.x.y": ["z"],
            "objects.o.tags[0]": ["t"],
        }
    )
    new = {f"k{number}": number for number in range(MAX_NEW_COLUMNS + 1)}
    answer = {"at": "2026-11-23T00:00:00", "n": 2, "x": "text", "tags": ["t", None, "u"], **new}
    result = build_result(table, {"o": answer})

    assert result["objects.o"].tolist() == [answer]
    assert result["objects.o.n"].tolist() == [2]


def test_a_whole_value_fills_a_column_that_the_table_has() -> None:
    """Its cell was blank in this row."""
    table = pd.DataFrame({"objects.o": [None, {"k": 1}], "objects.p": [1, 1]})
    new = {f"k{number}": number for number in range(MAX_NEW_COLUMNS + 1)}
    result = build_result(table, {"o": new, "p": 1}, {"o": {"k": 2}, "p": 1})

    assert result["objects.o"].tolist() == [new, {"k": 2}]
    assert new_columns(result, table) == []


def test_only_the_deepest_place_with_too_many_fields_is_whole() -> None:
    """The fields next to it are columns, unless they are too many as well."""
    many = [("objects", "o", "x", f"k{number}") for number in range(MAX_NEW_COLUMNS + 1)]
    few = [("objects", "o", "y", f"k{number}") for number in range(MAX_NEW_COLUMNS - 1)]
    places = set(whole_places([*many, *few]).values())

    assert places == {("objects", "o", "x"), *few}
    assert set(whole_places([*many, *few, ("objects", "z")]).values()) == {("objects",)}


def test_whole_values_come_back_from_files(tmp_path) -> None:
    """They are JSON in the file."""
    table = pd.DataFrame({"objects.o.items[0].sku": ["a", "b"]})
    answers = [{"o": {"items": [{"sku": "a"}, *ITEMS]}}, {"o": {"items": [{"sku": "b"}]}}]
    result = build_result(table, *answers)

    for kind in ("jsonl", "parquet"):
        path = write_results(result, tmp_path / f"t.{kind}")
        assert sent(read_table(path).drop(columns=["run.error"], errors="ignore")) == answers


@pytest.mark.parametrize("filled", [True, False])
def test_the_cost_of_a_result_is_linear_in_what_was_answered(filled: bool) -> None:
    """Five new keys in each row, or a long list in one row, add no column per key and item."""
    rows = 4_000
    table = pd.DataFrame({"eventHandle": ["e"] * rows})
    if filled:
        table["objects.o.k"] = "a"
    plan = Plan(table)
    results = ResultBuilder(plan)

    start = time.process_time()
    tracemalloc.start()
    for position, request in plan.requests():
        answer = {**request.objects.get("o", {}), **{f"k{position}_{n}": n for n in range(5)}}
        if position == 77:
            answer["items"] = ITEMS
        results.add(position, Outcome("ok", 200, None, {"o": answer}), request)
    result = results.frame()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(result.columns) < 20
    assert peak < 30_000_000
    assert time.process_time() - start < 10
