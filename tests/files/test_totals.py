"""Last rows that look like totals."""

from decimal import Decimal

import pandas as pd
import pytest

from flxframe.dtypes import column_array
from flxframe.files.reading import read_table
from flxframe.files.totals import totals_remarks


def remarks(*rows, names=("number", "qty", "price")):
    """Return the remarks on a table of these rows, the first of which is row 2 of its file."""
    columns = {}
    for position, name in enumerate(names[: len(rows[0])]):
        columns[name] = column_array([row[position] for row in rows], join_numbers=True)
    return totals_remarks(pd.DataFrame(columns), first_row=2)


ORDERS = [("1001", 2, 1.1), ("1002", 3, 2.2)]
REMARK = [
    "The last row, 4, looks like a row of totals: delete it from the file if it must not be sent."
]


@pytest.mark.parametrize(
    "last",
    [
        ("Total", 5, None),
        ("GRAND TOTAL:", 7, None),
        ("Ergebnis", 2, 1.65),
        ("Summe", None, 3.3),
        ("Total of all", 5, 3.3),
        (None, 5, 3.3),
        (None, None, 3.3000000000000003),
        (" ", 5, Decimal("3.3")),
    ],
)
def test_a_row_of_totals_is_named(last):
    """It would be sent as an order."""
    assert remarks(*ORDERS, last) == REMARK


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [("1001", 2, 1.1)],
        [*ORDERS, ("1003", 5, 3.3)],
        [*ORDERS, ("Total Wine", 5, 1.1)],
        [*ORDERS, ("Total", None, None)],
        [*ORDERS, (None, 5, 1.1)],
        [*ORDERS, (None, None, None)],
        [("1001", 2, 1.1), (None, 2, None)],
        [("1001", 0, None), ("1002", 0, None), (None, 0, None)],
        [("1001", 1, None), (None, 2, None), (None, 3, None)],
        [(True, True), (True, False), (None, True)],
        [(1,), (2,), (3,)],
        [(1, "x"), (2, "y"), (3, None)],
    ],
)
def test_an_order_is_not_a_row_of_totals(rows):
    """Sums by chance, a second item, and numbers in sequence are not totals."""
    assert remarks(*rows or [()]) == []


def test_a_table_without_rows_has_no_totals():
    """There is no last row."""
    assert totals_remarks(pd.DataFrame({"qty": []}), first_row=2) == []


def test_a_file_of_any_kind_is_checked(tmp_path):
    """Only a workbook records which row is the totals row of a table."""
    path = tmp_path / "orders.csv"
    path.write_text("number,qty\nA,2\nB,3\nTotal,5\n")
    assert read_table(path).attrs["flxframe"]["remarks"] == REMARK
