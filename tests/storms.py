"""A storm of faults: what each row is said to be, and what the sandbox knows of it."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from flxframe import run_workflows
from flxframe.sandbox import sandbox

_NOT_RUN = [
    *(400, 404, 422, 301, 307, 500, 502, 503, 504),
    *("400_html", "400_text", "400_empty", "400_list", "400_errors", "reset", "close"),
    *("429_none", "429_absurd"),
]
_HOLDING = ["429_seconds", "429_date", "503_retry_after"]
"""Each of them holds the token back for a second or two, so they come twice only."""

_RUN = ["500_after", "503_after", "reset_after", "close_after", "truncated", "html", "empty", "bad_json", "no_objects"]
KINDS = len(_NOT_RUN) + len(_HOLDING) + len(_RUN)
TRUE_RUNS = {"ok": {1}, "rejected": {0}, "invalid": {0}, "not_sent": {0}, "unknown": {0, 1}}
"""How often a row may have run, by its status."""


def table(rows: int) -> pd.DataFrame:
    """Return rows of which a few are invalid."""
    data = pd.DataFrame({"eventHandle": "order_import", "objects.order.number": [f"{n:05d}" for n in range(rows)]})
    return data.assign(**{"params.sourceId": ["x" if n % 500 == 7 else 1 for n in range(rows)]})


def storm(data: pd.DataFrame, journal: Path, seed: int = 1) -> pd.DataFrame:
    """Send rows against faults of every kind in a random order.

    Returns
    -------
    pandas.DataFrame
        The result, with how often each row ran and arrived by the sandbox's log in the columns "runs" and "arrivals".
    """
    with sandbox(limit=None) as api:
        for number, kind in enumerate(_HOLDING):
            api.fail(kind, times=2, after=400 * number)
        api.fail_randomly([*_NOT_RUN, *_RUN], 0.3, seed=seed)
        result = run_workflows(
            data, token=api.token, base_url=api.url, rate=None, stop_after=None, journal=journal, progress=False
        )
        seen = {"runs": _numbers(api.runs), "arrivals": _numbers(api.arrivals)}
    return result.assign(**{name: [of[number] for number in data["objects.order.number"]] for name, of in seen.items()})


def _numbers(arrivals: Sequence[object]) -> Counter[str]:
    return Counter(arrival.body["objects"]["order"]["number"] for arrival in arrivals if arrival.body is not None)
