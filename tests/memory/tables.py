"""What a user does to tables between runs: files, sorts, copies and edits."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule

from flxframe import read_table, write_results
from flxframe.sandbox import sandbox
from tests.memory.model import (
    COLUMNS,
    COUNTRY,
    NOTE,
    NUMBER,
    SOURCE,
    Model,
    hold,
    is_blank,
)

EVENT = "order_import"
TOKENS = ("first-token", "second-token", "third-token")
MAX_ROWS = 9

numbers = st.sampled_from(["A1", "A2", "0003"])


class Tables(RuleBasedStateMachine):
    """A user's tables, and what is done to them between runs."""

    tables = Bundle("tables")
    steps = 0
    counts: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="histories-"))
        self.api = sandbox(tokens=TOKENS, limit=None).start()
        self.api.add_workflow(EVENT, hold)
        self.model = Model(self.api)
        self.paths = {name: self.folder / f"{name}.db" for name in ("named", "default")}
        self.token = 0
        self.renews = True
        self.children = 0
        self.files = 0
        self.variables = dict(os.environ)

    def teardown(self) -> None:
        """Stop the sandbox, and remove the files."""
        os.environ.pop("FLXFRAME_JOURNAL", None)
        self.api.stop()
        shutil.rmtree(self.folder)

    def count(self, name: str) -> None:
        """Count a step."""
        type(self).steps += 1
        type(self).counts[name] += 1

    @rule(
        target=tables,
        rows=st.lists(st.tuples(numbers, st.booleans(), st.booleans()), min_size=1, max_size=4),
        invalid=st.booleans(),
    )
    def new_table(self, rows: list[Any], invalid: bool) -> pd.DataFrame:
        """Write a table in which some rows are equal."""
        self.count("new table")
        records = [self.new_row(*row) for row in [*rows, rows[0]]]
        if invalid:
            records[-1][SOURCE] = "x"
        return pd.DataFrame(records, columns=COLUMNS).astype({NOTE: object, SOURCE: object})

    def new_row(self, number: str, abroad: bool, noted: bool) -> dict[str, Any]:
        """Return a row with an intent of its own."""
        return {
            "intent": self.model.new_intent(),
            "eventHandle": EVENT,
            NUMBER: number,
            COUNTRY: "CA" if abroad else "US",
            NOTE: "a note" if noted else None,
            SOURCE: None,
        }

    @rule(target=tables, table=tables, kind=st.sampled_from(["xlsx", "csv", "jsonl", "parquet"]))
    def through_a_file(self, table: pd.DataFrame, kind: str) -> pd.DataFrame:
        """Write a table to a file, and read it again."""
        self.count(f".{kind}")
        self.files += 1
        path = self.folder / f"{self.files}.{kind}"
        writable = table.copy()
        writable[SOURCE] = [None if is_blank(cell) else str(cell) for cell in table[SOURCE]]
        read = read_table(write_results(writable, path))
        for name in COLUMNS:
            if name not in read.columns:
                read[name] = None
        read["intent"] = table["intent"].to_numpy()
        return read

    @rule(target=tables, first=tables, second=tables)
    def concatenate(self, first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
        """Put two tables under one another."""
        self.count("concatenate")
        parts = [part.astype(object) for part in (first, second)]
        return self.distinct(pd.concat(parts, ignore_index=True).head(MAX_ROWS))

    @rule(
        target=tables, table=tables, random=st.randoms(use_true_random=False), marks=st.booleans()
    )
    def sort(self, table: pd.DataFrame, random: Any, marks: bool) -> pd.DataFrame:
        """Sort all columns, or leave `run.*` behind."""
        self.count("sort" if marks else "sort without run.*")
        order = list(range(len(table)))
        random.shuffle(order)
        if marks or "x" in set(table[SOURCE]):
            return table.iloc[order].reset_index(drop=True)
        names = [name for name in table.columns if not name.startswith("run.")]
        rest = [name for name in table.columns if name.startswith("run.")]
        moved = table[names].iloc[order].reset_index(drop=True)
        return pd.concat([moved, table[rest].reset_index(drop=True)], axis=1)

    @rule(target=tables, table=tables, number=st.integers(0, MAX_ROWS))
    def drop_row(self, table: pd.DataFrame, number: int) -> pd.DataFrame:
        """Delete a row, if one is left."""
        self.count("drop a row")
        if len(table) < 2:
            return table
        return table.drop(index=number % len(table)).reset_index(drop=True)

    @rule(target=tables, table=tables, names=st.sampled_from(["all", "all", "run.fingerprint"]))
    def drop_marks(self, table: pd.DataFrame, names: str) -> pd.DataFrame:
        """Delete the `run.*` columns, or the fingerprints alone."""
        self.count(f"drop {names}")
        prefix = "run." if names == "all" else names
        names = [name for name in table.columns if name.startswith(prefix)]
        return self.distinct(table.drop(columns=names))

    @rule(
        target=tables,
        table=tables,
        number=st.integers(0, MAX_ROWS),
        edited=st.booleans(),
        top=st.booleans(),
    )
    def copy_row(self, table: pd.DataFrame, number: int, edited: bool, top: bool) -> pd.DataFrame:
        """Copy a row with its `run.*` cells; perhaps edit the copy into a new order."""
        self.count("copy a row, edited" if edited else "copy a row")
        table = table.astype(object)
        row = table.iloc[[number % len(table)]].copy()
        if edited:
            intent = self.model.new_intent()
            row["intent"], row[NUMBER], row[SOURCE] = intent, f"e{intent}", None
        parts = [row, table] if top else [table, row]
        return self.distinct(pd.concat(parts, ignore_index=True).tail(MAX_ROWS))

    def distinct(self, table: pd.DataFrame) -> pd.DataFrame:
        """Give copies of rows that were not done an intent of their own.

        Nothing distinguishes them from equal rows of a table, which are all meant.
        """
        table = table.reset_index(drop=True)
        rows = table.to_dict("records")
        seen = {row["intent"] for row in rows if self.model.is_done(row)}
        for position, row in enumerate(rows):
            if self.model.is_done(row):
                continue
            if row["intent"] in seen:
                table.loc[position, "intent"] = self.model.new_intent()
            seen.add(row["intent"])
        return table.astype({"intent": int})

    @rule(target=tables, table=tables, number=st.integers(0, MAX_ROWS), top=st.booleans())
    def append_equal_row(self, table: pd.DataFrame, number: int, top: bool) -> pd.DataFrame:
        """Add a row that is equal to another, as it was before it ran, with an own intent."""
        self.count("append an equal row")
        table = table.astype(object)
        row = table[COLUMNS].iloc[[number % len(table)]].copy()
        row["intent"] = self.model.new_intent()
        parts = [row, table] if top else [table, row]
        both = pd.concat(parts, ignore_index=True)
        return both.tail(MAX_ROWS).astype({"intent": int}).reset_index(drop=True)

    @rule(
        target=tables,
        table=tables,
        number=st.integers(0, MAX_ROWS),
        to=st.sampled_from(["new", "A1"]),
    )
    def edit_row(self, table: pd.DataFrame, number: int, to: str) -> pd.DataFrame:
        """Correct a row: it means something new; perhaps it equals another one by now."""
        self.count("edit a row")
        table = table.astype(object)
        position = number % len(table)
        intent = self.model.new_intent()
        value = f"e{intent}" if to == "new" else to
        if table[NUMBER].iloc[position] != value:
            table.iloc[position, table.columns.get_loc("intent")] = intent
            table.iloc[position, table.columns.get_loc(NUMBER)] = value
        table.iloc[position, table.columns.get_loc(SOURCE)] = None
        return table.astype({"intent": int})
