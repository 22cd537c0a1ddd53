"""The header and the columns of delimited text."""

from pathlib import Path

import pytest

from flxframe.exceptions import FileError
from flxframe.files.csv_columns import LongCellError, TableReader

PATH = Path("orders.csv")


def test_the_header_and_the_columns_are_read():
    """A row shorter than the header only at its end is not blank, but a blank row is."""
    reader = TableReader(PATH, ["\n", "a;b;\n", "1;2;\n", "\n", "3;4\n", ";;\n"], ";")
    assert reader.header(None) == (["a", "b"], 3)
    assert reader.columns(2) == [["1", "", "3"], ["2", "", "4"]]


def test_a_mark_is_seen():
    """A number in quotes can be a text."""
    reader = TableReader(PATH, ["a\n", '"7"\n'], ",")
    reader.header(None)
    assert not reader.has_marks
    reader.columns(1)
    assert reader.has_marks


@pytest.mark.parametrize("has_long_cells", [False, True])
def test_lines_are_counted_from_the_top_of_the_file(has_long_cells):
    """Whichever way the lines are split, and though the first was read before."""
    lines = ["a,b\n", '"1\n', '2",3\n', "4\n"]
    reader = TableReader(PATH, lines, ",", skipped_lines=1, has_long_cells=has_long_cells)
    reader.header(None)
    with pytest.raises(FileError, match=r"orders\.csv, line 5 has 1 cell but the header has 2"):
        reader.columns(2)


def test_a_long_cell_is_reported_to_the_caller():
    """It reads the file again, in the way that takes longer."""
    lines = ["a\n", "x" * 200_000]
    reader = TableReader(PATH, lines, ",")
    reader.header(None)
    with pytest.raises(LongCellError):
        reader.columns(1)

    reader = TableReader(PATH, lines, ",", has_long_cells=True)
    reader.header(None)
    assert reader.columns(1) == [["x" * 200_000]]
