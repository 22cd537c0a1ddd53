"""The marks that an earlier run left in a table."""

import numpy as np
import pandas as pd
import pytest

from flxframe.exceptions import TableError
from flxframe.request.fingerprints import Fingerprint
from flxframe.request.marks import Mark, read_marks

FINGERPRINT = Fingerprint(
    "ok", True, b"0123456789", b"contents", b"options", b"url", b"tokn", b"day"
)


def test_rows_without_marks_are_left_out() -> None:
    """A blank of any kind is not a mark."""
    table = pd.DataFrame(
        {
            "run.fingerprint": [str(FINGERPRINT), None, "", np.nan],
            "run.status": ["ok", "rejected", "", None],
        }
    )
    assert read_marks(table) == {0: Mark(FINGERPRINT, "ok"), 1: Mark(None, "rejected")}


def test_a_table_without_run_columns_has_no_marks() -> None:
    """As every first table."""
    assert read_marks(pd.DataFrame({"a": [1]})) == {}


@pytest.mark.parametrize("cell", ["hello", 7, str(FINGERPRINT)[:-3], True])
def test_a_damaged_fingerprint_names_its_row(cell: object) -> None:
    """It is not guessed at, since it says whether the row was sent."""
    table = pd.DataFrame({"run.fingerprint": pd.Series([str(FINGERPRINT), cell], dtype=object)})
    with pytest.raises(
        TableError, match=r"row 1 \(index 1\): run.fingerprint is .*restore the cell"
    ):
        read_marks(table)


def test_another_status_names_its_row_and_the_statuses() -> None:
    """A user who settles a row may misspell it."""
    table = pd.DataFrame({"run.status": ["ok", "okay"]}, index=["a", "b"])
    with pytest.raises(TableError, match=r"row 1 \(index 'b'\): run.status is 'okay'.*not_sent"):
        read_marks(table)
