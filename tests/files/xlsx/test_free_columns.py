"""The columns that new columns can use: nothing is covered by them."""

import pytest

from flxframe.files.xlsx.free_columns import (
    filled_rows,
    first_visible,
    last_covered_column,
    last_filled_column,
)

EMPTY_TEXT = '<c r="D2" t="str"><f>IF(A2="","x","")</f><v></v></c>'


@pytest.mark.parametrize(
    ("cells", "last"),
    [
        ('<c r="A2"><v>1</v></c>', 1),
        (f'<c r="A2"><v>1</v></c>{EMPTY_TEXT}', 4),
        (f'{EMPTY_TEXT}<c r="E2" s="3"/><c r="F2" s="3"></c>', 4),
        ("<c><v>1</v></c><c/><c><v>2</v></c><c/>", 3),
        ('<c r="C2"/><c><v>1</v></c>', 4),
        ("<c r='AB2'><v>1</v></c>", 28),
        ('<c r="b2"><v>1</v></c>', 2),
        ('<c s="1" r="C2"><is><r><rPr><color rgb="FF"/></rPr><t>x</t></r></is></c>', 3),
        ("", 0),
    ],
)
def test_a_column_with_any_content_is_filled(cells, last):
    """A formula that displays nothing is content, and a style is not."""
    rows = f'<row r="1"/><row r="2">{cells}</row><row r="3"><c r="A3"/></row>'
    assert last_filled_column(rows, "") == last
    rows = rows.replace("<", "<x:").replace("<x:/", "</x:")
    assert last_filled_column(rows, "x:") == last


def test_the_last_column_is_that_of_any_row():
    """A note below the table is content too."""
    rows = '<row r="1"><c r="C1"><v>1</v></c></row><row r="99"><c r="B99"><v>1</v></c></row>'
    assert last_filled_column(rows, "") == 3
    assert last_filled_column(rows.replace("B99", "G99"), "") == 7


def test_filled_rows_are_found_by_column():
    """Cells with only a style are not filled."""
    rows = f'<row>{EMPTY_TEXT}<c r="E2" s="1"/></row><row><c r="e3"><v>1</v></c></row>'
    assert filled_rows(rows, "", ["D", "E"]) == {"D": {2}, "E": {3}}


@pytest.mark.parametrize(
    ("area", "last"),
    [
        ((1, 1, 1, 9), 0),  # a title over the table
        ((2, 5, 2, 6), 6),  # a legend
        ((9, 2, 9, 8), 0),  # a footer
        ((9, 4, 9, 8), 8),  # something next to a footer
        ((1, 3, 2, 7), 7),  # a title that reaches down
    ],
)
def test_areas_in_the_way_cover_columns(area, last):
    """Those are in the table's rows, or begin to the right of it."""
    assert last_covered_column([area], rows=range(2, 6), right=3) == last


@pytest.mark.parametrize(
    ("hidden", "first"),
    [
        ([], 4),
        ([(4, 5)], 6),
        ([(5, 5)], 6),
        ([(5, 5), (7, 7)], 8),
        ([(6, 9)], 4),
        ([(1, 2)], 4),
        ([(4, 16_384)], 4),
    ],
)
def test_new_columns_are_visible(hidden, first):
    """Where all columns to the right are hidden, they are displayed for them."""
    columns = [f'<col min="{start}" max="{end}" hidden="1"/>' for start, end in hidden]
    frame = f'<worksheet><cols><col min="3" max="3"/>{"".join(columns)}</cols></worksheet>'
    assert first_visible(frame, 4, 2) == first
