"""Cells that cannot be sent, in files that flxframe writes."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from flxframe.files.reading import read_table
from flxframe.files.unsendable import mark_unsendable
from flxframe.files.writing import write_results
from flxframe.models import ErrorCell
from flxframe.preview import preview

INF = float("inf")
KINDS = [".xlsx", ".csv", ".tsv", ".jsonl", ".parquet"]
CONTAINERS = [
    [INF],
    {"a": float("nan")},
    {"a": [1, {"b": -INF}]},
    (Decimal("Infinity"), Decimal("NaN")),
    np.array([1.0, INF]),
    [b"x"],
    [{1, 2}],
    {1: 2},
    [dt.timedelta(1)],
    ["\ud800"],
]
OTHERS = [b"x", {1, 2}, complex(1), dt.timedelta(1), pd.Period("2026"), "a\ud800"]


def column(*cells):
    """Return a column of these cells."""
    return pd.Series(cells, dtype=object)


def written(table, path):
    """Return whether the rows of a table cannot be sent once it was written and read."""
    rows = preview(
        read_table(write_results(table, path)),
        event_handle="e",
        object_handle="o",
        base_url="http://127.0.0.1:9",
    ).rows
    return rows["error"].notna().tolist()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["objects.o.c", "params", "note"])
def test_a_list_that_cannot_be_sent_cannot_be_sent_after_writing_it(tmp_path, kind, name):
    """Its text would be sent, also that of a column that is only sent with object_handle=."""
    table = pd.DataFrame({name: column(*CONTAINERS), "objects.o.k": "x"})
    assert written(table, tmp_path / f"t{kind}") == [True] * len(CONTAINERS)


@pytest.mark.parametrize("kind", KINDS)
def test_no_other_cell_of_a_request_field_can_be_sent_after_writing_it(tmp_path, kind):
    """It was invalid before."""
    table = pd.DataFrame({"objects.o.c": column(*OTHERS), "objects.o.k": "x"})
    assert written(table, tmp_path / f"t{kind}") == [True] * len(OTHERS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_that_is_not_sent_keeps_its_texts(tmp_path, kind):
    """A duration is of use there."""
    cells = [dt.timedelta(1), {1}, "a\ud800"]
    table = pd.DataFrame({"note": column(*cells), "objects.o.k": "x"})
    read = read_table(write_results(table, tmp_path / f"t{kind}"))
    assert read["note"].tolist()[:2] == ["1 day, 0:00:00", "{1}"]


def test_columns_of_other_dtypes_are_marked():
    """They are not object columns."""
    durations = pd.Series(pd.to_timedelta([1, None]))
    table = pd.DataFrame({"objects.o.t": durations, "objects.o.n": [1.0, None]})
    marked = mark_unsendable(table)
    assert [type(cell) for cell in marked["objects.o.t"]] == [ErrorCell, type(pd.NaT)]
    assert marked["objects.o.n"].dtype == float


def test_a_table_that_can_be_sent_is_not_copied():
    """Nearly every table is one."""
    table = pd.DataFrame({"objects.o.c": column("é", 7, [1, None], INF, None, ErrorCell("#", ""))})
    assert mark_unsendable(table) is table


def test_the_reason_is_that_of_the_run():
    """A .jsonl file keeps it."""
    table = pd.DataFrame({"objects.o.c": column([INF], "x")})
    cell = mark_unsendable(table)["objects.o.c"][0]
    assert cell.text == "[inf]"
    assert cell.reason.startswith("inf is not a JSON number")
    assert table["objects.o.c"][0] == [INF]
