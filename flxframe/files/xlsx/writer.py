"""A result in a workbook: the user's own, mended in place, or a fresh one."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import IO, Any

import pandas as pd

from flxframe.dtypes import is_integral, kind_of
from flxframe.exceptions import FileError
from flxframe.files.layout import Layout
from flxframe.files.references import letters
from flxframe.files.xlsx import cell_comments, cell_values, formulas, worksheet, xml_edit
from flxframe.files.xlsx.namespaces import relationships_namespace
from flxframe.files.xlsx.package import Package
from flxframe.files.xlsx.rows import Change, RowWriter
from flxframe.files.xlsx.styles import Stylesheet
from flxframe.files.xlsx.summary_sheet import summary_sheet
from flxframe.files.xlsx.workbook import SUMMARY_SHEET, Sheet, Workbook
from flxframe.models import RUN_COLUMNS
from flxframe.result.compare import changes

_MOST_NOTES = 10_000


_LONGEST_NOTE = 1_000


_AFTER_CALCULATION = frozenset(
    ("oleSize", "customWorkbookViews", "pivotCaches", "webPublishing", "extLst")
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where in a workbook a result goes.

    Parameters
    ----------
    workbook : Workbook
        The workbook, opened.
    sheet : Sheet
        Its sheet.
    place : Layout
        Where the table stands in it, and its columns.
    width : int
        The last column that holds anything.
    """

    workbook: Workbook
    sheet: Sheet
    place: Layout
    width: int


@dataclass(slots=True)
class _Report:
    """What is told beside the cells."""

    notes: list[tuple[int, int, str]] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)


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
        Where to.
    target : Target
        The workbook, and where in it.
    before : DataFrame or None
        The table as it was read; where the result differs from it, a cell is written, marked, and told its old value.
    base_url : str or None
        Where the requests went.

    Raises
    ------
    FileError
        If the table has other rows than the sheet, or a text is too long for a cell.
    """
    package = Package(target.workbook)
    report = _Report()
    change = _change(result, target, before, report)
    styles, styles_part = _styles(package, target.workbook)
    _write_sheet(package, target, change, styles, report)
    if set(RUN_COLUMNS[:3]) <= set(result.columns):
        told = summary_sheet(
            result,
            first_row=change.rows.start,
            now=dt.datetime.now().astimezone(),
            base_url=base_url,
            remarks=report.untold,
            bold=styles.bold(),
        )
        _put_summary(package, target.workbook, told)
    package.put(styles_part, styles.text())
    package.save(file)


def check_lengths(table: pd.DataFrame, *, first_row: int) -> None:
    """Find out whether each text fits into a cell.

    Raises
    ------
    FileError
        If one doesn't; the message names its row and column.
    """
    for number, name in enumerate(table.columns):
        for position, value in enumerate(table.iloc[:, number].tolist()):
            if length := cell_values.too_long(value):
                raise FileError(
                    f"column {str(name)!r}, row {first_row + position} holds a text of {length:,} characters, and a "
                    f"cell of a workbook holds at most {cell_values.LONGEST_TEXT:,}: write a .jsonl or .csv file "
                    "instead"
                )


def _change(
    result: pd.DataFrame, target: Target, before: pd.DataFrame | None, report: _Report
) -> Change:
    """Find out what is to become of which cell."""
    place = target.place
    rows = range(place.header_row + 1, place.header_row + 1 + len(result))
    names = [str(name) for name in result.columns]
    last = target.width
    columns: dict[int, list[Any]] = {}
    header: dict[int, str] = {}
    numbers: dict[str, int] = {}
    for position, name in enumerate(names):
        number = place.columns.get(name)
        if number is None:
            last += 1
            number = last
            header[number] = name
        if number in header or name in RUN_COLUMNS:
            columns[number] = _cells(result.iloc[:, position])
        numbers[name] = number
    troubled = set()
    if "run.status" in names:
        status = result["run.status"].tolist()
        troubled = {row for row, word in zip(rows, status, strict=True) if word != "ok"}
    table = sorted({*place.columns.values(), *numbers.values()})
    change = Change(rows, columns, {}, header, place.header_row, set(), troubled, table)
    if before is not None:
        _mark(change, result, before, numbers, report)
    return change


def _mark(
    change: Change,
    result: pd.DataFrame,
    before: pd.DataFrame,
    numbers: Mapping[str, int],
    report: _Report,
) -> None:
    known = before.drop(columns=[name for name in RUN_COLUMNS if name in before.columns])
    found = changes(known, result)
    had = set(map(str, known.columns))
    for position, name, old, new in zip(
        *(found[column].tolist() for column in found.columns), strict=True
    ):
        if name not in numbers:
            continue
        cell = (change.rows.start + position, numbers[name])
        change.marked.add(cell)
        if name in had:
            report.notes.append((*cell, _was(old)))
            if cell[1] not in change.columns:
                change.cells[cell] = cell_values.like(None if new is pd.NA else new, old)


def _cells(column: pd.Series[Any]) -> list[Any]:
    cells = column.tolist()
    # Where only blanks made a column float, a person wants to see 7, not 7.0; and so it is sent.
    return (
        [cell if math.isnan(cell) else int(cell) for cell in cells]
        if is_integral(column)
        else cells
    )


def _was(old: Any) -> str:
    if kind_of(old) == "missing":
        return "was blank"
    if isinstance(old, (dt.date, dt.time)):
        return f"was {old.isoformat()}"
    text = str(old)
    return f"was {text if len(text) <= _LONGEST_NOTE else text[:_LONGEST_NOTE] + ' ...'}"


def _styles(package: Package, workbook: Workbook) -> tuple[Stylesheet, str]:
    found = workbook.related(workbook.main, "/styles")
    if not found:
        raise FileError(
            f"{workbook.path} has no styles: open it in Excel or LibreOffice, and save it there"
        )
    part = found[0][1]
    return Stylesheet(package.text(part), workbook.formats), part


def _write_sheet(
    package: Package, target: Target, change: Change, styles: Stylesheet, report: _Report
) -> None:
    frame, rows = worksheet.split(package.text(target.sheet.part))
    prefix = xml_edit.prefix(frame)
    released = formulas.release(rows, prefix, set(change.cells))
    for row, column in released.locked:
        value = change.cells.pop((row, column))
        report.untold.append(
            f"{letters(column)}{row} is part of an array formula and keeps it; the workflow's value is {value!s:.200}"
        )
    report.notes = [
        (row, column, _with_formula(text, released.formulas.get((row, column))))
        for row, column, text in report.notes
        if (row, column) not in released.locked
    ]
    if released.formulas:
        _forget_order(package, target.workbook)
    if change.cells:
        _let_count(package, target.workbook)
    last = max(change.table, default=1)
    frame = worksheet.stretch(frame, row=change.rows.stop - 1, column=last)
    frame = worksheet.freeze(frame, change.header_row)
    styled = worksheet.column_styles(frame, change.table)
    widths = {column: _width(name) for column, name in change.header.items()}
    frame = worksheet.widen(frame, widths)
    frame = _write_notes(package, target, frame, report)
    writer = RowWriter(
        change, styles, prefix=prefix, date1904=target.workbook.date1904, column_styles=styled
    )
    package.put(target.sheet.part, worksheet.joined(frame, "".join(writer.write(released.rows))))


def _width(name: str) -> float:
    return 60.0 if name == "run.error" else min(40.0, max(12.0, len(name) + 2.0))


def _with_formula(text: str, formula: str | None) -> str:
    return f"{text}, by the formula ={unescape(formula)}" if formula else text


def _write_notes(package: Package, target: Target, frame: str, report: _Report) -> str:
    """Write the comments, those of the user as they are, and return the sheet's frame."""
    workbook, part = target.workbook, target.sheet.part
    known = workbook.related(part, "/comments")
    comments, gone, kept = (
        cell_comments.strip(package.text(known[0][1]))
        if known
        else (cell_comments.NO_COMMENTS, set(), set())
    )
    fresh = [note for note in report.notes if f"{letters(note[1])}{note[0]}" not in kept]
    for row, column, text in report.notes:
        if f"{letters(column)}{row}" in kept:
            report.untold.append(f"{letters(column)}{row} has a comment of yours; it {text}")
    if len(fresh) > _MOST_NOTES:
        report.untold.append(
            f"Only the first {_MOST_NOTES:,} of {len(fresh):,} changed cells tell their old value"
        )
        fresh = fresh[:_MOST_NOTES]
    if not fresh and not gone:
        return frame
    comments = cell_comments.add(comments, fresh)
    if known:
        package.put(known[0][1], comments)
    else:
        package.add(
            "xl/comments1.xml", comments, source=part, kind="/comments", content_type="comments"
        )
    relation = worksheet.drawing(frame)
    boxes = dict(workbook.related(part, "/vmlDrawing")).get(relation or "")
    if boxes is not None:
        text = cell_comments.strip_shapes(package.text(boxes), gone)
        package.put(boxes, cell_comments.add_shapes(text, fresh))
        return frame
    relation = package.add(
        "xl/drawings/vmlDrawing1.vml",
        cell_comments.add_shapes(cell_comments.NO_SHAPES, fresh),
        source=part,
        kind="/vmlDrawing",
        content_type="application/vnd.openxmlformats-officedocument.vmlDrawing",
    )
    return worksheet.with_drawing(frame, relation)


