"""Write a result to a workbook: the user's own, edited in place, or a new one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from html import unescape
from typing import IO

import pandas as pd

from flxframe.exceptions import FileError
from flxframe.files.layout import Layout
from flxframe.files.references import letters
from flxframe.files.xlsx import (
    cell_comments,
    cell_values,
    formulas,
    main_part,
    worksheet,
    xml_edit,
)
from flxframe.files.xlsx.cell_comments import Comment
from flxframe.files.xlsx.change import Change, change_of
from flxframe.files.xlsx.namespaces import VML_DRAWING
from flxframe.files.xlsx.package import Package
from flxframe.files.xlsx.rows import RowWriter
from flxframe.files.xlsx.styles import Stylesheet
from flxframe.files.xlsx.summary_sheet import summary_sheet
from flxframe.files.xlsx.workbook import SUMMARY_SHEET, Sheet, Workbook
from flxframe.models import RUN_COLUMNS

_ERROR_WIDTH = 60.0
_MIN_WIDTH = 12.0
_MAX_WIDTH = 40.0


@dataclass(frozen=True, slots=True)
class Target:
    """The position of a result in a workbook.

    Parameters
    ----------
    workbook : Workbook
        The workbook, opened.
    sheet : Sheet
        Its sheet.
    layout : Layout
        The position of the table in the sheet, and its columns.
    width : int
        The last column of the sheet with any content.
    """

    workbook: Workbook
    sheet: Sheet
    layout: Layout
    width: int


def write_workbook(
    result: pd.DataFrame,
    file: IO[bytes],
    target: Target,
    *,
    before: pd.DataFrame | None,
    base_url: str | None,
) -> None:
    """Write a result into a copy of a workbook.

    Parameters
    ----------
    result : DataFrame
        The rows.
    file : file object
        The file to write to.
    target : Target
        The workbook, and the position of the table in it.
    before : DataFrame or None
        The table as it was read; where the result differs from it, a cell is rewritten and marked,
        and gets its old value as a comment.
    base_url : str or None
        The URL that the requests went to.

    Raises
    ------
    FileError
        If the workbook has no styles.
    """
    package = Package(target.workbook)
    change = change_of(result, target.layout, width=target.width, before=before)
    styles, styles_part = _styles(package, target.workbook)
    remarks: list[str] = []
    _write_sheet(package, target, change, styles, remarks)

    if set(RUN_COLUMNS[:3]) <= set(result.columns):
        summary = summary_sheet(
            result,
            first_row=change.rows.start,
            now=dt.datetime.now().astimezone(),
            base_url=base_url,
            remarks=remarks,
            bold=styles.bold(),
        )
        _put_summary(package, target.workbook, summary)

    package.put(styles_part, styles.text())
    package.save(file)


def check_lengths(table: pd.DataFrame, *, first_row: int) -> None:
    """Raise if a text does not fit into a cell.

    Raises
    ------
    FileError
        If a text is too long; the message names its row and column.
    """
    for number, name in enumerate(table.columns):
        for position, value in enumerate(table.iloc[:, number].tolist()):
            if length := cell_values.too_long(value):
                raise FileError(
                    f"column {str(name)!r}, row {first_row + position} holds a text of {length:,} characters, and a "
                    f"cell of a workbook holds at most {cell_values.LONGEST_TEXT:,}: write a .jsonl or .csv file "
                    "instead"
                )


def _styles(package: Package, workbook: Workbook) -> tuple[Stylesheet, str]:
    """Return the styles of a workbook and the name of their part."""
    parts = workbook.related(workbook.main, "/styles")
    if not parts:
        raise FileError(
            f"{workbook.path} has no styles: open it in Excel or LibreOffice, and save it there"
        )
    _, part = parts[0]
    return Stylesheet(package.text(part), workbook.formats), part


def _write_sheet(
    package: Package, target: Target, change: Change, styles: Stylesheet, remarks: list[str]
) -> None:
    """Write the sheet of the table, with its comments."""
    workbook, part = target.workbook, target.sheet.part
    frame, rows = worksheet.split(package.text(part))
    prefix = xml_edit.prefix(frame)
    rows, comments = _replace_formulas(package, target, change, prefix, rows, remarks)

    if change.cells:  # formulas might depend on them
        main = package.text(workbook.main)
        package.put(workbook.main, main_part.recalculate_on_load(main))

    last_column = max(change.table_columns, default=1)
    frame = worksheet.stretch(frame, row=change.rows.stop - 1, column=last_column)
    frame = worksheet.freeze(frame, change.header_row)
    column_styles = worksheet.column_styles(frame, change.table_columns)
    widths = {column: _width(name) for column, name in change.header.items()}
    frame = worksheet.widen(frame, widths)
    frame = _write_comments(package, target, frame, comments, remarks)

    writer = RowWriter(
        change,
        styles,
        prefix=prefix,
        date1904=workbook.date1904,
        column_styles=column_styles,
    )
    data = "".join(writer.write(rows))
    package.put(part, worksheet.joined(frame, data))


def _replace_formulas(
    package: Package,
    target: Target,
    change: Change,
    prefix: str,
    rows: str,
    remarks: list[str],
) -> tuple[str, list[Comment]]:
    """Return the rows in which formulas can be replaced by values, and the comments to write.

    The cells of array formulas are taken out of the change.
    """
    released = formulas.release(rows, prefix, set(change.cells))
    for row, column in released.locked:
        value = change.cells.pop((row, column))
        remarks.append(
            f"{letters(column)}{row} is part of an array formula and keeps it; "
            f"the workflow's value is {value!s:.200}"
        )

    comments = []
    for cell, text in change.comments.items():
        if cell in released.locked:
            continue
        formula = released.formulas.get(cell)
        source = f", by the formula ={unescape(formula)}" if formula else ""
        comments.append(Comment(*cell, text + source))

    if released.formulas:
        _drop_calculation_chain(package, target.workbook)
    return released.rows, comments


def _drop_calculation_chain(package: Package, workbook: Workbook) -> None:
    """Drop the order of calculation: it must not name a cell without a formula.

    Excel recreates it.
    """
    for _, part in workbook.related(workbook.main, "/calcChain"):
        package.drop(part, source=workbook.main)


def _width(name: str) -> float:
    if name == "run.error":
        return _ERROR_WIDTH
    return min(_MAX_WIDTH, max(_MIN_WIDTH, len(name) + 2.0))


def _write_comments(
    package: Package, target: Target, frame: str, comments: list[Comment], remarks: list[str]
) -> str:
    """Write the comments, keep the user's own, and return the sheet without its rows."""
    part = target.sheet.part
    known = target.workbook.related(part, "/comments")
    text = cell_comments.NO_COMMENTS
    if known:
        text = package.text(known[0][1])
    stripped = cell_comments.strip(text)

    comments, more_remarks = cell_comments.without_collisions(comments, stripped.kept)
    remarks += more_remarks
    if not comments and not stripped.removed:
        return frame

    text = cell_comments.add(stripped.text, comments)
    if known:
        package.put(known[0][1], text)
    else:
        package.add(
            "xl/comments1.xml", text, source=part, kind="/comments", content_type="comments"
        )
    return _write_shapes(package, target, frame, comments, stripped.removed)


