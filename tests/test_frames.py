"""Tables of other libraries are sent as pandas tables with the same cells are."""

import datetime as dt
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flxframe
from flxframe import Journal, TableError
from flxframe.files.reading import read_table
from flxframe.frames import as_frame
from tests.conftest import run

BERLIN = dt.timezone(dt.timedelta(hours=1))

# Each column is sent as its pandas column of dtype object, and as the JSON next to it.
COLUMNS = {
    "int": ([7, None, 2**53 + 1], "[7, null, 9007199254740993]"),
    "whole": ([7, 8, 9], "[7, 8, 9]"),
    "big": ([2**64 - 1, 0, None], "[18446744073709551615, 0, null]"),
    "bool": ([True, None, False], "[true, null, false]"),
    "text": (["007", "", None], '["007", null, null]'),
    "float": ([1.5, None, 0.1], "[1.5, null, 0.1]"),
    "decimal": (
        [Decimal("19.90"), None, Decimal("12345678901234567890.10")],
        "[19.90, null, 12345678901234567890.10]",
    ),
    "date": ([dt.date(2026, 11, 23), None, dt.date(1, 1, 1)], '["2026-11-23", null, "0001-01-01"]'),
    "time": ([dt.time(10, 30), None, dt.time(1, 2, 3)], '["10:30:00", null, "01:02:03"]'),
    "moment": (
        [dt.datetime(2026, 11, 23, 6), None, dt.datetime(2026, 11, 23, 6, 0, 0, 5)],
        '["2026-11-23T06:00:00", null, "2026-11-23T06:00:00.000005"]',
    ),
    "list": ([["a", None], None, []], '[["a", null], null, []]'),
    "struct": (
        [{"a": 1, "on": dt.date(2026, 1, 2)}, None, {"a": None, "on": None}],
        '[{"a": 1, "on": "2026-01-02"}, null, {"a": null, "on": null}]',
    ),
    "empty": ([None, None, None], "[null, null, null]"),
}
CELLS = {f"objects.o.{name}": cells for name, (cells, _) in COLUMNS.items()}
RECORDS = [dict(zip(CELLS, row, strict=True)) for row in zip(*CELLS.values(), strict=True)]
ARROW = pa.table(
    {name: pa.array(cells, pa.uint64() if "big" in name else None) for name, cells in CELLS.items()}
)
FRAMES = {
    "pandas": lambda: pd.DataFrame(RECORDS, dtype=object),
    "list": lambda: RECORDS,
    "tuple": lambda: tuple(RECORDS),
    "pyarrow": lambda: ARROW,
    "batch": lambda: ARROW.to_batches()[0],
    "chunks": lambda: pa.concat_tables([ARROW.slice(0, 1), ARROW.slice(1)]),
    "polars": lambda: pl.from_arrow(ARROW),
    "duckdb": lambda: duckdb.from_arrow(ARROW),
}


def requests_of(table: object, **settings: object) -> list[object]:
    """Return the body of each request, with its numbers as they are written."""
    settings = {"event_handle": "e", "blanks": "null", "base_url": "http://127.0.0.1:1", **settings}
    rows = flxframe.preview(table, **settings).rows
    assert rows["error"].isna().all(), rows["error"].tolist()
    return rows["request"].tolist()


@pytest.mark.parametrize("kind", FRAMES)
def test_a_table_of_any_library_is_sent_as_a_pandas_table(kind) -> None:
    """Integers stay integers next to nulls, decimals keep digits, structs are objects."""
    rows = requests_of(FRAMES[kind]())
    assert rows == requests_of(FRAMES["pandas"]())

    for name, (_, expected) in COLUMNS.items():
        sent = [json.loads(row, parse_float=str)["objects"]["o"][name] for row in rows]
        assert sent == json.loads(expected, parse_float=str), name


