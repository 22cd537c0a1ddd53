"""The main part of a workbook: a sheet is added, and formulas are recalculated."""

import pytest

from flxframe.files.xlsx.main_part import add_sheet, recalculate_on_load


@pytest.mark.parametrize(
    ("inside", "edited"),
    [
        ("<sheets/><extLst/>", '<sheets/><calcPr fullCalcOnLoad="1"/><extLst/>'),
        ('<calcPr calcId="1"/>', '<calcPr calcId="1" fullCalcOnLoad="1"/>'),
        ('<calcPr fullCalcOnLoad="0"/><a/>', '<calcPr fullCalcOnLoad="1"/><a/>'),
    ],
)
def test_formulas_are_recalculated_on_load(inside, edited):
    """Other settings of the calculation are kept."""
    text = recalculate_on_load(f"<workbook>{inside}</workbook>")
    assert text == f"<workbook>{edited}</workbook>"


def test_a_sheet_is_added_at_the_end():
    """Its number is higher than all others."""
    text = (
        '<x:workbook><x:sheets><x:sheet sheetId="9"/><x:sheet sheetId="3"/></x:sheets></x:workbook>'
    )
    edited = add_sheet(text, name="flxframe", relation="rId5")
    start = '<x:sheet sheetId="3"/><x:sheet name="flxframe" sheetId="10" xmlns:r="'
    assert start in edited
    assert edited.endswith(' r:id="rId5"/></x:sheets></x:workbook>')


def test_a_sheet_of_a_strict_workbook_has_its_namespace():
    """Otherwise Excel would not find the part of the sheet."""
    main = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    text = add_sheet(f'<workbook xmlns="{main}"><sheets/></workbook>', name="x", relation="y")
    assert 'xmlns:r="http://purl.oclc.org/ooxml/officeDocument/relationships"' in text


def test_a_part_without_sheets_is_an_error():
    """It is not the main part of a workbook."""
    with pytest.raises(ValueError, match="the workbook has no sheets"):
        add_sheet("<workbook/>", name="x", relation="y")
