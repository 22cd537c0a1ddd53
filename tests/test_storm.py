"""A storm of faults: what a row is said to be agrees with what the sandbox knows of it."""

from collections import Counter
from pathlib import Path

import pandas as pd

from flxframe import Journal, run_workflows
from flxframe.sandbox import sandbox

ROWS = 3000
NOT_RUN = [
    *(400, 404, 422, 301, 307, 500, 502, 503, 504),
    *("400_html", "400_text", "400_empty", "400_list", "400_errors", "reset", "close"),
    *("429_none", "429_absurd"),
]
HOLDING = ["429_seconds", "429_date", "503_retry_after"]
"""Each of them holds the token back for a second or two, so they come twice only."""

RUN = ["500_after", "503_after", "reset_after", "close_after", "truncated", "html", "empty", "bad_json", "no_objects"]


def test_every_status_is_true(tmp_path: Path) -> None:
    """ok ran once; rejected, invalid and not_sent ran never; unknown ran at most once; and the journal agrees."""
    table = pd.DataFrame({"eventHandle": "order_import", "objects.order.number": [f"{n:05d}" for n in range(ROWS)]})
    table["params.sourceId"] = ["x" if n % 500 == 7 else 1 for n in range(ROWS)]
    with sandbox(limit=None) as api:
        for number, kind in enumerate(HOLDING):
            api.fail(kind, times=2, after=400 * number)
        api.fail_randomly([*NOT_RUN, *RUN], 0.3, seed=1)
        result = run_workflows(
            table,
            token=api.token,
            base_url=api.url,
            rate=None,
            stop_after=None,
            journal=tmp_path / "storm.db",
            progress=False,
        )
        runs = Counter(arrival.body["objects"]["order"]["number"] for arrival in api.runs)
        arrivals = Counter(
            arrival.body["objects"]["order"]["number"] for arrival in api.arrivals if arrival.body is not None
        )
    times = [runs[number] for number in table["objects.order.number"]]
    seen = {
        status: {ran for ran, of in zip(times, result["run.status"], strict=True) if of == status}
        for status in set(result["run.status"])
    }
    assert seen["ok"] == {1}
    assert seen["rejected"] == seen["invalid"] == {0}
    assert seen["unknown"] == {0, 1}
    assert seen.get("not_sent", {0}) == {0}
    assert [arrivals[number] for number in table["objects.order.number"]] == result["run.attempts"].tolist()
    again = Journal(tmp_path / "storm.db").result(table)
    assert again["run.status"].tolist() == result["run.status"].tolist()
