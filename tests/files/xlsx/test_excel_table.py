"""The part of an Excel Table: new columns are added to it, or a reason is given."""

import pytest

from flxframe.files.xlsx.areas import Growth
from flxframe.files.xlsx.excel_table import area, extended, name_of, obstacle

GROWTH = Growth(rows=range(1, 5), old_last=2, first=3, last=4)
TABLE = (
    '<table id="7" name="T" displayName="Orders" ref="A1:B5" totalsRowCount="1">'
    '<autoFilter ref="A1:B4"/><sortState ref="A2:B4"><sortCondition ref="B2:B4"/></sortState>'
    '<tableColumns count="2"><tableColumn id="1" name="a" totalsRowLabel="Total"/>'
    '<tableColumn id="9" name="n"><totalsRowFormula>1</totalsRowFormula></tableColumn>'
    "</tableColumns></table>"
)


def test_new_columns_are_added():
    """The totals row stays; the ids are new; the filter and the order include the columns."""
    assert (name_of(TABLE), area(TABLE)) == ("Orders", (1, 1, 5, 2))
    expected = TABLE.replace('"A1:B5"', '"A1:D5"').replace('"A1:B4"', '"A1:D4"')
    expected = expected.replace('"A2:B4"', '"A2:D4"').replace('count="2"', 'count="4"')
    expected = expected.replace(
        "</tableColumns>",
        '<tableColumn id="10" name="x &amp; y"/><tableColumn id="11" name="a_x000a_b"/>'
        "</tableColumns>",
    )
    assert extended(TABLE, GROWTH, ["x & y", "a\nb"]) == expected


@pytest.mark.parametrize(
    ("old", "new", "names", "reason"),
    [
        ("", "", ["x", "y"], None),
        ("A1:B5", "A1:A5", ["x", "y"], "other cells or hidden columns are next to it"),
        ('id="7"', 'tableType="queryTable"', ["x", "y"], "it is connected to other data"),
        ("", "", ["x", "N"], "two of its columns would have the same name"),
        ("", "", ["x", "X"], "two of its columns would have the same name"),
        ("", "", ["x", ""], "a name is blank or too long for it"),
        ("", "", ["x", "y" * 256], "a name is blank or too long for it"),
    ],
)
def test_a_table_that_cannot_grow_has_a_reason(old, new, names, reason):
    """Excel would report it as damage."""
    assert obstacle(TABLE.replace(old, new, 1), GROWTH, names) == reason
