"""Fixtures for the tests of results: a table that contains HTML, its result, and others."""

import pandas as pd
import pytest

from flxframe.models import Outcome
from flxframe.request.fields import Defaults
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder

EVIL = "<script>alert(1)</script>"


def build_result(table: pd.DataFrame, *objects: dict | None, **settings) -> pd.DataFrame:
    """Build a result in which each row returned the given objects; None is a rejected row."""
    plan = Plan(table, defaults=Defaults("e"), **settings)
    results = ResultBuilder(plan)

    for (position, request), returned in zip(plan.requests(), objects, strict=True):
        if returned is None:
            outcome = Outcome("rejected", 400, "no")
        else:
            outcome = Outcome("ok", 200, None, returned, 1, 0.5)
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
    new_columns = {
        "objects.o.status": ["Hold", "Open", EVIL],
        "run.status": ["ok", "ok", "rejected"],
        "run.error": [None, None, EVIL],
    }
    return before.assign(**new_columns)
