"""Regular text is split by the fast parser exactly as by the csv module."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.exceptions import FileError
from flxframe.files import csv_regular
from flxframe.files.csv_columns import TableReader
from flxframe.files.csv_quoting import format_text
from tests.files.kinds import quick
from tests.files.tricky import TEXTS

PATH = Path("t.csv")
PLAIN = ["x", "7", "", " ", "00123", "é😀", "'7", "1.5", "true", "NA", "nan", "\u2028", "\x0b", "#"]
QUOTED = ['"7"', '"true"', '"a, b; c\td|"', '""', '"x"', '"a ""b"" c"', '"a\nb"', '"""7"""', '" "']
QUOTED += ['","', '";"', '"\n"', '""""', '"1,""2"",3"', '"-1.5e3"', '"\n7"']
ODD = ['a"b', '"a"b', '"', '"a', 'a"', "\r", "a\rb", "\x00", "\x01", '"a" ', ' "a"', '"\x01"']
ODD += ["\x1a", '"a\r\nb"', '"a\rb"', '""7"', "\\", '"\\"', '\\"', '"a"7"', "\r\r", '"7"x']


def parsed(text, delimiter, width):
    """Return what the csv module reads, or None if it refuses the text."""
    reader = TableReader(PATH, io.StringIO(f"header\n{text}", newline=""), delimiter)
    reader.header(None)
    try:
        return reader.columns(width), reader.has_marks
    except FileError:
        return None


def split(text, delimiter, width):
    """Return what the fast parser reads, or None if the text is not regular."""
    result = csv_regular.split(text, delimiter, width)
    return None if result is None else (list(map(list, result.columns)), result.has_marks)


@st.composite
def texts(draw, cells, widths=(3,)):
    """Draw a delimited text, its delimiter and the number of its columns."""
    delimiter = draw(st.sampled_from(",;\t|"))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    width = draw(st.sampled_from([1, 2, 3]))
    lines = []
    for _ in range(draw(st.integers(1, 6))):
        size = max(1, width + draw(st.sampled_from(widths)))
        lines.append(delimiter.join(draw(st.lists(cells, min_size=size, max_size=size))))
    last = draw(st.sampled_from(["", end, end * 2, end + delimiter * (width - 1) + end]))
    return end.join(lines) + last, delimiter, width


@quick
@given(texts(st.sampled_from(PLAIN + QUOTED * 2), widths=[0]))
def test_quotes_around_whole_cells_are_read_as_by_the_csv_module(text):
    """Numbers in quotes are marked, whatever else is in quotes."""
    result = split(*text)
    assert result == parsed(*text) or result is None


@quick
@given(texts(st.sampled_from(PLAIN * 4 + QUOTED * 2 + ODD), widths=[0, 0, 0, 0, 0, 1, -1]))
def test_an_odd_text_is_read_as_by_the_csv_module_or_left_to_it(text):
    """Text with quotes inside cells, with other line ends or with ragged rows is not regular."""
    result = split(*text)
    assert result == parsed(*text) or result is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_flxframe_writes_is_regular(delimiter, end):
    """Unless a cell contains a carriage return."""
    cells = [format_text(text) for text in TEXTS if "\r" not in text]
    text = "".join(f"k{delimiter}{cell}{end}" for cell in cells)
    result = split(text, delimiter, 2)
    assert result is not None
    assert result == parsed(text, delimiter, 2)


RAGGED = ["", "\n", ",\n,", "1,2\n3\n", "1,2\n3,4,5\n", "1,2\n\n3,4", '1,"2\n', '1,a"b\n"c,2']
UNSAFE = ["1,\x002\n", "1,\x012\n", "1,2\r3,4\n", '1,"a\rb"\n', '1,"a\r\nb"\n']


@pytest.mark.parametrize("text", [*RAGGED, *UNSAFE])
def test_other_texts_are_not_regular(text):
    """The csv module reports their lines."""
    assert split(text, ",", 2) is None


def test_a_long_text_is_split():
    """The parser reads it in pieces, which end anywhere."""
    rows = "".join(f'{number},"é{number}","{number}",😀\r\n' for number in range(100_000))
    assert split(rows, ",", 4) == parsed(rows, ",", 4)
