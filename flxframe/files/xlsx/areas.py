"""Areas of a sheet that grow with its table: filters and print areas. Pure.

A filter that did not include the new columns would, on sorting, separate them from their rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flxframe.files.references import column_number, letters, span
from flxframe.files.xlsx.xml_edit import Element, attribute, child, children, root, with_attribute

_FILTER_NAME = "_xlnm._FilterDatabase"
_PRINT_NAME = "_xlnm.Print_Area"
_NAMED_RANGE = re.compile(r"!\$?([A-Z]+)\$?(\d*):\$?([A-Z]+)\$?(\d*)(?=,|$)")


@dataclass(frozen=True, slots=True)
class Growth:
    """New columns of a table.

    Parameters
    ----------
    rows : range
        The rows of the table, with its header.
    old_last : int
        The last column that the table had before.
    first, last : int
        The first and the last of the new columns.
    """

    rows: range
    old_last: int
    first: int
    last: int


def widened(reference: str, column: int) -> str:
    """Return a range up to another column.

    Examples
    --------
    >>> widened("A1:C9", 5)
    'A1:E9'
    """
    top, left, bottom, _ = span(reference)
    return f"{letters(left)}{top}:{letters(column)}{bottom}"


def filter_of(frame: str, growth: Growth) -> str | None:
    """Return the range of the sheet's filter, if it is the table's and ends before new columns."""
    element = child(frame, root(frame), "autoFilter")
    if element is None:
        return None

    reference = attribute(frame[element.start : element.end], "ref") or ""
    top, left, _, right = span(reference)
    is_of_table = top == growth.rows.start and left <= growth.old_last
    return reference if is_of_table and right < growth.first else None


def with_wide_filter(xml: str, column: int) -> str:
    """Return a worksheet or a table whose filter, and the order of its rows, include a column."""
    for name in ("autoFilter", "sortState"):
        element = child(xml, root(xml), name)
        if element is not None:
            xml = _widened_element(xml, element, column)
    return xml


def with_wide_names(main: str, sheet: str, growth: Growth, filtered: str | None) -> str:
    """Return the main part of a workbook whose names of a sheet's areas include new columns.

    Parameters
    ----------
    main : str
        The part's XML.
    sheet : str
        The name of the sheet.
    growth : Growth
        The new columns.
    filtered : str or None
        The range of the filter that was widened.
    """
    group = child(main, root(main), "definedNames")
    number = str(_sheet_number(main, sheet))
    elements = children(main, group) if group else []
    for element in reversed(elements):
        tag = main[element.start : element.inside]
        if attribute(tag, "localSheetId") != number:
            continue

        text = main[element.inside : element.closing]
        name = attribute(tag, "name")
        if name == _PRINT_NAME:
            text = _NAMED_RANGE.sub(lambda match: _wide_print_area(match, growth), text)
        elif name == _FILTER_NAME and filtered:
            text = _NAMED_RANGE.sub(lambda match: _wide_filter(match, growth, filtered), text)
        main = main[: element.inside] + text + main[element.closing :]
    return main


def _widened_element(xml: str, element: Element, column: int) -> str:
    """Return XML in which an element, and a ``sortState`` in it, include a column."""
    inner = child(xml, element, "sortState")
    if inner is not None:
        xml = _widened_element(xml, inner, column)

    tag = xml[element.start : element.inside]
    reference = attribute(tag, "ref") or ""
    tag = with_attribute(tag, "ref", widened(reference, column))
    return xml[: element.start] + tag + xml[element.inside :]


def _wide_print_area(match: re.Match[str], growth: Growth) -> str:
    """Return a print area with the new columns, if the table's last column is in it."""
    top, bottom = int(match[2] or 1), int(match[4] or growth.rows.stop)
    left, right = column_number(match[1]), column_number(match[3])
    has_rows = top < growth.rows.stop and bottom >= growth.rows.start
    has_column = left <= growth.old_last <= right < growth.last
    return _ending(match, growth.last) if has_rows and has_column else match[0]


def _wide_filter(match: re.Match[str], growth: Growth, filtered: str) -> str:
    is_filter = match[0].replace("$", "") == f"!{filtered}"
    return _ending(match, growth.last) if is_filter else match[0]


def _ending(match: re.Match[str], column: int) -> str:
    """Return a range with another last column."""
    start, end = match.start(3) - match.start(), match.end(3) - match.start()
    return match[0][:start] + letters(column) + match[0][end:]


def _sheet_number(main: str, name: str) -> int:
    """Return the position of a sheet among all sheets of a workbook."""
    sheets = child(main, root(main), "sheets")
    for number, element in enumerate(children(main, sheets) if sheets else []):
        if attribute(main[element.start : element.end], "name") == name:
            return number
    return -1
