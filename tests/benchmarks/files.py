"""The CPU time and memory that large files take, next to the best of the others: best of three."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.preview import preview
from flxframe.result.compare import changes
from tests.benchmarks.processes import in_fresh_process, peak_mib, reset_peak
from tests.benchmarks.report import Line

ROWS = 100_000
CSV_MEGABYTES = 100

RUNS = 3

READS: dict[str, Callable[[Path], object]] = {
    "read_table(xlsx)": lambda folder: read_table(folder / "orders.xlsx"),
    "read_table(shared)": lambda folder: read_table(folder / "shared.xlsx"),
    "read_excel(calamine)": lambda folder: _read_excel(folder / "orders.xlsx"),
    "read_excel(shared)": lambda folder: _read_excel(folder / "shared.xlsx"),
    "read_table(csv)": lambda folder: read_table(folder / "orders.csv"),
    "read_csv(dtype=str)": lambda folder: pd.read_csv(folder / "orders.csv", dtype=str),
    "read_table(own csv)": lambda folder: read_table(folder / "own.csv"),
    "read_csv(own)": lambda folder: pd.read_csv(folder / "own.csv", dtype=str),
    "preview(xlsx)": lambda folder: str(preview(folder / "orders.xlsx", base_url=NOWHERE)),
}

WRITES: dict[str, Callable[[Path, pd.DataFrame], object]] = {
    "write_results(xlsx)": lambda folder, table: write_results(table, folder / "a.xlsx"),
    "write_results(template=)": lambda folder, table: write_results(
        _result(table), folder / "b.xlsx", template=folder / "orders.xlsx"
    ),
    "to_excel(xlsxwriter)": lambda folder, table: table.to_excel(
        folder / "c.xlsx", index=False, engine="xlsxwriter"
    ),
    "write_results(csv)": lambda folder, table: write_results(table, folder / "a.csv"),
    "to_csv": lambda folder, table: table.to_csv(folder / "b.csv", index=False),
    "changes": lambda _, table: changes(table, _result(table)),
}

NOWHERE = "http://127.0.0.1:9"
"""Nothing is sent there."""

SIZE = f"{ROWS:,} rows x 20 columns"
PAIRS = [
    (f"{SIZE}, .xlsx read", "read_table(xlsx)", "read_excel(calamine)", "<= 1.5, <= 1.5"),
    ("the same as XlsxWriter writes it", "read_table(shared)", "read_excel(shared)", ""),
    ("its preview, compared with reading it", "preview(xlsx)", "read_table(xlsx)", "<= 1.5"),
    (f"a .csv of {CSV_MEGABYTES} MB read", "read_table(csv)", "read_csv(dtype=str)", "<= 3"),
    (f"{SIZE}, flxframe's own .csv read", "read_table(own csv)", "read_csv(own)", ""),
    (f"{SIZE}, .xlsx written", "write_results(xlsx)", "to_excel(xlsxwriter)", "<= 0.8, <= 1"),
    (
        "the same edited in place, 1 row in 50 refused",
        "write_results(template=)",
        "to_excel(xlsxwriter)",
        "<= 1.2",
    ),
    (f"{SIZE}, .csv written", "write_results(csv)", "to_csv", "<= 3"),
    (f"{SIZE}, 1 row in 100 changed: changes()", "changes", "", "< 3 s"),
]
"""Of each measurement: the label, the action of flxframe, that of the reference, and the goal."""


def _read_excel(path: Path) -> pd.DataFrame:
    return pd.read_excel(path, engine="calamine")


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


def measure(name: str, folder: Path) -> tuple[float, float]:
    """Measure one action in this process: seconds of CPU, and the peak of memory in MiB."""
    table = example(ROWS) if name in WRITES else pd.DataFrame()
    for path in folder.glob("[abc].*"):  # of the runs before
        path.unlink()

    reset_peak()
    start = time.process_time()
    if name in WRITES:
        WRITES[name](folder, table)
    else:
        READS[name](folder)
    return time.process_time() - start, peak_mib()


def run() -> list[Line]:
    """Make the files, and measure all actions in turn, each in a fresh process."""
    names = {own: None for _, own, _, _ in PAIRS} | {other: None for _, _, other, _ in PAIRS}
    names.pop("", None)

    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        in_fresh_process(make, folder)
        for _ in range(RUNS):
            for action, runs in figures.items():
                runs.append(in_fresh_process(measure, action, folder))

    best = {action: tuple(map(min, zip(*runs, strict=True))) for action, runs in figures.items()}
    lines = []
    for label, own, other, goal in PAIRS:
        seconds, memory = best[own]
        figure = f"{seconds:.1f} s, {memory:.0f} MiB"
        if not other:
            lines.append(Line(label, figure, goal=goal))
            continue

        peer_seconds, peer_memory = best[other]
        reference = f"{peer_seconds:.1f} s, {peer_memory:.0f} MiB ({other})"
        ratios = f"{seconds / peer_seconds:.2f}, {memory / peer_memory:.2f}"
        lines.append(Line(label, f"{ratios} ({figure})", reference, goal))
    return lines


def make(folder: Path) -> None:
    """Make the files that are read."""
    table = example(ROWS)
    write_results(table, folder / "orders.xlsx")
    write_results(table, folder / "own.csv")
    table.to_excel(folder / "shared.xlsx", index=False, engine="xlsxwriter")

    copies = 1 + CSV_MEGABYTES * 10**6 // len(table.to_csv(index=False))
    large = pd.concat([table] * copies, ignore_index=True)
    large.to_csv(folder / "orders.csv", index=False)
