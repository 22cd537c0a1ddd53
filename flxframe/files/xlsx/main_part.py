"""Edit the main part of a workbook, which lists its sheets. Pure: no network, no clock, no disk."""

from __future__ import annotations

from flxframe.files.xlsx import xml_edit
from flxframe.files.xlsx.namespaces import relationships_namespace

_AFTER_CALCULATION = frozenset(
    ("oleSize", "customWorkbookViews", "pivotCaches", "webPublishing", "extLst")
)


def recalculate_on_load(text: str) -> str:
    """Return the part such that Excel recalculates all formulas when it opens the workbook.

    Examples
    --------
    >>> recalculate_on_load("<workbook><sheets/></workbook>")
    '<workbook><sheets/><calcPr fullCalcOnLoad="1"/></workbook>'
    """
    settings = xml_edit.child(text, xml_edit.root(text), "calcPr")
    if settings is None:
        tag = f'<{xml_edit.prefix(text)}calcPr fullCalcOnLoad="1"/>'
        return xml_edit.insert(text, tag, _AFTER_CALCULATION)

    tag = xml_edit.with_attribute(text[settings.start : settings.end], "fullCalcOnLoad", "1")
    return text[: settings.start] + tag + text[settings.end :]


def add_sheet(text: str, *, name: str, relation: str) -> str:
    """Return the part with one more sheet, as the last.

    Parameters
    ----------
    text : str
        The part's XML.
    name : str
        The sheet's name.
    relation : str
        The id of the relationship to the sheet's own part.

    Raises
    ------
    ValueError
        If the part does not list any sheets.
    """
    sheets = xml_edit.child(text, xml_edit.root(text), "sheets")
    if sheets is None:
        raise ValueError("the workbook has no sheets")

    numbers = [0]
    for element in xml_edit.children(text, sheets):
        tag = text[element.start : element.end]
        numbers.append(int(xml_edit.attribute(tag, "sheetId") or 0))

    entry = (
        f'<{xml_edit.prefix(text)}sheet name="{name}" sheetId="{1 + max(numbers)}" '
        f'xmlns:r="{relationships_namespace(text)}" r:id="{relation}"/>'
    )
    return xml_edit.append(text, sheets, entry)
