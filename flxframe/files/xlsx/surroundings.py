"""What is around the table of a sheet: cells, boxes, notes, filters, Excel Tables, print areas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from flxframe.files.references import MAX_ROW, letters, span
from flxframe.files.xlsx import areas, cell_comments, excel_table, free_columns
from flxframe.files.xlsx.areas import Growth
from flxframe.files.xlsx.change import Change
from flxframe.files.xlsx.free_columns import Area
from flxframe.files.xlsx.package import Package
from flxframe.files.xlsx.workbook import Sheet, Workbook
from flxframe.files.xlsx.xml_edit import attribute, child, children, prefix, root

_COLUMNS = re.compile(r"^\$?([A-Z]+):\$?([A-Z]+)$")


class Surroundings:
    """What is around the table of a sheet.

    Parameters
    ----------
    package : Package
        The parts of the workbook.
    workbook : Workbook
        The workbook.
    sheet : Sheet
        The sheet.
    frame, rows : str
        Its XML: the worksheet without its rows, and the rows.
    """

    def __init__(
        self, package: Package, workbook: Workbook, sheet: Sheet, frame: str, rows: str
    ) -> None:
        self._package = package
        self._workbook = workbook
        self._sheet = sheet
        self._frame = frame
        self._rows = rows
        self.remarks: list[str] = []

    def first_free_column(self, table_rows: range, table_columns: Sequence[int], count: int) -> int:
        """Return the first column for new columns, where they do not cover anything.

        Parameters
        ----------
        table_rows : range
            The rows of the table, with its header.
        table_columns : sequence of int
            The columns of the table.
        count : int
            The number of new columns.
        """
        right = max(table_columns, default=0)
        last = free_columns.last_filled_column(self._rows, prefix(self._frame))
        covered = free_columns.last_covered_column(self._areas(), rows=table_rows, right=right)
        return free_columns.first_visible(self._frame, max(right, last, covered) + 1, count)

    def covered_cells(self, change: Change) -> dict[tuple[int, int], tuple[int, int]]:
        """Return the changed cells that a merged box hides, each with the cell that it shows."""
        changed_columns = {column for _, column in change.cells}
        covered = {}
        for top, left, bottom, right in self._spans(self._merged_references()):
            rows = range(max(top, change.rows.start), min(bottom + 1, change.rows.stop))
            for column in changed_columns.intersection(range(left, right + 1)):
                cells = {(row, column) for row in rows} & change.cells.keys()
                covered.update(dict.fromkeys(cells - {(top, left)}, (top, left)))
        return covered

    def grow(self, growth: Growth, names: Sequence[str]) -> str:
        """Extend the filter, the Excel Table and the print area over new columns.

        Parameters
        ----------
        growth : Growth
            The new columns.
        names : sequence of str
            Their names.

        Returns
        -------
        str
            The worksheet without its rows.
        """
        self._grow_tables(growth, names)

        reference = areas.filter_of(self._frame, growth)
        if reference is not None and self._has_foreign_cells(reference, growth):
            self.remarks.append(
                f"The filter {reference} does not include the new columns, because there are other "
                "cells in between: to sort, select all columns of the table"
            )
            reference = None
        if reference is not None:
            self._frame = areas.with_wide_filter(self._frame, growth.last)

        main = self._workbook.main
        text = self._package.text(main)
        new_text = areas.with_wide_names(text, self._sheet.name, growth, reference)
        if new_text != text:
            self._package.put(main, new_text)
        return self._frame

    def _grow_tables(self, growth: Growth, names: Sequence[str]) -> None:
        for part in self._related("/table"):
            text = self._package.text(part)
            top, left, _, right = excel_table.area(text)
            if top != growth.rows.start or left > growth.old_last or right >= growth.first:
                continue

            reason = excel_table.obstacle(text, growth, names)
            if reason is None:
                self._package.put(part, excel_table.extended(text, growth, names))
            else:
                self.remarks.append(
                    f"The Excel Table {excel_table.name_of(text)} does not include the new "
                    f"columns, because {reason}: convert it to a range before you sort it"
                )

    def _has_foreign_cells(self, reference: str, growth: Growth) -> bool:
        """Return whether there are cells between a filter and new columns that are not the rows'.

        A column with a name, or one that is filled in each row of the table, such as one of
        formulas, belongs to the rows. A legend does not.
        """
        columns = [letters(column) for column in range(span(reference)[3] + 1, growth.first)]
        if not columns:
            return False

        filled = free_columns.filled_rows(self._rows, prefix(self._frame), columns)
        return any(_is_foreign(rows, growth) for rows in filled.values())

    def _areas(self) -> Iterator[Area]:
        """Return the merged boxes, the notes and the Tables of the sheet."""
        return self._spans(self._references())

    def _spans(self, references: Iterable[str]) -> Iterator[Area]:
        for reference in references:
            with_rows = _COLUMNS.sub(rf"\g<1>1:\g<2>{MAX_ROW}", reference)
            try:
                yield span(with_rows)
            except ValueError:  # a damaged reference covers nothing
                continue

    def _merged_references(self) -> Iterator[str]:
        group = child(self._frame, root(self._frame), "mergeCells")
        for element in children(self._frame, group) if group else []:
            yield attribute(self._frame[element.start : element.end], "ref") or ""

    def _references(self) -> Iterator[str]:
        yield from self._merged_references()
        for part in self._related("/comments"):
            yield from cell_comments.strip(self._package.text(part)).cells
        for part in self._related("/table"):
            text = self._package.text(part)
            yield attribute(text[root(text).start :], "ref") or ""
        for part in self._related("/pivotTable"):
            text = self._package.text(part)
            location = child(text, root(text), "location")
            if location is not None:
                yield attribute(text[location.start :], "ref") or ""

    def _related(self, kind: str) -> list[str]:
        return [part for _, part in self._workbook.related(self._sheet.part, kind)]


def _is_foreign(rows: set[int], growth: Growth) -> bool:
    """Return whether a column that is filled in some rows of the sheet is not the table's."""
    header_row, *table_rows = growth.rows
    if header_row in rows or rows.isdisjoint(table_rows):
        return False
    return not rows.issuperset(table_rows)
