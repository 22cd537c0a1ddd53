"""Quotes and apostrophes that distinguish a text from a number."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.exceptions import FileError
from flxframe.files.csv_quoting import (
    MarkedLines,
    format_cell,
    format_header,
    format_text,
    has_mark,
    has_scalar,
    unmark,
    unmark_cells,
)

PATH = Path("orders.csv")


def first_row(*lines, delimiter=","):
    """Return the first row of some lines, and whether a number or boolean in it was in quotes."""
    marked = MarkedLines(PATH, lines)
    return next(csv.reader(marked, delimiter=delimiter, strict=True)), marked.has_marks


@pytest.mark.parametrize("text", ["7", "-2.5", "1e3", "true", "false"])
def test_a_number_in_quotes_is_marked(text):
    """The csv module itself would drop the quotes."""
    quoted, has_marks = first_row(f'"{text}",x\r\n')
    unquoted, _ = first_row(f"{text},x\r\n")
    assert has_marks
    assert quoted != unquoted
    assert [unmark(cell) for cell in quoted] == unquoted


@pytest.mark.parametrize("line", ['"007",x', '"x, y",7', "7,8", '"say ""7""",x', '"","x"'])
def test_other_cells_are_not_marked(line):
    """Quotes around them have no special meaning."""
    cells, has_marks = first_row(line)
    assert not has_marks
    assert [cells] == list(csv.reader([line]))


def test_a_nul_in_the_file_is_refused():
    """It would look like a mark."""
    with pytest.raises(FileError, match=r"orders\.csv, line 2 contains a NUL byte"):
        list(MarkedLines(PATH, ["a,b\n", "1,\x002\n"]))


def test_only_unquoted_numbers_and_booleans_are_scalars():
    """A file that contains one needs quotes to distinguish texts from numbers."""
    quoted, _ = first_row('"7","true"')
    assert not has_scalar([*quoted, "007", "x", ""])
    assert has_scalar(["x", "7"])
    assert has_scalar(["false"])


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("'=1+1", "=1+1"),
        ("'-5", "-5"),
        ("'7", "7"),
        ("''7", "'7"),
        ("O'Brien", "O'Brien"),
        ("'tis", "'tis"),
        ("'Til", "'Til"),
        ("''tis", "'tis"),
        ("'02134", "02134"),
        ("'02134-1234", "02134-1234"),
        ("'02134'", "'02134'"),
        ("'K1A 0B1", "'K1A 0B1"),
        ("'90s", "'90s"),
        ("'#N/A", "#N/A"),
        ("'#1001", "'#1001"),
        ("'TRUE", "TRUE"),
        ('="007"', "007"),
        ('="say ""7"""', 'say "7"'),
        ('="7"&"8"', '="7"&"8"'),
        ("=7", "=7"),
    ],
)
def test_a_mark_is_removed_only_where_it_is_one(cell, text):
    """A text can start with an apostrophe of its own."""
    assert unmark(cell) == text


def test_cells_without_marks_are_detected():
    """Most columns have none, and looking at each cell would take time."""
    assert not has_mark("7\nx")
    assert all(map(has_mark, ["x\n'7", '="7"', "\x007"]))


@pytest.mark.parametrize("quotes_mean_text", [True, False])
def test_quotes_make_a_column_text_only_next_to_unquoted_numbers(quotes_mean_text):
    """Some programs put every cell in quotes."""
    cells, _ = first_row('"7","8"')
    texts, is_text = unmark_cells(cells, quotes_mean_text=quotes_mean_text)
    assert list(texts.values()) == ["7", "8"]
    assert is_text is quotes_mean_text


def test_an_apostrophe_always_makes_a_column_text():
    """Only a text needs one."""
    texts, is_text = unmark_cells(["'7", "8"], quotes_mean_text=False)
    assert (texts, is_text) == ({"'7": "7", "8": "8"}, True)
    assert not unmark_cells(["O'Brien", "8"], quotes_mean_text=False)[1]


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        (["'75008", "'K1A 0B1", "'sw1a 1aa"], ["75008", "K1A 0B1", "sw1a 1aa"]),
        (["'K1A 0B1"], ["K1A 0B1"]),
        (["'K1A 0B1", "O'Neil"], ["'K1A 0B1", "O'Neil"]),
        (["'Til", "'tis"], ["'Til", "'tis"]),
        (["'90s"], ["'90s"]),
        (["'K1A 0B1'"], ["'K1A 0B1'"]),
        (["''K1A 0B1", "''tis"], ["'K1A 0B1", "'tis"]),
    ],
)
def test_an_apostrophe_before_all_codes_of_a_column_is_a_mark(cells, texts):
    """A shop puts one before each postcode; a name can have its own."""
    unmarked, _ = unmark_cells(cells, quotes_mean_text=False)
    assert list(unmarked.values()) == texts


def test_the_header_of_a_file_of_flxframe_has_one_name_in_quotes_that_needs_none():
    """Other programs put all names in quotes, or only those that need it."""
    assert format_header(["a,b", "c", "d"], ",") == '"a,b","c",d\r\n'
    assert format_header([], ",") == '""\r\n'


@pytest.mark.parametrize(
    ("cell", "field"),
    [
        (None, ""),
        (True, "true"),
        (7, "7"),
        (-2.5, "-2.5"),
        (Decimal("1.10"), "1.10"),
        ("007", "007"),
        ("-5", "'-5"),
        ("'tis", "''tis"),
        ("#N/A", "'#N/A"),
    ],
)
@pytest.mark.parametrize("quotes_mean_text", [True, False])
def test_values_are_written_by_their_type(cell, field, quotes_mean_text):
    """Numbers have no quotes, and a negative number as text has an apostrophe."""
    assert format_cell(cell, quotes_mean_text) == field


def test_a_number_as_text_is_marked():
    """Quotes suffice if the file has a number without quotes; otherwise an apostrophe is needed."""
    assert format_cell("7", True) == '"7"'
    assert format_cell("7", False) == "'7"


@pytest.mark.parametrize("text", ["a,b", "a;b", "a\tb", 'a"b', "a\nb", " a", "a "])
def test_texts_with_a_delimiter_or_outer_blanks_are_quoted(text):
    """Quoting every delimiter allows the file's own delimiter to be detected."""
    field = format_text(text)
    assert field.startswith('"')
    assert list(csv.reader([field], strict=True)) == [[text]]


@given(text=st.text(st.characters(exclude_characters="\x00\r\n"), min_size=1))
def test_every_text_comes_back(text):
    """The csv module removes the quotes, and unmark() the apostrophe."""
    cells, _ = first_row(f"{format_text(text)},x")
    assert unmark(cells[0]) == text