def _forget_order(package: Package, workbook: Workbook) -> None:
    """Drop the order in which formulas are counted: it may not name a cell without one, and Excel makes it anew."""
    for _, part in workbook.related(workbook.main, "/calcChain"):
        package.drop(part, source=workbook.main)


def _let_count(package: Package, workbook: Workbook) -> None:
    """Let Excel count all formulas anew when it opens the workbook, since they may depend on what changed."""
    text = package.text(workbook.main)
    found = xml_edit.child(text, xml_edit.root(text), "calcPr")
    if found is None:
        text = xml_edit.insert(
            text, f'<{xml_edit.prefix(text)}calcPr fullCalcOnLoad="1"/>', _AFTER_CALCULATION
        )
    else:
        tag = xml_edit.with_attribute(text[found.start : found.end], "fullCalcOnLoad", "1")
        text = text[: found.start] + tag + text[found.end :]
    package.put(workbook.main, text)


def _put_summary(package: Package, workbook: Workbook, xml: str) -> None:
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
    text = package.text(workbook.main)
    p = xml_edit.prefix(text)
    sheets = xml_edit.child(text, xml_edit.root(text), "sheets")
    if sheets is None:
        raise ValueError("the workbook has no sheets")
    listed = [text[element.start : element.end] for element in xml_edit.children(text, sheets)]
    number = 1 + max(int(xml_edit.attribute(tag, "sheetId") or 0) for tag in listed)
    relations = relationships_namespace(text)
    entry = f'<{p}sheet name="{SUMMARY_SHEET}" sheetId="{number}" xmlns:r="{relations}" r:id="{relation}"/>'
    package.put(workbook.main, xml_edit.append(text, sheets, entry))