def _write_shapes(
    package: Package, target: Target, frame: str, comments: list[Comment], removed: set[str]
) -> str:
    """Write the boxes of the comments, and return the sheet without its rows."""
    part = target.sheet.part
    drawings = dict(target.workbook.related(part, "/vmlDrawing"))
    drawing = drawings.get(worksheet.drawing(frame) or "")
    if drawing is not None:
        text = cell_comments.strip_shapes(package.text(drawing), removed)
        package.put(drawing, cell_comments.add_shapes(text, comments))
        return frame

    relation = package.add(
        "xl/drawings/vmlDrawing1.vml",
        cell_comments.add_shapes(cell_comments.NO_SHAPES, comments),
        source=part,
        kind="/vmlDrawing",
        content_type=VML_DRAWING,
    )
    return worksheet.with_drawing(frame, relation)


def _put_summary(package: Package, workbook: Workbook, xml: str) -> None:
    """Write the summary sheet over that of an earlier run, or as a new one."""
    for sheet in workbook.sheets:
        if sheet.name == SUMMARY_SHEET:
            package.put(sheet.part, xml)
            return

    relation = package.add(
        "xl/worksheets/flxframe.xml",
        xml,
        source=workbook.main,
        kind="/worksheet",
        content_type="worksheet",
    )
    main = package.text(workbook.main)
    package.put(workbook.main, main_part.add_sheet(main, name=SUMMARY_SHEET, relation=relation))
