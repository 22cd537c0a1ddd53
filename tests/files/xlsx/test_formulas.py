"""Cells become independent of each other's formulas before values replace them."""

import re

from flxframe.files.xlsx.formulas import Released, release

SHARED = (
    '<row r="2"><c r="B2"><f t="shared" ref="B2:B4" si="0">LEN($A2)&amp;"x"</f><v>3</v></c></row>'
    '<row r="3"><c r="B3"><f t="shared" si="0"/><v>3</v></c></row>'
    '<row r="4"><c r="B4" s="1"><f t="shared" si="0"/><v>3</v></c></row>'
)
ARRAY = (
    '<row r="2"><c r="A2"><v>1</v></c>'
    '<c r="B2"><f t="array" ref="B2:C3">LEN(A2:A3)</f><v>3</v></c></row>'
)


def formulas(rows):
    """Return the formulas' elements in the rows of a sheet."""
    return re.findall(r"<f.*?(?:/>|</f>)", rows)


def test_rows_without_formulas_stay_as_they_are():
    """There is nothing to release."""
    rows = '<row r="2"><c r="B2"><v>3</v></c></row>'
    assert release(rows, "", {(2, 2)}) == Released(rows, {}, set())


def test_no_cell_to_replace_leaves_the_rows_as_they_are():
    """Shared formulas stay shared."""
    assert release(SHARED, "", set()) == Released(SHARED, {}, set())


def test_a_shared_formula_is_written_out_where_its_first_cell_is_replaced():
    """Each of the other cells gets it with its own references, escaped again."""
    released = release(SHARED, "", {(2, 2), (4, 2)})
    assert formulas(released.rows) == [
        '<f t="shared" ref="B2:B4" si="0">LEN($A2)&amp;"x"</f>',
        "<f>LEN($A3)&amp;&quot;x&quot;</f>",
        '<f t="shared" si="0"/>',
    ]
    assert released.formulas == {
        (2, 2): 'LEN($A2)&amp;"x"',
        (4, 2): "LEN($A4)&amp;&quot;x&quot;",
    }


def test_a_shared_formula_stays_shared_where_another_cell_is_replaced():
    """Its first cell still has it for the others."""
    released = release(SHARED, "", {(3, 2)})
    assert released.rows == SHARED
    assert released.formulas == {(3, 2): "LEN($A3)&amp;&quot;x&quot;"}


def test_the_cells_of_an_array_formula_are_locked():
    """None of them can get a value of its own; cells next to its range can."""
    released = release(ARRAY, "", {(2, 1), (2, 2), (3, 3), (3, 4)})
    assert released == Released(ARRAY, {}, {(2, 2), (3, 3)})


def test_an_array_formula_without_a_valid_range_locks_no_cell():
    """Its cell is replaced, with its formula."""
    rows = ARRAY.replace("B2:C3", "B:B")
    assert release(rows, "", {(2, 2)}) == Released(rows, {(2, 2): "LEN(A2:A3)"}, set())


def test_formulas_are_found_by_the_prefix_of_the_sheet():
    """Some programs give every element a prefix."""
    rows = re.sub(r"<(/?)", r"<\1x:", SHARED)
    released = release(rows, "x:", {(2, 2)})
    assert "<x:f>LEN($A3)&amp;&quot;x&quot;</x:f>" in released.rows
    assert list(released.formulas) == [(2, 2)]


def test_a_cell_without_a_reference_is_skipped():
    """Its formula could not be moved to another cell."""
    rows = SHARED.replace(' r="B3"', "")
    assert formulas(release(rows, "", {(2, 2)}).rows)[1] == '<f t="shared" si="0"/>'


def test_a_locked_cell_gets_its_shared_formula_written_out():
    """It keeps its formula, so the formula must not refer to a replaced cell."""
    rows = SHARED + ARRAY.replace("B2", "C2").replace("C2:C3", "B3:C3")
    released = release(rows, "", {(2, 2), (3, 2)})
    assert released.locked == {(3, 2)}
    assert formulas(released.rows)[1] == "<f>LEN($A3)&amp;&quot;x&quot;</f>"
