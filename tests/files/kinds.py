"""The kinds of columns that files contain, as hypothesis strategies."""

import datetime as dt
import math

import pandas as pd
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from flxframe.dtypes import MAX_EXACT_FLOAT, column_array, data_frame, is_integral, kind_of
from flxframe.models import ErrorCell

BOOLEANS = st.booleans()
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
DATES = st.dates(dt.date(1900, 3, 1))
TIMES = st.times().map(lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000))
MOMENTS = st.datetimes(dt.datetime(1900, 3, 1)).map(lambda moment: moment.replace(microsecond=0))

UTF8 = st.characters(exclude_categories=["Cs"])

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def texts(alphabet=UTF8):
    """Return a strategy of texts that are not blank, of characters that UTF-8 can encode."""
    return st.text(alphabet, min_size=1, max_size=8).filter(str.strip)


def integers(max_size):
    """Return a strategy of integers of both signs."""
    return st.integers(-max_size, max_size)


NESTED = st.dictionaries(
    texts(), st.integers(0, 9) | texts() | st.lists(st.integers(0, 9)), min_size=1, max_size=3
)

RECORD_KINDS = [texts(), integers(10**25), FLOATS, BOOLEANS, NESTED]
"""What .json, .jsonl and .parquet files keep as it is."""


@st.composite
def tables(draw, *kinds):
    """Draw a table of columns of one kind each, with blanks.

    The last row is not blank, because a file does not record blank rows at its end.
    """
    rows = draw(st.integers(1, 6))
    columns = {"objects.key": draw(st.lists(texts("abc"), min_size=rows, max_size=rows))}

    for number, kind in enumerate(draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4))):
        cells = draw(st.lists(st.none() | kind, min_size=rows, max_size=rows))
        columns[f"objects.{number}"] = cells

    arrays = {name: column_array(cells, join_numbers=True) for name, cells in columns.items()}
    return data_frame(arrays, rows)


def to_python(cell):
    """Return a cell as a Python value, with None for every missing value."""
    if kind_of(cell) == "missing":
        return None
    if isinstance(cell, pd.Timestamp):
        return cell.to_pydatetime()
    return cell.item() if hasattr(cell, "item") else cell


def assert_same_cells(table, expected):
    """Check that two tables have the same cells of the same types.

    7.0 is the same as 7 where only blanks made a column float; there, a number that has lost its
    last digits can't be sent, and comes back as an error cell.
    """
    assert list(table) == list(expected)
    for name in expected:
        cells = list(map(to_python, table[name].tolist()))
        expected_cells = list(map(to_python, expected[name].tolist()))
        if is_integral(expected[name]) and not is_integral(table[name]):
            expected_cells = list(map(_to_integer, expected_cells))
            cells = list(map(_to_refused, cells))
            expected_cells = list(map(_to_refused, expected_cells))

        assert cells == expected_cells, name
        assert list(map(type, cells)) == list(map(type, expected_cells)), name
        assert not any(isinstance(cell, float) and math.isnan(cell) for cell in cells)


def _to_integer(cell):
    return None if cell is None else int(cell)


def _to_refused(cell):
    """Return a number that has lost its last digits, or its error cell, as its text."""
    if isinstance(cell, ErrorCell) or (isinstance(cell, int) and abs(cell) >= MAX_EXACT_FLOAT):
        return str(cell)
    return cell
