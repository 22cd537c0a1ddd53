"""The cost of a row besides the wait: to send it, to check it, and to flatten its answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
import requests

import flxframe
from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.options import RunOptions
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder
from tests.benchmarks.echo import echo
from tests.benchmarks.orders import TOKEN, body, table
from tests.benchmarks.processes import in_fresh_process, peak_mib, reset_peak
from tests.benchmarks.report import Line, spread

ROWS_SENT = 3_000
ROWS_CHECKED = 200_000
ORDERS_CHECKED = 60_000
COLUMNS = 20
ANSWERS = 20_000
RUNS = 3

_ITEM_KEYS = [
    "sku",
    "name",
    "quantity",
    "price",
    "shippingAddress.postal",
    "shippingAddress.countryCode",
]


def run() -> list[Line]:
    """Measure all of them, each in fresh processes."""
    return [*_sending(), _checking(), _grouping(), *_flattening()]


def _sending() -> list[Line]:
    own, reference = [], []
    with echo() as url:
        for _ in range(RUNS):
            own.append(in_fresh_process(send, url))
            reference.append(in_fresh_process(post, url))

    speed = f"rows a second at rate=None, {ROWS_SENT:,} rows; reference: a loop of requests.Session"
    return [
        Line(speed, _rows_per_second(own), _rows_per_second(reference)),
        Line("seconds of CPU for 1,000 of them", _cpu(own), _cpu(reference)),
    ]


def _rows_per_second(times: list[tuple[float, float]]) -> str:
    return spread([ROWS_SENT / seconds for seconds, _ in times], ".0f")


def _cpu(times: list[tuple[float, float]]) -> str:
    return spread([1000 * cpu / ROWS_SENT for _, cpu in times])


def send(url: str) -> tuple[float, float]:
    """Run a table; return the seconds, and the seconds of CPU."""
    data = table(ROWS_SENT)
    result, times = _timed(
        lambda: flxframe.run_workflows(data, token=TOKEN, base_url=url, rate=None, progress=False)
    )
    if (result["run.status"] != "ok").any():
        raise AssertionError("a row is not ok")

    return times


def post(url: str) -> tuple[float, float]:
    """Send the same requests in a loop of a few lines, one after the other."""
    session = requests.Session()

    def loop() -> None:
        for number in range(ROWS_SENT):
            answer = session.post(
                f"{url}/workflow/run", json=body(number), headers={"X-API-TOKEN": TOKEN}
            )
            answer.raise_for_status()
            answer.json()

    return _timed(loop)[1]


def _timed(action: Callable[[], Any]) -> tuple[Any, tuple[float, float]]:
    start, cpu = time.perf_counter(), time.process_time()
    result = action()
    return result, (time.perf_counter() - start, time.process_time() - cpu)


def _checking() -> Line:
    runs = [in_fresh_process(check) for _ in range(RUNS)]
    seconds, memory = zip(*runs, strict=True)

    label = (
        f"{ROWS_CHECKED:,} rows of {COLUMNS} columns checked and built: "
        "seconds; MiB in addition to the table"
    )
    return Line(label, f"{spread(seconds, '.1f')}; {spread(memory, '.0f')}", goal="< 10 s")


def check() -> tuple[float, float]:
    """Build and drop each row's request; return the seconds, and by how many MiB the peak grew."""
    data = _table_to_check()
    reset_peak()
    before, start = peak_mib(), time.perf_counter()

    count = sum(isinstance(request, RunWorkflowRequest) for _, request in Plan(data).requests())
    if count != ROWS_CHECKED:
        raise AssertionError("a row is invalid")

    return time.perf_counter() - start, peak_mib() - before


def _grouping() -> Line:
    grouped, alone = [], []
    for _ in range(RUNS):
        alone.append(in_fresh_process(check_lines, False))
        grouped.append(in_fresh_process(check_lines, True))

    seconds, memory = zip(*grouped, strict=True)
    ratios = [own / other for (own, _), (other, _) in zip(grouped, alone, strict=True)]
    label = (
        f"{ROWS_CHECKED:,} lines of {ORDERS_CHECKED:,} orders checked and built: seconds; MiB in "
        "addition to the table; time / that of the same rows ungrouped"
    )
    figure = f"{spread(seconds, '.1f')}; {spread(memory, '.0f')}; {spread(ratios)}"
    return Line(label, figure, goal="< 10 s; < 200 MiB; <= 1.5")


