"""Cells are kept as distinct texts and codes."""

import pandas as pd
import pytest

from flxframe.files.csv_cells import Cells

CELLS = ["b", "", "a", "b", "\x007", ""]


@pytest.mark.parametrize("source", [CELLS, pd.Series(CELLS), pd.Series(CELLS, dtype=object)])
def test_the_cells_of_a_column_are_kept(source):
    """The distinct ones are in the order in which they first appear."""
    cells = Cells.of(source)
    assert list(cells) == CELLS
    assert len(cells) == len(CELLS)
    assert cells.texts == ["b", "", "a", "\x007"]


def test_a_number_without_quotes_is_seen():
    """One in quotes has a mark."""
    assert Cells.of(["x", "7"]).has_scalar()
    assert not Cells.of(["x", "\x007"]).has_scalar()
    assert list(Cells.of([])) == []
