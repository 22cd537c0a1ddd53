"""Write a result to a workbook: the user's own, edited in place, or a new one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from html import unescape
from typing import IO

import pandas as pd

from flxframe.exceptions import FileError
from flxframe.files.layout import Layout
from flxframe.files.references import MAX_COLUMN, letters, reference
from flxframe.files.xlsx import formulas, main_part, worksheet, xml_edit
from flxframe.files.xlsx.areas import Growth
from flxframe.files.xlsx.cell_comments import Comment
from flxframe.files.xlsx.change import Change, change_of
from flxframe.files.xlsx.formulas import Released
from flxframe.files.xlsx.namespaces import DECLARATION, main_namespace
from flxframe.files.xlsx.package import Package
from flxframe.files.xlsx.packed_text import PackedText
from flxframe.files.xlsx.rows import RowWriter
from flxframe.files.xlsx.sheet_comments import SheetComments
from flxframe.files.xlsx.styles import Stylesheet
from flxframe.files.xlsx.summary_sheet import summary_sheet
from flxframe.files.xlsx.surroundings import Surroundings
from flxframe.files.xlsx.workbook import SUMMARY_SHEET, Sheet, Workbook, workbook_errors
from flxframe.models import RUN_COLUMNS
from flxframe.text import counted

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
    """

    workbook: Workbook
    sheet: Sheet
    layout: Layout


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
        If the workbook is damaged, or the sheet has no room for new columns.
    """
    path = target.workbook.path
    with workbook_errors(path):
        edit = _Edit(target)
        first = edit.first_new_column(result)
        styles, styles_part = edit.styles()

    change = change_of(result, target.layout, width=first - 1, before=before)
    with workbook_errors(path):
        writer = edit.edit_sheet(change, styles)

    edit.write_rows(writer)
    if set(RUN_COLUMNS[:3]) <= set(result.columns):
        edit.put_summary(result, change, styles, base_url)
    edit.package.put(styles_part, styles.text())
    edit.package.save(file)


class _Edit:
    """The edits to the parts of one workbook.

    Parameters
    ----------
    target : Target
        The workbook, and the position of the table in it.
    """

    def __init__(self, target: Target) -> None:
        self.package = Package(target.workbook)
        self._remarks: list[str] = []
        self._workbook = target.workbook
        self._layout = target.layout
        self._main = target.workbook.main
        self._sheet = target.sheet
        self._part = target.sheet.part

        self._frame, self._rows = worksheet.split(self.package.text(self._part))
        self._surroundings = Surroundings(
            self.package, self._workbook, self._sheet, self._frame, self._rows
        )

    def first_new_column(self, result: pd.DataFrame) -> int:
        """Return the column of the first new one."""
        columns = self._layout.columns
        count = sum(str(name) not in columns for name in result.columns)
        rows = range(self._layout.header_row, self._layout.header_row + 1 + len(result))
        first = self._surroundings.first_free_column(rows, list(columns.values()), count)
        if count and first + count - 1 > MAX_COLUMN:
            raise FileError(
                f"{self._workbook.path} has no room for {counted(count, 'new column')} in its "
                f"sheet {self._sheet.name!r}: clear the last columns of the sheet"
            )
        return first

    def styles(self) -> tuple[Stylesheet, str]:
        """Return the styles of the workbook and the name of their part."""
        parts = [part for _, part in self._workbook.related(self._main, "/styles")]
        part = parts[0] if parts else self.package.free_name("xl/styles.xml")
        if not self._workbook.has(part):  # some programs refer to a part that they do not write
            self._add_styles(part, is_related=bool(parts))

        is_result = "run.status" in self._layout.columns
        text = self.package.text(part)
        return Stylesheet(text, self._workbook.formats, is_result=is_result), part

    def _add_styles(self, part: str, *, is_related: bool) -> None:
        """Add styles to a workbook without any."""
        namespace = main_namespace(self.package.text(self._main))
        text = f'{DECLARATION}<styleSheet xmlns="{namespace}"/>'
        if is_related:
            self.package.create(part, text, content_type="styles")
        else:
            self.package.add(part, text, source=self._main, kind="/styles", content_type="styles")

    def edit_sheet(self, change: Change, styles: Stylesheet) -> RowWriter:
        """Edit what is around the rows, with the comments; return a writer for the rows."""
        self._remove_covered(change)
        prefix = xml_edit.prefix(self._frame)
        released = formulas.release(self._rows, prefix, set(change.cells))
        self._keep_formulas(change, released)
        self._recalculate(change, released)
        self._rows = released.rows

        column_styles = worksheet.column_styles(self._frame, change.table_columns)
        frame = _surround(self._grown(change), change)
        comments = SheetComments(self.package, self._workbook, self._part)
        self._frame = comments.write(frame, _comments(change, released))
        self._remarks += [*self._surroundings.remarks, *comments.remarks]

        return RowWriter(
            change,
            styles,
            prefix=prefix,
            date1904=self._workbook.date1904,
            column_styles=column_styles,
        )

    def write_rows(self, writer: RowWriter) -> None:
        """Write the sheet with its rows."""
        pieces = worksheet.joined(self._frame, writer.write(self._rows))
        self.package.put(self._part, PackedText(pieces))

    def put_summary(
        self, result: pd.DataFrame, change: Change, styles: Stylesheet, base_url: str | None
    ) -> None:
        """Write the summary sheet over that of an earlier run, or as a new one."""
        styles.sign()
        xml = summary_sheet(
            result,
            first_row=change.rows.start,
            now=dt.datetime.now().astimezone(),
            base_url=base_url,
            remarks=self._remarks,
            bold=styles.bold(),
            namespace=main_namespace(self.package.text(self._main)),
        )
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

    def _grown(self, change: Change) -> str:
        """Return the sheet without its rows, with areas that include the new columns."""
        if not change.header or not self._layout.columns:
            return self._frame

        growth = Growth(
            rows=range(change.header_row, change.rows.stop),
            old_last=max(self._layout.columns.values()),
            first=min(change.header),
            last=max(change.header),
        )
        return self._surroundings.grow(growth, list(change.header.values()))

    def _remove_covered(self, change: Change) -> None:
        """Remove the cells that a merged box hides from the change, with a remark if it differs."""
        covered = self._surroundings.covered_cells(change)
        for (row, column), shown in sorted(covered.items()):
            value = change.cells[row, column]
            change.remove((row, column))
            if shown not in change.cells or str(change.cells[shown]) != str(value):
                self._remarks.append(
                    f"{reference(row, column)} is merged into {reference(*shown)}, so its value is "
                    f"not displayed and was not written; the workflow returned {value!s:.200}"
                )

    def _keep_formulas(self, change: Change, released: Released) -> None:
        """Remove the cells whose formulas must stay from the change, with a remark for each."""
        for row, column in sorted(released.locked):
            value = change.cells.pop((row, column))
            self._remarks.append(
                f"{letters(column)}{row} has a formula that fills other cells too, which was kept; "
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
    if name == "run.fingerprint":  # it is for the next run, not for people
        return 0.0
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
