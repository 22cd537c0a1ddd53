"""The time that large files take, next to pandas for the same files at the same time."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd

from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from tests.benchmarks.processes import in_fresh_process, peak_mib
from tests.benchmarks.report import Line

ROWS = 100_000
CSV_MEGABYTES = 100

READS: dict[str, Callable[[Path], object]] = {
    "read_table(xlsx)": lambda folder: read_table(folder / "orders.xlsx"),
    "read_excel": lambda folder: pd.read_excel(folder / "orders.xlsx"),
    "read_table(csv)": lambda folder: read_table(folder / "orders.csv"),
    "read_csv": lambda folder: pd.read_csv(folder / "orders.csv"),
}

WRITES: dict[str, Callable[[Path, pd.DataFrame], object]] = {
    "write_results(xlsx)": lambda folder, table: write_results(table, folder / "a.xlsx"),
    "write_results(template=)": lambda folder, table: write_results(
        _result(table), folder / "b.xlsx", template=folder / "orders.xlsx"
    ),
    "to_excel": lambda folder, table: table.to_excel(folder / "c.xlsx", index=False),
    "write_results(csv)": lambda folder, table: write_results(table, folder / "a.csv"),
    "to_csv": lambda folder, table: table.to_csv(folder / "b.csv", index=False),
}

PAIRS = [
    (
        f"{ROWS:,} rows x 20 columns, .xlsx read",
        "read_table(xlsx)",
        "read_excel",
        "< 40 s, < 1024 MiB",
    ),
    ("the same written", "write_results(xlsx)", "to_excel", "< 60 s"),
    ("the same edited in place, 1 row in 50 refused", "write_results(template=)", "", ""),
    (f"a .csv of {CSV_MEGABYTES} MB read", "read_table(csv)", "read_csv", ""),
    (f"a .csv of {ROWS:,} rows x 20 columns written", "write_results(csv)", "to_csv", ""),
]
"""Of each measurement: the label, the action of flxframe, the action of pandas, and the goal."""


def example(rows: int) -> pd.DataFrame:
    """Return 20 columns of texts, postcodes, whole numbers, prices, dates, booleans and blanks."""
    numbers = range(rows)
    columns: dict[str, list[object]] = {
        "eventHandle": ["order_import"] * rows,
        "params.sourceId": [12] * rows,
    }

    for number in range(4):
        columns[f"objects.order.text{number}"] = [f"Some text {n * 7919 % rows}" for n in numbers]
        columns[f"objects.order.postal{number}"] = [f"{n % 100_000:05}" for n in numbers]
        columns[f"objects.order.count{number}"] = [n * 31 % 1000 for n in numbers]
        columns[f"objects.order.price{number}"] = [n % 977 + 0.95 for n in numbers]

    day = dt.date(2026, 1, 1)
    columns["objects.order.placedAt"] = [day + dt.timedelta(days=n % 365) for n in numbers]
    columns["objects.order.isGift"] = [n % 3 == 0 or None for n in numbers]
    return pd.DataFrame(columns)


def _result(table: pd.DataFrame) -> pd.DataFrame:
    """Return a result in which each hundredth row was changed and each fiftieth rejected."""
    texts = list(table["objects.order.text0"])
    for row in range(0, len(texts), 100):
        texts[row] += "!"

    statuses = ["ok"] * len(table)
    for row in range(1, len(statuses), 50):
        statuses[row] = "rejected"

    columns: dict[str, Any] = {
        "objects.order.text0": texts,
        "run.status": statuses,
        "run.http_status": 200,
        "run.error": None,
    }
    return table.assign(**columns)


def measure(name: str, folder: Path) -> str:
    """Measure one action in this process: seconds, and the peak of memory."""
    table = example(ROWS) if name in WRITES else pd.DataFrame()

    start = time.perf_counter()
    if name in WRITES:
        WRITES[name](folder, table)
    else:
        READS[name](folder)
    seconds = time.perf_counter() - start

    function = name.partition("(")[0]
    return f"{seconds:.1f} s, {peak_mib():.0f} MiB ({function})"


def run() -> list[Line]:
    """Make the files, and measure flxframe on one core while pandas is measured on the other."""
    own_names = [own for _, own, _, _ in PAIRS]
    pandas_names = [reference for _, _, reference, _ in PAIRS if reference]

    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(2) as pool:
        folder = Path(name)
        files = pool.submit(in_fresh_process, make, folder)

        def measure_pandas() -> dict[str, str]:
            # Its writes first: they do not need the files.
            figures = _measure_all([name for name in pandas_names if name in WRITES], folder)
            files.result()
            return figures | _measure_all([name for name in pandas_names if name in READS], folder)

        references = pool.submit(measure_pandas)
        files.result()
        figures = _measure_all(own_names, folder) | references.result()

    return [
        Line(label, figures[own], figures.get(reference, ""), goal)
        for label, own, reference, goal in PAIRS
    ]


def _measure_all(names: Sequence[str], folder: Path) -> dict[str, str]:
    return {name: in_fresh_process(measure, name, folder) for name in names}


def make(folder: Path) -> None:
    """Make the files that are read."""
    table = example(ROWS)
    write_results(table, folder / "orders.xlsx")

    copies = 1 + CSV_MEGABYTES * 10**6 // len(table.to_csv(index=False))
    large = pd.concat([table] * copies, ignore_index=True)
    large.to_csv(folder / "orders.csv", index=False)
