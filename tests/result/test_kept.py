"""The outcomes that a table has from an earlier run."""

import pandas as pd
import pytest

from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.models import Outcome
from flxframe.result.kept import KeptOutcomes
from tests.conftest import orders, run

COUNTRY = "objects.order.shippingAddress.countryCode"


@pytest.mark.parametrize("name", [None, "out.xlsx", "out.csv", "out.jsonl", "out.parquet"])
def test_an_outcome_is_read_as_it_was_written(api, tmp_path, name) -> None:
    """Whatever types the file gives to the cells; it counts as recalled."""
    api.fail(422, when=lambda body: body["objects"]["order"]["number"] == "00001")
    result = run(orders(3).assign(**{COUNTRY: "CA"}), api)
    table = result if name is None else read_table(write_results(result, tmp_path / name))
    kept = KeptOutcomes(table)

    for position, status in enumerate(result["run.status"]):
        row = result.iloc[position]
        outcome = kept.outcome(position, status)
        assert outcome.status == status
        assert outcome.http_status == row["run.http_status"]
        assert outcome.attempts == row["run.attempts"] == 1
        assert outcome.seconds == pytest.approx(row["run.seconds"], abs=0.001)
        assert outcome.sent_at == pytest.approx(row["run.sent_at"].timestamp(), abs=0.001)
        assert outcome.error == (None if status == "ok" else row["run.error"])
        assert outcome.recalled
        assert kept.changes(position) == (2 if status == "ok" else None)
        assert kept.fingerprint(position) == row["run.fingerprint"]


def test_a_table_without_run_columns_has_only_the_status() -> None:
    """A user may have deleted any of them."""
    kept = KeptOutcomes(orders(1))
    assert kept.outcome(0, "unknown") == Outcome("unknown", recalled=True)
    assert kept.changes(0) is None
    assert kept.fingerprint(0) is None


@pytest.mark.parametrize(
    "cell",
    [
        *[None, "", float("nan"), pd.NA, pd.NaT, "n/a", "inf", float("-inf"), "9" * 400],
        *[[1, 2], {"a": 1}, "2026-13-45"],
    ],
)
def test_cells_that_say_nothing_count_as_blank(cell: object) -> None:
    """A text that is not a number or a time is not an error: the row has run."""
    names = ("run.http_status", "run.changes", "run.attempts", "run.seconds", "run.sent_at")
    table = pd.DataFrame({name: pd.Series([cell], dtype=object) for name in names})
    kept = KeptOutcomes(table)

    assert kept.outcome(0, "ok") == Outcome("ok", recalled=True)
    assert kept.changes(0) is None


def test_a_row_that_is_ok_has_no_error() -> None:
    """Such as one that was unknown until its user looked."""
    kept = KeptOutcomes(pd.DataFrame({"run.error": ["the answer was lost"]}))
    assert kept.outcome(0, "ok").error is None
    assert kept.outcome(0, "unknown").error == "the answer was lost"


def test_a_row_is_found_by_its_position() -> None:
    """The labels of the index can repeat."""
    table = pd.DataFrame({"run.attempts": [1, 2, 3]}, index=["a", "a", 0])
    kept = KeptOutcomes(table)
    assert [kept.outcome(position, "ok").attempts for position in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("cell", [-1, 1e30, 10**400, "x", [1], float("inf")])
@pytest.mark.parametrize(
    "name",
    ["run.http_status", "run.changes", "run.attempts", "run.seconds", "run.sent_at", "run.error"],
)
def test_a_result_with_an_absurd_cell_is_recalled(api, name, cell) -> None:
    """What a user wrote over a number is not a reason to fail, nor to send the row again."""
    result = run(orders(1), api)
    result[name] = pd.Series([cell], dtype=object)

    assert run(result, api)["run.recalled"].tolist() == [True]
    assert len(api.runs) == 1