def test_types_that_only_one_library_has() -> None:
    """Categories are texts, and a map is an object."""
    frame = pl.DataFrame(
        {
            "objects.o.category": pl.Series(["a", None], dtype=pl.Categorical),
            "objects.o.enum": pl.Series(["b", "a"], dtype=pl.Enum(["a", "b"])),
            "objects.o.small": pl.Series([1, None], dtype=pl.Float32) / 10,
            "objects.o.scores": pl.Series([[0.1, None], []], dtype=pl.List(pl.Float32)),
            "objects.o.size": pl.Series(
                [{"w": 0.1, "in": {"float": [0.2]}, "d": 0.1, "n": None}, None],
                dtype=pl.Struct(
                    {
                        "w": pl.Float32,
                        "in": pl.Struct({"float": pl.Array(pl.Float32, 1)}),
                        "d": pl.Float64,
                        "n": pl.List(pl.Float32),
                    }
                ),
            ),
            "objects.o.array": pl.Series([[1, 2], [3, 4]], dtype=pl.Array(pl.Int8, 2)),
        }
    )
    first, _ = requests_of(frame)
    assert json.loads(first)["objects"]["o"] == {
        "category": "a",
        "enum": "b",
        "small": 0.1,
        "scores": [0.1, None],
        "size": {"w": 0.1, "in": {"float": [0.2]}, "d": 0.1, "n": None},
        "array": [1, 2],
    }

    relation = duckdb.sql(
        "SELECT map {'k': 0.1::float} AS f, map {'k': 1} AS m, sum(x)::hugeint AS total, "
        "timestamptz '2026-11-23 06:00+01' AS at, [{'a': 1.50}] AS items FROM range(3) t(x)"
    )
    (sent,) = requests_of(relation, object_handle="o")
    assert sent == (
        '{"eventHandle":"e","objects":{"o":{"f":{"k":0.1},"m":{"k":1},"total":3,'
        '"at":"2026-11-23T05:00:00+00:00","items":[{"a":1.50}]}}}'
    )


@settings(deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"objects.o.n": st.none() | st.integers(-(2**63), 2**63 - 1)},
            optional={
                "objects.o.t": st.none() | st.text(st.characters(codec="utf-8")),
                "objects.o.b": st.none() | st.booleans(),
                "objects.o.l": st.none() | st.lists(st.none() | st.integers(0, 9), max_size=3),
            },
        ),
        min_size=1,
        max_size=5,
    )
)
def test_records_and_arrow_tables_agree(records) -> None:
    """A key that a dict does not have is a blank cell."""
    names = dict.fromkeys(name for record in records for name in record)
    columns = {name: [record.get(name) for record in records] for name in names}
    sent = flxframe.preview(records, event_handle="e").rows
    assert sent.equals(flxframe.preview(pa.table(columns), event_handle="e").rows)


class Branded(pd.DataFrame):
    """A subclass as other libraries have it."""

    @property
    def _constructor(self) -> type["Branded"]:
        return Branded


def test_a_result_is_a_pandas_table_that_every_function_takes(api, tmp_path: Path) -> None:
    """So do the tables of other libraries that were made of it."""
    table = pl.DataFrame({"eventHandle": ["order_import"], "objects.order.number": [7]})
    result = run(table, api, journal=tmp_path / "j.db")
    assert type(result) is pd.DataFrame
    assert result["run.status"].tolist() == ["ok"]

    shown = pl.from_pandas(result)
    assert len(flxframe.summary(shown)) == 1
    assert flxframe.changes(table, shown).equals(flxframe.changes(table, result))
    assert flxframe.highlight(table, shown).to_html().count("Hold") == 0
    assert flxframe.plot_changes(table, shown).get_title(loc="left")
    assert flxframe.plot_outcomes(shown).get_title(loc="left")
    assert Journal(tmp_path / "j.db").result(table)["run.status"].tolist() == ["ok"]

    path = flxframe.write_results(shown, tmp_path / "r.xlsx", before=table)
    assert read_table(path)["objects.order.number"].tolist() == [7]


