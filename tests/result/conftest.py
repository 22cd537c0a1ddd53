"""Shared by the tests of results: a table with HTML in it, its result, and a result built without a server."""

import pandas as pd
import pytest

from flxframe.models import Outcome
from flxframe.request.fields import Defaults
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder

EVIL = "<script>alert(1)</script>"


def answered(table: pd.DataFrame, *objects: dict | None, **settings) -> pd.DataFrame:
    """Make the result in which each row is answered with the objects given, or else rejected."""
    plan = Plan(table, defaults=Defaults("e"), **settings)
    results = ResultBuilder(plan)
    for (position, request), answer in zip(plan.requests(), objects, strict=True):
        outcome = (
            Outcome("rejected", 400, "no")
            if answer is None
            else Outcome("ok", 200, None, answer, 1, 0.5)
        )
        results.add(position, outcome, request)
    return results.frame()


@pytest.fixture
def before() -> pd.DataFrame:
    return pd.DataFrame(
        {"objects.o.status": ["Open", "Open", EVIL], "note": ["x" * 500, None, "y"]},
        index=["a", "a", EVIL],
    )


@pytest.fixture
def after(before: pd.DataFrame) -> pd.DataFrame:
    return before.assign(
        **{
            "objects.o.status": ["Hold", "Open", EVIL],
            "run.status": ["ok", "ok", "rejected"],
            "run.error": [None, None, EVIL],
        }
    )
