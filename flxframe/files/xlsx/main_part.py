"""The main part of a workbook, which lists its sheets. Pure: no network, no clock, no disk."""

from __future__ import annotations

from flxframe.files.xlsx.namespaces import relations_namespace
from flxframe.files.xlsx.xml_edit import (
    append,
    attribute,
    child,
    children,
    insert,
    prefix,
    root,
    with_attribute,
)

_AFTER_CALCULATION = frozenset(
    ("oleSize", "customWorkbookViews", "pivotCaches", "webPublishing", "extLst")
)


def recalculate_on_load(text: str) -> str:
    """Return the part, set to recalculate all formulas when Excel opens the workbook.

    Examples
    --------
    >>> recalculate_on_load("<workbook><sheets/></workbook>")
    '<workbook><sheets/><calcPr fullCalcOnLoad="1"/></workbook>'
    """
    settings = child(text, root(text), "calcPr")
    if settings is None:
        tag = f'<{prefix(text)}calcPr fullCalcOnLoad="1"/>'
        return insert(text, tag, _AFTER_CALCULATION)

    tag = text[settings.start : settings.end]
    tag = with_attribute(tag, "fullCalcOnLoad", "1")
    return text[: settings.start] + tag + text[settings.end :]


def add_sheet(text: str, *, name: str, relation: str) -> str:
    """Return the part with one more sheet at the end.

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
    sheets = child(text, root(text), "sheets")
    if sheets is None:
        raise ValueError("the workbook has no sheets")

    numbers = [0]
    for element in children(text, sheets):
        tag = text[element.start : element.end]
        numbers.append(int(attribute(tag, "sheetId") or 0))

    tag = f"{prefix(text)}sheet"
    number = max(numbers) + 1
    namespace = relations_namespace(text)
    xml = f'<{tag} name="{name}" sheetId="{number}" xmlns:r="{namespace}" r:id="{relation}"/>'
    return append(text, sheets, xml)
