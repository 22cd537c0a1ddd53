"""Rows of delimited text with cells of any length."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.files.csv_rows import LongRows, is_too_long


@given(text=st.text('ab",;\r\n \x00', max_size=30), delimiter=st.sampled_from(",;"))
def test_rows_are_those_of_the_csv_module(text, delimiter):
    """Both split a text alike, or both refuse it."""
    lines = text.splitlines(keepends=True)
    try:
        expected = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        with pytest.raises(csv.Error, match="does not end where its quotes end"):
            list(LongRows(lines, delimiter))
    else:
        assert list(LongRows(lines, delimiter)) == expected


def test_a_long_cell_is_read():
    """The csv module stops at 131,072 characters, unless the limit of the process is raised."""
    lines = [f'a,"{"x" * 200_000}"\r\n', "1,2"]
    with pytest.raises(csv.Error) as caught:
        list(csv.reader(lines))
    assert is_too_long(caught.value)
    assert list(LongRows(lines, ",")) == [["a", "x" * 200_000], ["1", "2"]]


def test_lines_are_counted():
    """Messages name the line."""
    rows = LongRows(['a,"b\r\n', 'c"\r\n', "\n", "d"], ",")
    counts = [rows.line_num for _ in rows]
    assert counts == [2, 3, 4]
