"""How long large files take, beside what pandas takes for the same files in the same minutes, on another core."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from tests.benchmarks.processes import apart, peak_mib
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
    ("the same mended in place, 1 row in 50 refused", "write_results(template=)", "", ""),
    (f"a .csv of {CSV_MEGABYTES} MB read", "read_table(csv)", "read_csv", ""),
    (f"a .csv of {ROWS:,} rows x 20 columns written", "write_results(csv)", "to_csv", ""),
]


def example(rows: int) -> pd.DataFrame:
    """Make a table of 20 columns: texts, postcodes, whole numbers, prices, dates, booleans and blanks."""
    day = dt.date(2026, 1, 1)
    columns: dict[str, list[object]] = {
        "eventHandle": ["order_import"] * rows,
        "params.sourceId": [12] * rows,
    }
    for number in range(4):
        columns[f"objects.order.text{number}"] = [
            f"Some text {row * 7919 % rows}" for row in range(rows)
        ]
        columns[f"objects.order.postal{number}"] = [f"{row % 100_000:05}" for row in range(rows)]
        columns[f"objects.order.count{number}"] = [row * 31 % 1000 for row in range(rows)]
        columns[f"objects.order.price{number}"] = [row % 977 + 0.95 for row in range(rows)]
    columns["objects.order.placedAt"] = [day + dt.timedelta(days=row % 365) for row in range(rows)]
    columns["objects.order.isGift"] = [None if row % 3 else True for row in range(rows)]
    return pd.DataFrame(columns)


def _result(table: pd.DataFrame) -> pd.DataFrame:
    """Make a result of which each hundredth row was changed and each fiftieth rejected."""
    texts = enumerate(table["objects.order.text0"])
    return table.assign(
        **{
            "objects.order.text0": [text if row % 100 else f"{text}!" for row, text in texts],
            "run.status": ["rejected" if row % 50 == 1 else "ok" for row in range(len(table))],
            "run.http_status": 200,
            "run.error": None,
        }
    )


def measure(name: str, folder: Path) -> str:
    """Measure one action in this process: seconds, and the peak of memory."""
    table = example(ROWS) if name in WRITES else pd.DataFrame()
    start = time.perf_counter()
    if name in WRITES:
        WRITES[name](folder, table)
    else:
        READS[name](folder)
    seconds = time.perf_counter() - start
    return f"{seconds:.1f} s, {peak_mib():.0f} MiB ({name.partition('(')[0]})"


def run() -> list[Line]:
    """Make the files and measure ours on one core, while pandas' are measured on the other."""
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(2) as pool:
        folder = Path(name)
        made = pool.submit(apart, make, folder)

        def measure_theirs() -> dict[str, str]:
            names = [theirs for _, _, theirs, _ in PAIRS]
            written = {name: apart(measure, name, folder) for name in names if name in WRITES}
            made.result()
            return written | {name: apart(measure, name, folder) for name in names if name in READS}

        beside = pool.submit(measure_theirs)
        made.result()
        mine = {ours: apart(measure, ours, folder) for _, ours, _, _ in PAIRS}
        return [
            Line(what, mine[ours], beside.result().get(theirs, ""), goal)
            for what, ours, theirs, goal in PAIRS
        ]


def make(folder: Path) -> None:
    """Make the files that are read."""
    table = example(ROWS)
    write_results(table, folder / "orders.xlsx")
    copies = 1 + CSV_MEGABYTES * 10**6 // len(table.to_csv(index=False))
    pd.concat([table] * copies, ignore_index=True).to_csv(folder / "orders.csv", index=False)
