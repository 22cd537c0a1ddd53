"""What a row costs beside the waiting: its sending, its checking, and what its answer takes to be laid flat."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
import requests

import flxframe
from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder
from tests.benchmarks.echo import echo
from tests.benchmarks.orders import TOKEN, body, table
from tests.benchmarks.processes import apart, forget_peak, peak_mib
from tests.benchmarks.report import Line, spread

SENT = 3_000
CHECKED = 200_000
COLUMNS = 20
FLATTENED = 20_000
RUNS = 3


def run() -> list[Line]:
    """Measure all three, each in processes of its own."""
    return [*_sending(), _checking(), *_flattening()]


def _sending() -> list[Line]:
    with echo() as url:
        turns = [(apart(send, url), apart(post, url)) for _ in range(RUNS)]
    ours, theirs = zip(*turns, strict=True)
    return [
        Line(
            f"rows a second at rate=None, {SENT:,} rows; a bare loop of requests.Session beside it",
            spread([SENT / seconds for seconds, _ in ours], ".0f"),
            spread([SENT / seconds for seconds, _ in theirs], ".0f"),
        ),
        Line("seconds of CPU for 1,000 of them", _cpu(ours), _cpu(theirs)),
    ]


def _cpu(times: tuple[tuple[float, float], ...]) -> str:
    return spread([1000 * cpu / SENT for _, cpu in times])


def send(url: str) -> tuple[float, float]:
    """Run a table; return the seconds, and the seconds of CPU."""
    data = table(SENT)
    result, times = _timed(
        lambda: flxframe.run_workflows(data, token=TOKEN, base_url=url, rate=None, progress=False)
    )
    if (result["run.status"] != "ok").any():
        raise AssertionError("a row isn't ok")
    return times


def post(url: str) -> tuple[float, float]:
    """Send the same requests as few lines of code would, one after the other."""
    session = requests.Session()

    def loop() -> None:
        for number in range(SENT):
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
    seconds, memory = zip(*(apart(check) for _ in range(RUNS)), strict=True)
    what = f"{CHECKED:,} rows of {COLUMNS} columns checked and built: seconds; MiB beside the table"
    return Line(what, f"{spread(seconds, '.1f')}; {spread(memory, '.0f')}", goal="< 10 s")


def check() -> tuple[float, float]:
    """Build each row's request, and let it go; return the seconds, and how many MiB the peak grew by."""
    names = [
        "sku",
        "name",
        "quantity",
        "price",
        "shippingAddress.postal",
        "shippingAddress.countryCode",
    ]
    columns: dict[str, Any] = {"eventHandle": "order_import"}
    for number in range(COLUMNS - 1):
        cells = [
            f"{row:07}" if number % 3 else row / 8 if number % 2 else row for row in range(CHECKED)
        ]
        columns[f"objects.order.items[{number // len(names)}].{names[number % len(names)]}"] = cells
    data = pd.DataFrame(columns)
    del columns, cells
    forget_peak()
    before, start = peak_mib(), time.perf_counter()
    built = sum(isinstance(request, RunWorkflowRequest) for _, request in Plan(data).requests())
    if built != CHECKED:
        raise AssertionError("a row is invalid")
    return time.perf_counter() - start, peak_mib() - before


def _flattening() -> list[Line]:
    lines = []
    for what, lists in (
        ("without lists", False),
        ("with lists, which json_normalize leaves as they are", True),
    ):
        ratios = [apart(flatten, lists) for _ in range(RUNS)]
        text = f"{FLATTENED:,} answers {what}: time to lay them flat / pandas.json_normalize"
        lines.append(Line(text, spread(ratios), goal="<= 1"))
    return lines


def flatten(lists: bool) -> float:
    """Return how long our columns take, over how long pandas' take for the same objects."""
    text = json.dumps({"order": _order(lists)})
    answers = [json.loads(text) for _ in range(FLATTENED)]
    outcomes = [Outcome("ok", 200, None, answer) for answer in answers]
    plan = Plan(pd.DataFrame({"eventHandle": ["order_import"] * FLATTENED}))
    sent = RunWorkflowRequest(eventHandle="order_import")

    def ours() -> pd.DataFrame:
        results = ResultBuilder(plan)
        for position, outcome in enumerate(outcomes):
            results.add(position, outcome, sent)
        return results.frame()

    (_, mine), (_, theirs) = (
        _timed(action)[1] for action in (ours, lambda: pd.json_normalize(answers))
    )
    return mine / theirs


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
    more = (
        {"tags": ["International", "Gift"], "items": items}
        if lists
        else {f"item{n}": items[n] for n in range(3)}
    )
    return order | more
