"""The parts with the comments of a sheet, which are written together."""

from __future__ import annotations

from flxframe.files.xlsx import cell_comments, worksheet
from flxframe.files.xlsx.cell_comments import Comment
from flxframe.files.xlsx.namespaces import VML_DRAWING, main_namespace
from flxframe.files.xlsx.package import Package
from flxframe.files.xlsx.workbook import Workbook


class SheetComments:
    """The comments of one sheet.

    Parameters
    ----------
    package : Package
        The parts of the workbook.
    workbook : Workbook
        The workbook.
    part : str
        The part of the sheet.
    """

    def __init__(self, package: Package, workbook: Workbook, part: str) -> None:
        self._package = package
        self._workbook = workbook
        self._part = part
        self.remarks: list[str] = []

    def write(self, frame: str, comments: list[Comment]) -> str:
        """Write comments, keep the user's own, and return the sheet without its rows.

        Parameters
        ----------
        frame : str
            The worksheet without its rows.
        comments : list of Comment
            The comments.
        """
        parts = self._workbook.related(self._part, "/comments")
        if parts:
            text = self._package.text(parts[0][1])
        else:
            text = cell_comments.no_comments(main_namespace(frame))
        user_comments = cell_comments.strip(text)

        free_comments, remarks = cell_comments.without_collisions(comments, user_comments.cells)
        self.remarks += remarks
        if not free_comments and not user_comments.stripped_cells:
            return frame

        text = cell_comments.add(user_comments.text, free_comments)
        if parts:
            self._package.put(parts[0][1], text)
        else:
            self._package.add(
                "xl/comments1.xml",
                text,
                source=self._part,
                kind="/comments",
                content_type="comments",
            )
        return self._write_shapes(frame, free_comments, user_comments.stripped_cells)

    def _write_shapes(self, frame: str, comments: list[Comment], stripped_cells: set[str]) -> str:
        """Write the boxes of the comments, and return the sheet without its rows."""
        drawings = dict(self._workbook.related(self._part, "/vmlDrawing"))
        drawing = drawings.get(worksheet.drawing(frame) or "")
        if drawing is not None:
            text = self._package.text(drawing)
            text = cell_comments.strip_shapes(text, stripped_cells)
            text = cell_comments.add_shapes(text, comments)
            self._package.put(drawing, text)
            return frame

        text = cell_comments.add_shapes(cell_comments.NO_SHAPES, comments)
        relation = self._package.add(
            "xl/drawings/vmlDrawing1.vml",
            text,
            source=self._part,
            kind="/vmlDrawing",
            content_type=VML_DRAWING,
        )
        return worksheet.with_drawing(frame, relation)
