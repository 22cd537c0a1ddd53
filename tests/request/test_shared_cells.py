"""The cell that the lines of an order share."""

import pandas as pd
import pytest

from flxframe.request.groups import find_groups
from flxframe.request.shared_cells import shared_cells


def shared(cells: list, keys: list = ["A", "A", "B"]):  # noqa: B006
    """Return the shared cells of a column, the lines that have one, and the errors."""
    table = pd.DataFrame({"Order": keys, "City": pd.Series(cells)})
    errors: dict[int, str] = {}
    groups = find_groups(table, ["Order"], fill_down=False)
    values, filled = shared_cells(table["City"], groups, errors, "objects.order.items[].City")
    return values.tolist(), filled.tolist(), errors


def test_blank_cells_take_the_value_of_the_others() -> None:
    """Wherever it is."""
    assert shared([None, "Bern", "Ulm"]) == (["Bern", "Ulm"], [False, True, True], {})
    assert shared(["Bern", "Bern", None])[0][0] == "Bern"
    assert pd.isna(shared(["Bern", "Bern", None])[0][1])
    assert shared(["Bern", None, None])[1] == [True, False, True]


def test_lines_that_differ_are_an_error_that_names_the_way_out() -> None:
    """Once, with the rows and the values."""
    _, _, errors = shared(["Bern", "Ulm", "Ulm"])
    assert list(errors) == [0]
    assert "'City'" in errors[0]
    assert "'Bern' in row 0" in errors[0]
    assert "'Ulm' in row 1" in errors[0]
    assert "items[].City" in errors[0]


@pytest.mark.parametrize(
    "cells", [[7, "7", 8], [True, "true", False], [1.5, 2, 2], [{"a": 1}, {"a": 2}, None]]
)
def test_values_that_are_sent_differently_differ(cells) -> None:
    """A number is not its text."""
    assert list(shared(pd.Series(cells, dtype=object).tolist())[2]) == [0]


def test_a_number_next_to_a_blank_stays_an_integer() -> None:
    """7 is not sent as 7.0 because its group has no blank left."""
    values, _, errors = shared([7, None, 8])
    assert values == [7, 8]
    assert all(isinstance(value, int) for value in values)
    assert not errors
