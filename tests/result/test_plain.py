"""A result comes back although a library can't build the usual one."""

import numpy as np
import pandas as pd
import pytest
from pandas.arrays import IntegerArray

from flxframe.models import Outcome
from flxframe.request.plan import Plan
from flxframe.result.build import ResultBuilder


class Fragile(IntegerArray):
    """A third-party column that can't be copied any more, as if its library were broken."""

    is_broken = False

    def copy(self):
        if Fragile.is_broken:
            raise RuntimeError("the library is broken")
        return super().copy()

    def __iter__(self):
        if Fragile.is_broken == "unreadable":
            raise RuntimeError("the library is broken")
        return super().__iter__()


@pytest.mark.parametrize("fault", [True, "unreadable"])
def test_a_column_that_breaks_costs_no_answer(monkeypatch, fault) -> None:
    """The outcomes and the answers are there, as Python objects, and a note says why."""
    monkeypatch.setattr(Fragile, "is_broken", False)
    table = pd.DataFrame(
        {"objects.o.n": [1, 2], "mine": Fragile(np.array([3, 4]), np.zeros(2, bool))}
    )
    table = table.assign(eventHandle="e").set_index(pd.Index([7, 7]))
    plan = Plan(table)
    results = ResultBuilder(plan)
    for position, request in plan.requests([0]):
        answer = {"o": {"n": 5, "new": [1, {"k": "x"}]}}
        results.add(position, Outcome("ok", 200, None, answer), request)
    results.add(1, Outcome("not_sent", error="not sent: stopped"))

    monkeypatch.setattr(Fragile, "is_broken", fault)
    result = results.frame("failures")
    assert list(result.index) == [7, 7]
    assert result["run.status"].tolist() == ["ok", "not_sent"]
    assert result["objects.o.n"].tolist() == [5, 2]
    assert result["objects.o.new[1].k"].tolist() == ["x", None]
    assert result["run.changes"].tolist() == [3, pd.NA]
    assert result["mine"].tolist() == ([3, 4] if fault is True else [None, None])

    facts = result.attrs["flxframe"]
    assert facts["stopped"] == "failures"
    assert "could not be built (RuntimeError: the library is broken)" in facts["notes"][0]
