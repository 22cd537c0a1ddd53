"""Rows that failed before go last, so that nothing starves; and what stops a run."""

import pandas as pd
import pytest

from flxframe import StoppedWarning
from tests.conftest import orders, run
from tests.memory.conftest import EVENT, NUMBER, ran_once, statuses

BAD = [f"{number:05d}" for number in range(5)]


def refuse_when(bad) -> object:
    """Return a condition on the body of a request: its order's number is one of those."""
    return lambda body: body["objects"]["order"]["number"] in bad


@pytest.mark.parametrize(
    ("hand_in", "memory"),
    [
        ("table", "default"),
        ("table", "named"),
        ("result", "default"),
        ("result", "named"),
        ("result", "none"),
    ],
)
def test_rows_that_are_always_rejected_do_not_starve_the_others(
    api, journal, hand_in, memory
) -> None:
    """Five of them first, limit=5, ten calls: all 45 good orders have run."""
    settings = {"default": {}, "named": {"journal": journal}, "none": {"journal": False}}[memory]
    api.fail(400, 1000, when=refuse_when(BAD))
    table = orders(50)
    for _ in range(10):
        result = run(table, api, limit=5, **settings)
        assert len(result) == 50
        table = result if hand_in == "result" else table

    assert ran_once(api, 45)
    assert statuses(result)[5:] == ["ok"] * 45
    assert "ok" not in statuses(result)[:5]


def test_a_limit_counts_rows_that_are_sent(api, tmp_path) -> None:
    """Recalled ones do not count, and the rest is not_sent for the limit, without a warning."""
    first = run(orders(10), api, limit=4, journal=tmp_path / "j.db")
    second = run(orders(10), api, limit=4, journal=tmp_path / "j.db")

    assert statuses(first) == ["ok"] * 4 + ["not_sent"] * 6
    assert statuses(second) == ["ok"] * 8 + ["not_sent"] * 2
    assert first["run.error"].str.contains("limit").sum() == 6
    assert ran_once(api, 8)


def test_a_block_of_rows_rejected_alike_in_the_middle_does_not_stop(api) -> None:
    """25 of 200: all others run."""
    api.fail(400, 1000, when=refuse_when({f"{number:05d}" for number in range(100, 125)}))
    result = run(orders(200), api)

    assert result["run.status"].value_counts().to_dict() == {"ok": 175, "rejected": 25}
    assert ran_once(api, 175)


def test_a_block_of_rows_rejected_alike_at_the_very_beginning_stops(api) -> None:
    """Nothing was ok yet: it stops after 20, and those that are in flight."""
    api.fail(400, 1000, when=refuse_when({f"{number:05d}" for number in range(25)}))
    with pytest.warns(StoppedWarning):
        result = run(orders(200), api, max_in_flight=4)

    assert 20 <= (result["run.status"] == "rejected").sum() <= 23
    assert len(api.arrivals) <= 23


def test_a_firewall_that_dislikes_one_row_in_twenty_costs_only_these(api) -> None:
    """403 is a rejection once a row was ok."""
    bad = {f"{number:05d}" for number in range(7, 60, 20)}
    api.fail(403, 1000, when=refuse_when(bad))
    result = run(orders(60), api, max_in_flight=1)

    assert ran_once(api, 57)
    assert set(result[result["run.status"] == "rejected"][NUMBER]) == bad


def test_a_run_ends_with_a_line_that_tells_sent_and_recalled_apart(api, capfd) -> None:
    """Where all was recalled, it says that nothing was sent."""
    result = run(orders(4), api)
    longer = pd.concat([result, orders(6).tail(2)], ignore_index=True)
    capfd.readouterr()
    again = run(longer, api, progress=True)
    text = "".join(capfd.readouterr())
    assert "2 rows" in text or "2 sent" in text
    assert "4" in text
    assert "recalled" in text

    run(again, api, progress=True)
    assert "othing was sent" in "".join(capfd.readouterr())
    assert ran_once(api, 6)


@pytest.mark.parametrize("column", ["run.sent_at", "run.recalled", "run.fingerprint"])
def test_each_result_has_the_columns_of_the_memory(api, column) -> None:
    """Also that of an empty table, and of one whose rows were never sent."""
    for table in (orders(0), orders(1).assign(eventHandle=None), orders(2)):
        result = run(table, api)
        assert column in result.columns
    assert result["run.sent_at"].dt.tz is not None
    assert result["run.recalled"].dtype in ("boolean", bool)
    assert EVENT in set(result["eventHandle"])
