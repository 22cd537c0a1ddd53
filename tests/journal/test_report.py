"""How far a run has come, and what a journal alone can say of its rows."""

from flxframe import (
    Journal,
)
from flxframe.journal.report import progress_text
from tests.conftest import orders, run


def test_a_row_in_flight_is_told_from_one_that_was_lost(api, path) -> None:
    """Both are unknown; but a run that goes on may still have its answer."""
    told, results = [], []

    def look(objects: dict) -> None:
        told.append(progress_text(Journal(path)))
        results.append(Journal(path).result(orders(3)))

    api.add_workflow("order_import", look)
    run(orders(3), api, journal=path, max_in_flight=1)
    assert "goes on. 1 await their answers, and count as unknown until then. 1 are left" in told[1]
    assert results[1]["run.status"].tolist() == ["ok", "unknown", "not_sent"]
    assert "still waiting for it" in results[1]["run.error"].iloc[1]
    assert "await" not in progress_text(Journal(path))
