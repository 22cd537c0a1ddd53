"""Times that might be dates, in .xls and .xlsb files."""

import datetime as dt

import pytest

from flxframe.files.clock_times import mark_ambiguous
from flxframe.files.reading import read_table
from flxframe.models import ErrorCell
from tests.conftest import DATA
from tests.files.test_layout import grid_of

DAY = dt.date(2026, 11, 23)
MIDNIGHT = dt.time(0)
NOON = dt.time(12)
MOMENT = dt.datetime(1900, 1, 1, 6)


def ambiguous(*cells):
    """Return which cells of a column are marked."""
    grid = grid_of(["name"], *[[cell] for cell in cells])
    mark_ambiguous(grid, ".xls")
    return [type(cell) is ErrorCell for cell in grid.columns[1][1:]]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([DAY, MIDNIGHT], [False, True]),
        ([NOON, DAY], [True, False]),
        ([dt.datetime(2026, 11, 23, 9), MIDNIGHT], [False, True]),
        ([MIDNIGHT], [True]),
        ([MIDNIGHT, "note", None, MIDNIGHT], [True, False, False, True]),
        ([MIDNIGHT, NOON], [False, False]),
        ([MOMENT, NOON, MIDNIGHT], [True, False, False]),
        ([dt.datetime(1904, 1, 2, 6)], [True]),
        ([dt.date(1900, 1, 1), 7, "0:00:00"], [False, False, False]),
    ],
)
def test_a_time_that_might_be_a_date_is_an_error(cells, expected):
    """A 0 in a column of dates would be sent as 00:00:00."""
    assert ambiguous(*cells) == expected


def test_the_reason_names_the_cell_and_what_to_do():
    """The analyst can look at the cell."""
    grid = grid_of(["d"], [DAY], [MIDNIGHT])
    mark_ambiguous(grid, ".xls")
    cell = grid.columns[1][2]
    assert cell.text == "00:00:00"
    assert cell.reason == (
        f"{grid.name}!A3 contains 00:00:00, which might be a time or a date (the formats of .xls "
        "files can't be read): save the file as .xlsx, or clear the cell"
    )


def test_a_file_of_dates_and_times_is_read():
    """The 0 of a formula is formatted as a date there too."""
    pytest.importorskip("python_calamine")
    with pytest.warns(UserWarning, match="number formats"):
        table = read_table(DATA / "times.xls")
    errors = table.map(lambda cell: type(cell) is ErrorCell).to_numpy()
    assert errors.tolist() == [
        [False, False, False, False, False],
        [False, True, False, False, True],
        [False, True, False, False, True],
        [False, False, True, False, True],
    ]
