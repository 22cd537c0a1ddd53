"""Formulas in cells that get a value instead. Pure: no network, no clock, no disk.

Excel stores a formula that was filled down only once, in its first cell; the other cells share it.
If a value replaces that first formula, it is written out in each of the other cells. Where that is
not possible, the cell stays as it is. An array formula fills several cells at once, so none of them
can get a value; they stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from flxframe.files import references
from flxframe.files.references import MAX_ROW
from flxframe.files.xlsx import xml_edit

_ROW = re.compile(r"(?<![\w.])\$?[A-Z]{1,3}\$?(\d{7,9})(?![\w.])")

Position = tuple[int, int]
"""The row and the column of a cell."""


class Released(NamedTuple):
    """The rows of a sheet in which cells can be replaced."""

    rows: str
    formulas: dict[Position, str]
    """The formulas of the cells that get a value."""
    locked: set[Position]
    """The cells that cannot get a value."""


class FormulaCell(NamedTuple):
    """A cell with a formula.

    Parameters
    ----------
    position : tuple of int
        Its row and column.
    text : str
        The formula in XML, without its ``=``; empty if another cell contains it.
    group : str
        The id of the formula that it shares with other cells; empty if it does not share one.
    area : tuple of int or None
        The range that an array formula fills: first row, first column, last row, last column.
    start, end : int
        The formula's element in the XML of the rows.
    """

    position: Position
    text: str
    group: str
    area: tuple[int, int, int, int] | None
    start: int
    end: int

    def fills(self, position: Position) -> bool:
        """Return whether the cell's array formula fills another cell too."""
        if self.area is None:
            return False

        row, column = position
        top, left, bottom, right = self.area
        return top <= row <= bottom and left <= column <= right

    def formula_at(self, position: Position) -> str | None:
        """Return the cell's formula, in XML, adjusted for another cell that shares it.

        It is None if the formula cannot be adjusted, because it refers to cells outside the sheet
        or is damaged.
        """
        if position == self.position:
            return self.text

        from openpyxl.formula.tokenizer import TokenizerError  # noqa: PLC0415  slow to import
        from openpyxl.formula.translate import Translator, TranslatorError  # noqa: PLC0415

        try:
            translator = Translator(f"={unescape(self.text)}", origin=_reference(self.position))
            formula = translator.translate_formula(_reference(position))
        except (TokenizerError, TranslatorError, LookupError, ValueError):
            return None
        if any(int(row) > MAX_ROW for row in _ROW.findall(formula)):
            return None
        return xml_edit.escape(formula[1:])


def release(rows: str, prefix: str, cells: set[Position]) -> Released:
    """Make cells independent of each other's formulas, so that some can be replaced.

    Parameters
    ----------
    rows : str
        The rows of a sheet's XML.
    prefix : str
        The prefix of its elements.
    cells : set
        The cells to replace, by row and column.
    """
    if not cells or f"<{prefix}f" not in rows:
        return Released(rows, {}, set())

    formula_cells = list(_formula_cells(rows, prefix))
    masters = {cell.group: cell for cell in formula_cells if cell.group and cell.text}
    locked = _locked(formula_cells, cells)
    orphans = [cell for cell in formula_cells if _is_orphan(cell, masters, cells - locked)]
    written = {cell: masters[cell.group].formula_at(cell.position) for cell in orphans}
    for cell, formula in written.items():
        if formula is None:
            locked.add(masters[cell.group].position)

    targets = cells - locked
    formulas = {}
    for cell in formula_cells:
        if cell.position in targets:
            formulas[cell.position] = _formula_of(cell, masters)
    kept = {cell: text for cell, text in written.items() if _is_orphan(cell, masters, targets)}
    return Released(_written_out(rows, prefix, kept), formulas, locked)


def _formula_cells(rows: str, prefix: str) -> Iterator[FormulaCell]:
    cell_pattern = re.compile(rf"<{prefix}c(?=[\s/>])([^>]*?)(?:/>|>(.*?)</{prefix}c>)", re.DOTALL)
    formula_pattern = re.compile(rf"<{prefix}f(\s[^>]*?)?(?:/>|>(.*?)</{prefix}f>)", re.DOTALL)

    for cell in cell_pattern.finditer(rows):
        formula = None
        if cell[2]:
            formula = formula_pattern.search(rows, *cell.span(2))
        if formula is None:
            continue

        reference = xml_edit.attribute(cell[0], "r")
        if reference is None:
            continue

        group, area = "", None
        if formula[1]:  # most formulas have no attributes
            group, area = _group(formula[0]), _area(formula[0])
        position = references.position(reference)
        yield FormulaCell(position, formula[2] or "", group, area, *formula.span())


def _group(tag: str) -> str:
    if xml_edit.attribute(tag, "t") != "shared":
        return ""
    return xml_edit.attribute(tag, "si") or ""


def _area(tag: str) -> tuple[int, int, int, int] | None:
    if xml_edit.attribute(tag, "t") not in ("array", "dataTable"):
        return None
    try:
        return references.span(xml_edit.attribute(tag, "ref") or "")
    except ValueError:  # without a valid range, the formula fills no other cell
        return None


def _locked(formula_cells: list[FormulaCell], cells: set[Position]) -> set[Position]:
    """Return those of the cells that an array formula fills."""
    locked: set[Position] = set()
    for formula_cell in formula_cells:
        if formula_cell.area is not None:
            locked.update(filter(formula_cell.fills, cells))
    return locked


def _is_orphan(cell: FormulaCell, masters: dict[str, FormulaCell], targets: set[Position]) -> bool:
    """Return whether a cell's formula is in another cell that gets a value."""
    master = masters.get(cell.group)
    return master is not None and master.position in targets and cell.position not in targets


def _formula_of(cell: FormulaCell, masters: dict[str, FormulaCell]) -> str:
    """Return a cell's formula, in XML; where it is not known, the one that the cell shares."""
    master = masters.get(cell.group, cell)
    return master.formula_at(cell.position) or master.text


def _written_out(rows: str, prefix: str, formulas: dict[FormulaCell, str | None]) -> str:
    """Return the rows, with the formulas of some cells in these cells themselves."""
    pieces = []
    last = 0
    for cell, formula in formulas.items():
        pieces += [rows[last : cell.start], f"<{prefix}f>{formula}</{prefix}f>"]
        last = cell.end

    return "".join([*pieces, rows[last:]])


def _reference(position: Position) -> str:
    row, column = position
    return f"{references.letters(column)}{row}"
