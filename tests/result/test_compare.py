"""What differs between two tables."""

import pandas as pd
import pytest

from flxframe import changes, summary
from flxframe.exceptions import TableError
from tests.result.conftest import answered


def test_changes_are_one_row_a_field() -> None:
    """A field that only one table has is missing in the other."""
    table = pd.DataFrame({"objects.o.s": ["a", "b"]})
    result = answered(table, {"o": {"s": "z", "t": 1}}, {"o": {"s": "b"}})
    found = changes(table, result)
    assert found[["row", "column", "after"]].values.tolist() == [
        [0, "objects.o.s", "z"],
        [0, "objects.o.t", 1],
    ]
    assert found["before"].iloc[0] == "a"
    assert pd.isna(found["before"].iloc[1])


def test_changes_want_the_same_rows() -> None:
    """Rows are matched by position, so another number of them is an error."""
    with pytest.raises(TableError, match="1 rows"):
        changes(pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1, 2]}))


@pytest.mark.parametrize("what", [None, "orders.xlsx", [1]])
def test_what_is_no_table_is_told_so(what) -> None:
    """Such as a file's name, which read_table would make one of."""
    table = pd.DataFrame({"run.status": ["ok"]})
    for question in (
        lambda: summary(what),
        lambda: changes(what, table),
        lambda: changes(table, what),
    ):
        with pytest.raises(TableError, match=r"wants a DataFrame, .* read_table makes one"):
            question()
