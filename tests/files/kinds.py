"""The kinds of columns that files hold, for hypothesis."""

import datetime as dt
import math

import pandas as pd
from hypothesis import strategies as st

from flxframe.dtypes import column_array, is_integral, kind_of

BOOLEANS = st.booleans()
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
DATES = st.dates(dt.date(1900, 3, 1))
TIMES = st.times().map(lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000))
MOMENTS = st.datetimes(dt.datetime(1900, 3, 1)).map(lambda moment: moment.replace(microsecond=0))


IN_UTF8 = st.characters(exclude_categories=["Cs"])


def TEXTS(alphabet=IN_UTF8):
    """Return a strategy of texts that aren't blank, of characters that UTF-8 has."""
    return st.text(alphabet, min_size=1, max_size=8).filter(str.strip)


def INTEGERS(largest):
    """Return a strategy of integers of both signs."""
    return st.integers(-largest, largest)


@st.composite
def tables(draw, *kinds):
    """Draw a table: each column of one kind, with blanks; no blank row at the end, since no file tells of it."""
    rows = draw(st.integers(1, 6))
    columns = {"objects.key": draw(st.lists(TEXTS("abc"), min_size=rows, max_size=rows))}
    for number, kind in enumerate(draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4))):
        cells = draw(st.lists(st.none() | kind, min_size=rows, max_size=rows))
        columns[f"objects.{number}"] = cells
    return pd.DataFrame(
        {name: column_array(cells, join_numbers=True) for name, cells in columns.items()}
    )


def plain(cell):
    """Return a cell as plain Python: every kind of missing is None."""
    if kind_of(cell) == "missing":
        return None
    if isinstance(cell, pd.Timestamp):
        return cell.to_pydatetime()
    return cell.item() if hasattr(cell, "item") else cell


def assert_same_cells(found, wanted):
    """Check that two tables hold the same cells, type by type; 7.0 is 7 where only blanks made it a float."""
    assert list(found) == list(wanted)
    for name in wanted:
        left, right = (
            list(map(plain, found[name].tolist())),
            list(map(plain, wanted[name].tolist())),
        )
        if is_integral(wanted[name]) and not is_integral(found[name]):
            right = [cell if cell is None else int(cell) for cell in right]
        assert left == right, name
        assert list(map(type, left)) == list(map(type, right)), name
        assert not any(isinstance(cell, float) and math.isnan(cell) for cell in left)
