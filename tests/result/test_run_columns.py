"""The ``run.*`` columns of a result."""

import pandas as pd

from flxframe.models import RUN_COLUMNS, Outcome
from flxframe.result.run_columns import RunColumns


def test_each_row_has_its_outcome() -> None:
    """The columns have the names and dtypes of a result."""
    columns = RunColumns(2)
    ok = Outcome("ok", 200, attempts=2, seconds=0.5, sent_at=1.7e9 + 0.1234, recalled=True)
    columns.add(0, ok)
    columns.add(1, Outcome("invalid", error="no event"))

    frame = pd.DataFrame(columns.arrays(columns.changes))
    assert tuple(frame.columns) == RUN_COLUMNS[:-1]
    assert frame["run.http_status"].tolist() == [200, pd.NA]
    assert frame["run.changes"].tolist() == [0, pd.NA]
    assert frame["run.attempts"].tolist() == [2, 0]
    assert frame["run.error"].tolist()[1] == "no event"
    assert frame["run.sent_at"].tolist() == [
        pd.Timestamp("2023-11-14 22:13:20.123", tz="UTC"),
        pd.NaT,
    ]
    assert frame["run.recalled"].tolist() == [True, False]


def test_a_later_outcome_replaces_an_earlier_one() -> None:
    """The counts are those of the last outcomes, and rows without one are missing."""
    columns = RunColumns(3)
    columns.add(1, Outcome("ok", 200))
    columns.add(1, Outcome("unknown", 500, error="x"))

    assert +columns.counts == {"unknown": 1}
    assert columns.missing().tolist() == [0, 2]