def check_lines(is_grouped: bool) -> tuple[float, float]:
    """Build and drop the requests of lines; return the seconds, and by how many MiB they grew."""
    settings = {"group_by": "Order"} if is_grouped else {}
    data = _lines_to_check("[]" if is_grouped else "[0]")
    reset_peak()
    before, start = peak_mib(), time.perf_counter()

    plan, _ = RunOptions(**settings).plan(data)
    count = sum(isinstance(request, RunWorkflowRequest) for _, request in plan.requests())
    if count != (ORDERS_CHECKED if is_grouped else ROWS_CHECKED):
        raise AssertionError("a request is invalid")

    return time.perf_counter() - start, peak_mib() - before


def _lines_to_check(item: str) -> pd.DataFrame:
    """Return lines in which the columns of an order are filled on its first one."""
    numbers = [row * ORDERS_CHECKED // ROWS_CHECKED for row in range(ROWS_CHECKED)]
    columns: dict[str, Any] = {"Order": numbers, "eventHandle": "order_import"}
    is_first = ~pd.Series(numbers).duplicated()
    for key in ("number", *_ITEM_KEYS[3:]):
        cells = pd.Series([f"{number:07}" for number in numbers], dtype=object)
        columns[f"objects.order.{key}"] = cells.where(is_first, None)
    for number, key in enumerate(_ITEM_KEYS[:4]):
        columns[f"objects.order.items{item}.{key}"] = _cells(number)
    return pd.DataFrame(columns)


def _table_to_check() -> pd.DataFrame:
    columns: dict[str, Any] = {"eventHandle": "order_import"}
    for number in range(COLUMNS - 1):
        item, key = divmod(number, len(_ITEM_KEYS))
        columns[f"objects.order.items[{item}].{_ITEM_KEYS[key]}"] = _cells(number)

    return pd.DataFrame(columns)


def _cells(number: int) -> list[object]:
    """Return the cells of a column: of every three columns, one is of numbers."""
    if number % 3:
        return [f"{row:07}" for row in range(ROWS_CHECKED)]
    if number % 2:
        return [row / 8 for row in range(ROWS_CHECKED)]
    return list(range(ROWS_CHECKED))


def _flattening() -> list[Line]:
    lines = []
    for kind, lists in (
        ("without lists", False),
        ("with lists, which json_normalize leaves as they are", True),
    ):
        ratios = [in_fresh_process(flatten, lists) for _ in range(RUNS)]
        label = f"{ANSWERS:,} answers {kind}: time to flatten them / pandas.json_normalize"
        lines.append(Line(label, spread(ratios), goal="<= 1"))

    return lines


def flatten(lists: bool) -> float:
    """Return the CPU time of flxframe's columns over that of pandas', for the same objects."""
    text = json.dumps({"order": _order(lists)})
    answers = [json.loads(text) for _ in range(ANSWERS)]
    outcomes = [Outcome("ok", 200, None, answer) for answer in answers]
    plan = Plan(pd.DataFrame({"eventHandle": ["order_import"] * ANSWERS}))
    request = RunWorkflowRequest(eventHandle="order_import")

    def build() -> pd.DataFrame:
        results = ResultBuilder(plan)
        for position, outcome in enumerate(outcomes):
            results.add(position, outcome, request)
        return results.frame()

    _, (_, own_cpu) = _timed(build)
    _, (_, pandas_cpu) = _timed(lambda: pd.json_normalize(answers))
    return own_cpu / pandas_cpu


def _order(lists: bool) -> dict[str, Any]:
    items = [{"sku": "007", "price": 19.9, "quantity": number} for number in range(3)]
    address = {
        "name": "Ann",
        "addressLine1": "1 Main St",
        "city": "Troy",
        "postal": "02134",
        "countryCode": "US",
    }
    order: dict[str, Any] = {
        "number": "0001",
        "status": "Hold",
        "total": 59.7,
        "shippingAddress": address,
    }

    if lists:
        return {**order, "tags": ["International", "Gift"], "items": items}

    for number, item in enumerate(items):
        order[f"item{number}"] = item
    return order
