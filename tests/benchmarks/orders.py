"""The rows that the benchmarks send; not in `peers`, whose imports would burden each process."""

from __future__ import annotations

from typing import Any

import pandas as pd

TOKEN = "token-0"


def body(number: int) -> dict[str, Any]:
    """Return the request of a row."""
    return {"eventHandle": "order_import", "objects": {"order": {"number": number}}}


def table(rows: int, first: int = 0) -> pd.DataFrame:
    """Return the table of the same rows."""
    return pd.DataFrame(
        {"eventHandle": "order_import", "objects.order.number": range(first, first + rows)}
    )
