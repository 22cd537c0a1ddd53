"""Calls that only mypy checks; it reports an ignored error that is not one."""

from pathlib import Path

import duckdb
import pandas as pd
import polars as pl

import flxframe
from flxframe import Journal, Preview

table = pd.DataFrame()
result: pd.DataFrame = flxframe.run_workflows(table, event_handle="e", rate=None, journal=Path("j"))
planned: Preview = flxframe.preview("orders.xlsx", columns={"Note": None}, blanks="null")
recorded: pd.DataFrame = Journal("j.db").result(table, token={"EU": "t"}, token_column="Store")
read: pd.DataFrame = flxframe.read_table("orders.csv", dtype={"zip": str, "n": "integer"})
written: Path = flxframe.write_results(result, "out.xlsx", overwrite=True)
template: Path = flxframe.write_template("orders.xlsx", event_handle="e", lines=True)
of_a_list: pd.DataFrame = flxframe.run_workflows([{"eventHandle": "e"}])
relation: duckdb.DuckDBPyRelation = duckdb.from_arrow(pl.DataFrame())
of_arrow: pd.DataFrame = flxframe.changes(pl.DataFrame(), relation)
of_a_sheet: Preview = flxframe.preview("orders.xlsx", sheet="Orders", header_row=3, dtype={})
version: str = flxframe.__version__

flxframe.run_workflows(table, "order_import")  # type: ignore[call-arg]
flxframe.run_workflows(table, handle="order")  # type: ignore[call-arg]
flxframe.run_workflows(table, rate="2")  # type: ignore[arg-type]
flxframe.run_workflows([7])  # type: ignore[list-item]
flxframe.preview("orders.xlsx", sheet=1)  # type: ignore[arg-type]
flxframe.run_workflows(7)  # type: ignore[arg-type]
flxframe.preview(table, blanks="nothing")  # type: ignore[arg-type]
flxframe.preview(table, nulls="null")  # type: ignore[call-arg]
Journal("j.db").result("orders.xlsx")  # type: ignore[arg-type]