@pytest.mark.parametrize("kind", [list, pl.DataFrame, pa.Table.from_pylist])
def test_lines_of_any_library_are_orders(api, tmp_path: Path, kind) -> None:
    """Their result is recalled after a way through another library, without a journal too."""
    number, sku = "objects.order.number", "objects.order.items[].sku"
    lines = [{number: text[0], sku: text} for text in ("1a", "1b", "2c")]
    table = kind(lines)
    settings = {"group_by": number, "event_handle": "order_import", "max_in_flight": 1}
    result = run(table, api, journal=tmp_path / "j.db", **settings)
    assert [len(arrival.body["objects"]["order"]["items"]) for arrival in api.runs] == [2, 1]

    recorded = Journal(tmp_path / "j.db").result(table, **settings)
    assert recorded["run.fingerprint"].tolist() == result["run.fingerprint"].tolist()
    again = run(pl.from_pandas(result), api, journal=False, **settings)
    assert again["run.recalled"].tolist() == [True] * 3
    assert flxframe.summary(pl.from_pandas(again))["orders"].tolist() == [2]
    assert len(api.runs) == 2


def test_a_subclass_is_used_as_a_plain_table(api) -> None:
    """Its own methods might do something else; its attributes are kept."""
    table = Branded({"eventHandle": ["order_import"], "objects.order.number": [7]})
    table.attrs["source"] = "mine"
    result = run(table, api)
    assert type(result) is pd.DataFrame
    assert as_frame(table, "a run").attrs == {"source": "mine"}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (7, "a run expects a table, .*, not a value of type int$"),
        ({"a": [1]}, "not a value of type dict$"),
        ([{"a": 1}, 7], r"not a list with 7 at position 1: write each row as \{'column': value"),
        ([["a", "b"]], r"not a list with \['a', 'b'\] at position 0"),
        (pl.LazyFrame({"a": [1]}), r"of type LazyFrame: call its \.collect\(\) first"),
        (pl.Series("a", [1]), "a polars Series can't be read as a table"),
        (pd.Series([1]), "a pandas Series is one column: pass its"),
        (pl.DataFrame({"a": pl.Series([1], dtype=pl.Int128)}), "a polars DataFrame can't be read"),
        (duckdb.sql("SELECT 'x'::INT AS a"), "a duckdb .* can't be read as a table .Conversion Er"),
        (pa.table({"a": [1]}).to_reader(), r"can be read only once.*: call its \.read_all\(\)"),
        (pa.table({"a": pa.array([2**30], pa.date32())}), "column 'a' of type date32.* can't be"),
    ],
)
def test_a_value_that_is_not_a_table_is_refused(value, message) -> None:
    """The message says how to turn it into one."""
    with pytest.raises(TableError, match=message):
        flxframe.run_workflows(value, token="secret", base_url="http://127.0.0.1:1")


def test_the_index_of_a_filtered_table_is_not_sent() -> None:
    """As a pandas table's own is not."""
    frame = pd.DataFrame({"sku": ["a", "b", "-", "c"]})
    filtered = frame[frame["sku"] > "-"]
    table = pa.Table.from_pandas(filtered)
    assert len(table.column_names) == 2
    assert requests_of(table, object_handle="o") == requests_of(filtered, object_handle="o")


def test_two_columns_with_one_name_are_refused() -> None:
    """A join in SQL makes them; one would hide the other."""
    table = pa.table([pa.array([1]), pa.array([2])], names=["objects.o.a", "objects.o.a"])
    with pytest.raises(TableError, match=r"two columns named 'objects\.o\.a'"):
        flxframe.preview(table, event_handle="e")


@pytest.mark.parametrize("table", [[], pa.table({}), pl.DataFrame({"objects.o.a": []})])
def test_an_empty_table_has_no_requests(table) -> None:
    """As an empty pandas table."""
    assert requests_of(table) == []


def test_without_pyarrow_the_message_says_what_to_install() -> None:
    """It is an optional dependency; pandas tables and lists need no other library."""
    code = """
import sys
sys.modules["pyarrow"] = None
import flxframe
class Table:
    def __arrow_c_stream__(self, requested_schema=None): ...
print(len(flxframe.preview([{"eventHandle": "e"}]).rows))
try:
    flxframe.preview(Table())
except flxframe.TableError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "1",
        "a __main__ Table requires pyarrow; install it with: pip install 'flxframe[formats]'",
    ], done.stderr
