"""The parts and marks of workbooks, and a workbook of two orders, for the tests."""

import re
import zipfile

import openpyxl

from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from tests.files.xlsx.validity import check_workbook, parts

SHEET = "xl/worksheets/sheet1.xml"
STYLES = "xl/styles.xml"
RUN = ["run.status", "run.http_status", "run.error"]


def rewrite(path, content):
    """Write a package of these parts."""
    with zipfile.ZipFile(path, "w") as package:
        for name, part in content.items():
            package.writestr(name, part)


def marks(sheet, colour):
    """Return the cells that are filled with a colour."""
    cells = [cell for row in sheet for cell in row]
    return {cell.coordinate for cell in cells if cell.fill.fgColor.rgb == colour}


def comments(sheet):
    """Return the comments by cell."""
    cells = [cell for row in sheet for cell in row]
    return {cell.coordinate: cell.comment.text for cell in cells if cell.comment}


def correct(path, to):
    """Correct the values in the red cells, as a user would."""
    content = parts(path)
    texts = content["xl/sharedStrings.xml"]
    texts = texts.replace(b"order_imported", b"order_import")
    texts = texts.replace(b"order_export", b"order_import")
    content["xl/sharedStrings.xml"] = texts.replace(b">twelve<", b">12<")
    rewrite(to, content)


class Book:
    """A workbook of two orders, which writes results into copies of itself."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "orders.xlsx"
        self.book = openpyxl.Workbook()
        self.sheet = self.book.active
        self.sheet.append(["objects.o.id", "objects.o.n", "note"])
        self.sheet.append(["007", 1, "x"])
        self.sheet.append(["008", 2, "y"])

    def edit(self, edits):
        """Change parts of the saved workbook, each with a function of its text."""
        content = parts(self.path)
        for name, edit in edits.items():
            text = content[name].decode()
            changed = edit(text)
            assert changed != text
            content[name] = changed.encode()
        rewrite(self.path, content)

    def write(self, status=None, edits=None, name="done.xlsx", **cells):
        """Write a result of these cells into a copy of the workbook, and return its path."""
        if not self.path.exists():
            self.book.save(self.path)
        self.edit(edits or {})

        before = read_table(self.path)
        run_columns = [column for column in before if re.match(r"run\.", column)]
        result = before.drop(columns=run_columns)
        for column, values in cells.items():
            result[f"objects.o.{column}"] = values
        result["run.status"] = list(status or ["ok"] * len(before))
        result["run.http_status"] = 200
        errors = {"ok": None}
        result["run.error"] = [errors.get(word, "no") for word in result["run.status"]]
        path = write_results(
            result,
            self.folder / name,
            template=self.path,
            before=before,
            base_url="http://x",
            overwrite=True,
        )
        check_workbook(path)
        return path

    def sheet_of(self, path):
        """Return the sheet of the orders in a copy of the workbook."""
        return openpyxl.load_workbook(path)[self.sheet.title]
