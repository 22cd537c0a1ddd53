"""Which rows form one order."""

from decimal import Decimal

import pandas as pd
import pytest

from flxframe.exceptions import TableError
from flxframe.request.groups import find_groups


def groups_of(cells: list, **settings):
    """Return the rows of each group of a column."""
    table = pd.DataFrame({"Order": pd.Series(cells, dtype=object)})
    found = find_groups(table, ["Order"], **{"fill_down": False, **settings})
    return [found.of(number) for number in range(len(found))], found


def test_rows_of_a_group_can_be_far_apart() -> None:
    """Groups are in the order of their first rows."""
    rows, groups = groups_of(["B", "A", "B", "C", "A"])
    assert rows == [[0, 2], [1, 4], [3]]
    assert groups.of_row.tolist() == [0, 1, 0, 2, 1]


def test_several_columns_are_one_key() -> None:
    """Order 7 of two stores is two orders."""
    table = pd.DataFrame({"Order": [7, 7, 7], "Store": ["EU", "US", "EU"]})
    groups = find_groups(table, ["Order", "Store"], fill_down=False)
    assert groups.keys == [(7, "EU"), (7, "US")]


@pytest.mark.parametrize("blank", [None, "", "  ", float("nan"), pd.NA])
def test_a_blank_key_is_a_group_of_its_own_or_that_of_the_row_above(blank) -> None:
    """As `fill_down` says; the first row has none above."""
    rows, groups = groups_of([blank, "A", blank, blank])
    assert rows == [[0], [1], [2], [3]]
    assert groups.blank == {0, 2, 3}

    rows, groups = groups_of([blank, "A", blank, blank], fill_down=True)
    assert rows == [[0], [1, 2, 3]]
    assert groups.blank == {0}


@pytest.mark.parametrize(
    ("first", "second"), [(1001, "1001"), ("A1", "a1"), ("A 1", "A1 "), (1.5, "1.5")]
)
def test_keys_that_look_alike_are_asked_about(first, second) -> None:
    """They are never joined or split without a word."""
    with pytest.raises(TableError, match="differ only in type, blanks or case") as caught:
        groups_of([first, "B", second])
    assert "row 0" in str(caught.value)
    assert "row 2" in str(caught.value)


def test_numbers_that_blanks_made_float_are_integers() -> None:
    """1001.0 next to a blank is 1001."""
    groups = find_groups(pd.DataFrame({"Order": [1001, None, 1001]}), ["Order"], fill_down=True)
    assert groups.keys == [(1001,)]
    assert isinstance(groups.keys[0][0], int)


def test_a_missing_column_and_a_key_that_is_a_list_are_one_sentence() -> None:
    """The message names the column, and the row."""
    with pytest.raises(TableError, match="no such column"):
        find_groups(pd.DataFrame({"a": [1]}), ["Order"], fill_down=False)
    with pytest.raises(TableError, match="row 1"):
        groups_of(["A", ["B"]])


def test_equal_numbers_are_one_key_whatever_their_type() -> None:
    """A database returns Decimals."""
    rows, groups = groups_of([Decimal("7"), 7, 7.0, Decimal("7.5"), 7.5])
    assert rows == [[0, 1, 2], [3, 4]]
    assert str(groups.keys[0]) == "(7,)"


def test_numbers_next_to_booleans_are_refused() -> None:
    """To Python, True is 1."""
    with pytest.raises(TableError, match="both numbers and True or False"):
        groups_of([True, 1])
    assert len(groups_of([True, False, True])[0]) == 2
