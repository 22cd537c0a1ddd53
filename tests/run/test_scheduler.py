"""A storm of faults: what a row is said to be agrees with what the sandbox knows of it."""

from pathlib import Path

from flxframe import Journal
from tests.run.faults import TRUE_RUNS, orders_some_invalid, storm


def test_every_status_is_true(tmp_path: Path) -> None:
    """ok ran once; rejected, invalid and not_sent ran never; unknown ran at most once; and the journal agrees."""
    data = orders_some_invalid(3000)
    result = storm(data, tmp_path / "storm.db")
    seen = {status: set(rows["runs"]) for status, rows in result.groupby("run.status")}
    assert seen == {status: TRUE_RUNS[status] for status in seen}
    assert {"ok", "rejected", "invalid", "unknown"} <= set(seen)
    assert result["arrivals"].tolist() == result["run.attempts"].tolist()
    again = Journal(tmp_path / "storm.db").result(data)
    assert again["run.status"].tolist() == result["run.status"].tolist()
