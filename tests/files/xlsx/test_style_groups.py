"""The groups of a styles part: they are read, extended and completed."""

import pytest

from flxframe.files.xlsx.style_groups import completed, items, with_items

FONTS = '<fonts count="1"><font/></fonts>'


def test_items_are_added_to_a_group():
    """Its count is the number of its items."""
    text = f"<styleSheet>{FONTS}</styleSheet>"
    assert with_items(text, "fonts", ["<font/>"]) == text
    text = with_items(text, "fonts", ["<font/>", "<font><b/></font>"])
    assert text == '<styleSheet><fonts count="2"><font/><font><b/></font></fonts></styleSheet>'
    assert items(text, "fonts") == ["<font/>", "<font><b/></font>"]


@pytest.mark.parametrize("group", ["", '<numFmts count="0"/>'])
def test_a_new_group_is_in_its_order(group):
    """Excel reports another order as damage."""
    text = f"<styleSheet>{group}{FONTS}</styleSheet>"
    expected = f'<styleSheet><numFmts count="1"><numFmt/></numFmts>{FONTS}</styleSheet>'
    assert with_items(text, "numFmts", ["<numFmt/>"]) == expected

    text = with_items(f"<styleSheet>{FONTS}</styleSheet>", "cellStyles", ["<cellStyle/>"])
    assert text.index("<fonts") < text.index("<cellStyles")


@pytest.mark.parametrize("text", ["<styleSheet/>", "<styleSheet></styleSheet>"])
def test_an_empty_part_is_completed(text):
    """Excel needs a font, two fills, a border and a style."""
    full = completed(text)
    groups = ["fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles"]
    assert [len(items(full, group)) for group in groups] == [1, 2, 1, 1, 1, 1]
    assert [full.index(f"<{group} ") for group in groups] == sorted(
        full.index(f"<{group} ") for group in groups
    )
    assert completed(full) == full


def test_only_what_is_missing_is_added():
    """Excel takes the second fill for a pattern, whatever it is."""
    full = completed(f'<x:styleSheet>{FONTS}<fills count="1"><fill/></fills></x:styleSheet>')
    assert items(full, "fonts") == ["<font/>"]
    assert items(full, "fills") == [
        "<fill/>",
        '<x:fill><x:patternFill patternType="gray125"/></x:fill>',
    ]
    assert '<x:borders count="1"><x:border><x:left/>' in full
