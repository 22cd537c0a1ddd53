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
from flxframe.files.xlsx.formulas import Released
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
    change = change_of(result, target.layout, width=target.width, before=before)
    edit = _Edit(target)
    styles, styles_part = edit.styles()
    edit.write_sheet(change, styles)

    if set(RUN_COLUMNS[:3]) <= set(result.columns):
        summary = summary_sheet(
            result,
            first_row=change.rows.start,
            now=dt.datetime.now().astimezone(),
            base_url=base_url,
            remarks=edit.remarks,
            bold=styles.bold(),
        )
        edit.put_summary(summary)

    edit.package.put(styles_part, styles.text())
    edit.package.save(file)


def check_lengths(table: pd.DataFrame, *, first_row: int) -> None:
    """Raise if a text does not fit into a cell.

    Raises
    ------
    FileError
        If a text is too long; the message names its row and column.
    """
    for number, name in enumerate(table.columns):
        values = table.iloc[:, number].tolist()
        for row, value in enumerate(values, first_row):
            if length := cell_values.too_long(value):
                raise FileError(
                    f"column {str(name)!r}, row {row} contains {length:,} characters, but a cell "
                    f"of a workbook can contain at most {cell_values.MAX_TEXT_LENGTH:,}: write a "
                    ".jsonl or .csv file instead"
                )


class _Edit:
    """The edits to the parts of one workbook.

    Parameters
    ----------
    target : Target
        The workbook, and the position of the table in it.
    """

    def __init__(self, target: Target) -> None:
        self.package = Package(target.workbook)
        self.remarks: list[str] = []
        self._workbook = target.workbook
        self._main = target.workbook.main
        self._part = target.sheet.part

    def styles(self) -> tuple[Stylesheet, str]:
        """Return the styles of the workbook and the name of their part."""
        parts = self._workbook.related(self._main, "/styles")
        if not parts:
            raise FileError(
                f"{self._workbook.path} has no styles: "
                "open it in Excel or LibreOffice and save it again"
            )
        _, part = parts[0]
        xml = self.package.text(part)
        return Stylesheet(xml, self._workbook.formats), part

    def write_sheet(self, change: Change, styles: Stylesheet) -> None:
        """Write the sheet of the table, with its comments."""
        frame, rows = worksheet.split(self.package.text(self._part))
        prefix = xml_edit.prefix(frame)
        released = formulas.release(rows, prefix, set(change.cells))
        self._keep_array_formulas(change, released)
        self._recalculate(change, released)

        # Read these before the new columns get widths, which replace their styles.
        column_styles = worksheet.column_styles(frame, change.table_columns)
        frame = _surround(frame, change)
        comments = _comments(change, released)
        frame = self._write_comments(frame, comments)

        writer = RowWriter(
            change,
            styles,
            prefix=prefix,
            date1904=self._workbook.date1904,
            column_styles=column_styles,
        )
        data = "".join(writer.write(released.rows))
        self.package.put(self._part, worksheet.joined(frame, data))

    def put_summary(self, xml: str) -> None:
        """Write the summary sheet over that of an earlier run, or as a new one."""
        for sheet in self._workbook.sheets:
            if sheet.name == SUMMARY_SHEET:
                self.package.put(sheet.part, xml)
                return

        relation = self.package.add(
            "xl/worksheets/flxframe.xml",
            xml,
            source=self._main,
            kind="/worksheet",
            content_type="worksheet",
        )
        main = self.package.text(self._main)
        main = main_part.add_sheet(main, name=SUMMARY_SHEET, relation=relation)
        self.package.put(self._main, main)

    def _keep_array_formulas(self, change: Change, released: Released) -> None:
        """Remove the cells of array formulas from the change, with a remark for each."""
        for row, column in released.locked:
            value = change.cells.pop((row, column))
            self.remarks.append(
                f"{letters(column)}{row} is part of an array formula, which was kept; "
                f"the workflow returned {value!s:.200}"
            )

    def _recalculate(self, change: Change, released: Released) -> None:
        """Make Excel recalculate, since formulas might depend on the changed cells."""
        if change.cells:
            main = self.package.text(self._main)
            main = main_part.recalculate_on_load(main)
            self.package.put(self._main, main)

        # The calculation chain must list only cells with formulas; Excel recreates it.
        if released.formulas:
            for _, part in self._workbook.related(self._main, "/calcChain"):
                self.package.drop(part, source=self._main)

    def _write_comments(self, frame: str, comments: list[Comment]) -> str:
        """Write the comments, keep the user's own, and return the sheet without its rows."""
        parts = self._workbook.related(self._part, "/comments")
        text = cell_comments.NO_COMMENTS
        if parts:
            text = self.package.text(parts[0][1])
        user_comments = cell_comments.strip(text)

        comments, remarks = cell_comments.without_collisions(comments, user_comments.cells)
        self.remarks += remarks
        if not comments and not user_comments.stripped_cells:
            return frame

        text = cell_comments.add(user_comments.text, comments)
        if parts:
            self.package.put(parts[0][1], text)
        else:
            self.package.add(
                "xl/comments1.xml",
                text,
                source=self._part,
                kind="/comments",
                content_type="comments",
            )
        return self._write_shapes(frame, comments, user_comments.stripped_cells)

    def _write_shapes(self, frame: str, comments: list[Comment], stripped_cells: set[str]) -> str:
        """Write the boxes of the comments, and return the sheet without its rows."""
        drawings = dict(self._workbook.related(self._part, "/vmlDrawing"))
        drawing = drawings.get(worksheet.drawing(frame) or "")
        if drawing is not None:
            text = self.package.text(drawing)
            text = cell_comments.strip_shapes(text, stripped_cells)
            text = cell_comments.add_shapes(text, comments)
            self.package.put(drawing, text)
            return frame

        text = cell_comments.add_shapes(cell_comments.NO_SHAPES, comments)
        relation = self.package.add(
            "xl/drawings/vmlDrawing1.vml",
            text,
            source=self._part,
            kind="/vmlDrawing",
            content_type=VML_DRAWING,
        )
        return worksheet.with_drawing(frame, relation)


def _surround(frame: str, change: Change) -> str:
    """Return the sheet without its rows, with the size, view and widths that the change needs."""
    last_row = change.rows.stop - 1
    last_column = max(change.table_columns, default=1)
    frame = worksheet.stretch(frame, row=last_row, column=last_column)
    frame = worksheet.freeze(frame, change.header_row)

    widths = {}
    for column, name in change.header.items():
        widths[column] = _width(name)
    return worksheet.widen(frame, widths)


def _width(name: str) -> float:
    if name == "run.error":
        return _ERROR_WIDTH
    return min(_MAX_WIDTH, max(_MIN_WIDTH, len(name) + 2.0))


def _comments(change: Change, released: Released) -> list[Comment]:
    """Return the comments on the changed cells, with the formulas that they had."""
    comments = []
    for cell, old_value in change.comments.items():
        if cell in released.locked:
            continue
        text = old_value
        if formula := released.formulas.get(cell):
            text += f", by the formula ={unescape(formula)}"
        comments.append(Comment(*cell, text))
    return comments
