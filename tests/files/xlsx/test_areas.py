"""Areas of a sheet: they include the new columns of their table, and no others."""

import pytest

from flxframe.files.xlsx.areas import Growth, filter_of, widened, with_wide_filter, with_wide_names

GROWTH = Growth(rows=range(1, 5), old_last=3, first=4, last=6)


def main(name, text, sheet=1):
    return (
        '<workbook><sheets><sheet name="Other"/><sheet name="A &amp; B"/></sheets><definedNames>'
        f'<definedName name="{name}" localSheetId="{sheet}" hidden="1">{text}</definedName>'
        "</definedNames></workbook>"
    )


def test_a_range_is_widened():
    """A single cell becomes a range."""
    assert widened("A1", 2) == "A1:B1"
    assert widened("$B$2:$C$9", 28) == "B2:AB9"


@pytest.mark.parametrize(
    ("reference", "is_of_table"),
    [("A1:C4", True), ("A1:B4", True), ("B1:C9", True), ("A2:C4", False), ("A1:F4", False)],
)
def test_the_filter_of_the_table_is_found(reference, is_of_table):
    """It is in the row of the names, and does not include the new columns yet."""
    frame = f'<worksheet><sheetData/><autoFilter ref="{reference}"/></worksheet>'
    assert filter_of(frame, GROWTH) == (reference if is_of_table else None)
    assert filter_of("<worksheet/>", GROWTH) is None


def test_a_filter_is_widened_with_its_order():
    """Otherwise applying it again would separate the new columns from their rows."""
    frame = (
        '<x:worksheet><x:autoFilter ref="A1:C4"><x:filterColumn colId="0"/>'
        '<x:sortState ref="A2:C4"><x:sortCondition ref="B2:B4"/></x:sortState></x:autoFilter>'
        '<x:sortState ref="A2:C4"/></x:worksheet>'
    )
    wide = with_wide_filter(frame, 28)
    assert wide == frame.replace("C4", "AB4")


@pytest.mark.parametrize(
    ("area", "wide"),
    [
        ("$A$1:$C$4", "$A$1:$F$4"),
        ("$A:$C", "$A:$F"),
        ("$A$1:$D$9", "$A$1:$F$9"),
        ("$A$1:$C$4,'A &amp; B'!$H$1:$I$4", "$A$1:$F$4,'A &amp; B'!$H$1:$I$4"),
        ("$A$1:$B$4", "$A$1:$B$4"),  # the user prints only some of the columns
        ("$A$9:$C$12", "$A$9:$C$12"),
        ("$A$1:$Z$4", "$A$1:$Z$4"),
    ],
)
def test_a_print_area_is_widened(area, wide):
    """It is if it includes the last column of the table."""
    before = main("_xlnm.Print_Area", f"'A &amp; B'!{area}")
    after = main("_xlnm.Print_Area", f"'A &amp; B'!{wide}")
    assert with_wide_names(before, "A & B", GROWTH, None) == after
    assert with_wide_names(before, "Other", GROWTH, None) == before


def test_the_name_of_the_filter_is_its_area():
    """Excel keeps a hidden name for it."""
    before = main("_xlnm._FilterDatabase", "'A &amp; B'!$A$1:$C$4")
    after = main("_xlnm._FilterDatabase", "'A &amp; B'!$A$1:$F$4")
    assert with_wide_names(before, "A & B", GROWTH, "A1:C4") == after
    assert with_wide_names(before, "A & B", GROWTH, "A1:B4") == before
    assert with_wide_names(before, "A & B", GROWTH, None) == before


def test_other_names_stay():
    """They are the user's own."""
    before = main("Orders", "'A &amp; B'!$A$1:$C$4")
    assert with_wide_names(before, "A & B", GROWTH, "A1:C4") == before
