"""How long large files take, beside what pandas takes for the same files: ``python -m tests.benchmarks.files``.

Each measurement is made in a process of its own, so that its peak of memory is its own too.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from flxframe.tables import read_table, write_results
from tests.benchmarks.processes import apart, peak_mib

ROWS = 100_000
CSV_MEGABYTES = 100


def example(rows: int) -> pd.DataFrame:
    """Make a table of 20 columns: texts, postcodes, whole numbers, prices, dates, booleans and blanks."""
    day = dt.date(2026, 1, 1)
    columns: dict[str, list[object]] = {"eventHandle": ["order_import"] * rows, "params.sourceId": [12] * rows}
    for number in range(4):
        columns[f"objects.order.text{number}"] = [f"Some text {row * 7919 % rows}" for row in range(rows)]
        columns[f"objects.order.postal{number}"] = [f"{row % 100_000:05}" for row in range(rows)]
        columns[f"objects.order.count{number}"] = [row * 31 % 1000 for row in range(rows)]
        columns[f"objects.order.price{number}"] = [row % 977 + 0.95 for row in range(rows)]
    columns["objects.order.placedAt"] = [day + dt.timedelta(days=row % 365) for row in range(rows)]
    columns["objects.order.isGift"] = [None if row % 3 else True for row in range(rows)]
    return pd.DataFrame(columns)


def _actions(folder: Path) -> dict[str, tuple[str, Callable[[], object]]]:
    """Return what is measured: by name, what it does and how."""
    book, text = folder / "orders.xlsx", folder / "orders.csv"
    return {
        "xlsx read, flxframe": ("read_table", lambda: read_table(book)),
        "xlsx read, pandas": ("read_excel", lambda: pd.read_excel(book)),
        "xlsx written, flxframe": ("write_results", lambda: write_results(_TABLE, folder / "a.xlsx", force=True)),
        "xlsx written, pandas": ("to_excel", lambda: _TABLE.to_excel(folder / "b.xlsx", index=False)),
        "xlsx mended, flxframe": (
            "write_results(template=)",
            lambda: write_results(_result(), folder / "c.xlsx", template=book, force=True),
        ),
        "csv read, flxframe": ("read_table", lambda: read_table(text)),
        "csv read, pandas": ("read_csv", lambda: pd.read_csv(text)),
        "csv written, flxframe": ("write_results", lambda: write_results(_TABLE, folder / "a.csv", force=True)),
        "csv written, pandas": ("to_csv", lambda: _TABLE.to_csv(folder / "b.csv", index=False)),
    }


_TABLE = pd.DataFrame()


def _result() -> pd.DataFrame:
    """Make a result of which each hundredth row was changed and each fiftieth rejected."""
    result = _TABLE.copy()
    result["objects.order.text0"] = [
        f"{text}!" if row % 100 == 0 else text for row, text in enumerate(_TABLE.iloc[:, 2])
    ]
    result["run.status"] = ["rejected" if row % 50 == 1 else "ok" for row in range(len(result))]
    result["run.http_status"] = 200
    result["run.error"] = None
    return result


def measure(name: str, folder: Path) -> dict[str, object]:
    """Measure one action in this process."""
    global _TABLE
    if "written" in name or "mended" in name:
        _TABLE = example(ROWS)
    call, action = _actions(folder)[name]
    start = time.perf_counter()
    action()
    seconds = time.perf_counter() - start
    return {"what": name, "call": call, "seconds": round(seconds, 1), "peak MiB": round(peak_mib())}


def run() -> list[dict[str, object]]:
    """Make the files, measure each action, and return a row for each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        apart(make, folder)
        return [apart(measure, what, folder) for what in _actions(folder)]


def make(folder: Path) -> None:
    """Make the files that are read."""
    table = example(ROWS)
    write_results(table, folder / "orders.xlsx")
    copies = 1 + CSV_MEGABYTES * 10**6 // len(table.to_csv(index=False))
    pd.concat([table] * copies, ignore_index=True).to_csv(folder / "orders.csv", index=False)


if __name__ == "__main__":
    print(pd.DataFrame(run()).to_string(index=False))
