"""Generated workbooks: whatever is in them, they are written back validly, and twice."""

import random
import shutil
import subprocess

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, GradientFill, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.files.xlsx.marks import FAILED_FILL
from tests.files.xlsx.packages import RUN
from tests.files.xlsx.validity import check_kept

ROWS = 5
BOOKS = range(18)


def with_table(sheet):
    sheet.add_table(Table(displayName="Orders", ref=f"A1:C{ROWS + 1}"))


def with_filter(sheet):
    sheet.auto_filter.ref = f"A1:C{ROWS + 1}"
    sheet.auto_filter.add_sort_condition(f"B2:B{ROWS + 1}")


def with_formats(sheet):
    fill = PatternFill("solid", bgColor="FF0000")
    rule = CellIsRule(operator="lessThan", formula=["3"], fill=fill)
    sheet.conditional_formatting.add("B2:B9", rule)
    sheet["B3"].number_format = "00.0"
    sheet["B4"].font = Font(bold=True)


def with_fills(sheet):
    sheet["A2"].fill = PatternFill("lightUp", start_color="FFFF0000")
    sheet["B3"].fill = PatternFill("solid", start_color=FAILED_FILL)
    sheet["C4"].fill = GradientFill(stop=("FF00FF00", "FF0000FF"))
    sheet.row_dimensions[3].fill = PatternFill("solid", start_color="FFDDEBF7")


def with_rules(sheet):
    validation = DataValidation(type="list", formula1='"x,y"')
    validation.add("C2:C9")
    sheet.add_data_validation(validation)
    sheet.protection.sheet = True


def with_columns(sheet):
    sheet.column_dimensions.group("E", "G", hidden=True)
    sheet.column_dimensions["B"].width = 33
    sheet.freeze_panes = "B2"


def with_notes(sheet):
    sheet["A3"].comment = Comment("mine", "Ann")
    sheet["B2"].comment = Comment("mine too", "Ben")
    sheet["A2"].hyperlink = "https://example.com/?a=1&b=2"


def with_print(sheet):
    sheet.print_area = f"A1:C{ROWS + 1}"
    sheet.print_title_rows = "1:1"
    sheet.oddHeader.center.text = "Orders & more"


def with_chart(sheet):
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=2, max_row=ROWS + 1))
    sheet.add_chart(chart, "J2")


def with_sheets(sheet):
    other = sheet.parent.create_sheet("Prices & co", 0)
    other["A1"] = "=Orders!B2"
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=2, max_row=ROWS + 1))
    sheet.parent.create_chartsheet("Chart").add_chart(chart)
    sheet.parent.active = 1


FEATURES = [
    with_table,
    with_formats,
    with_fills,
    with_rules,
    with_columns,
    with_notes,
    with_print,
    with_chart,
    with_sheets,
]


def generate(number, path):
    """Write a workbook with some of the features."""
    rng = random.Random(number)
    features = rng.sample(FEATURES, number % len(FEATURES))
    if with_table not in features and number % 2:
        features.append(with_filter)

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Orders"
    sheet.append(["objects.o.id", "objects.o.n", "note"])
    for row in range(ROWS):
        sheet.append(
            [f"{row:03}", rng.choice([row, row / 2, None]), rng.choice(["x", "<&>", None])]
        )

    for feature in features:
        feature(sheet)
    book.save(path)
    return path


def write(path, to, new):
    """Write a result into a copy of a workbook, with changes and failures."""
    before = read_table(path, sheet="Orders")
    result = before[[name for name in before if not name.startswith("run.")]].copy()
    result.attrs = before.attrs
    result["objects.o.n"] = result["objects.o.n"].astype(object)
    result.loc[0, "objects.o.n"] = 70 + len(result.columns)
    result[f"objects.o.{new}"] = "=1+1"
    result["run.status"] = ["ok", "ok", "rejected", "ok", "invalid"]
    result["run.http_status"] = [200, 200, 400, 200, None]
    result["run.error"] = [None, None, "no", None, "never"]
    return write_results(result, to, template=path, before=before, base_url="http://x")


def changed_cells(path):
    """Return the cells whose value a second run replaces."""
    cells = {(2, 2)}
    names = [cell.value for cell in openpyxl.load_workbook(path)["Orders"][1]]
    for name in RUN:
        if name in names:
            cells |= {(row, names.index(name) + 1) for row in range(2, ROWS + 2)}
    return cells


@pytest.mark.parametrize("number", BOOKS)
def test_a_generated_workbook_is_written_twice(tmp_path, number):
    """Each part is valid, and only what must change does."""
    path = generate(number, tmp_path / "orders.xlsx")
    done = write(path, tmp_path / "done.xlsx", "new")
    check_kept(done, path, "Orders", changed_cells(path))
    again = write(done, tmp_path / "again.xlsx", "newer")
    check_kept(again, done, "Orders", changed_cells(done))

    before, after = (openpyxl.load_workbook(name)["Orders"] for name in (path, again))
    for row in (2, 3, 5):
        for cell in before[row][:3]:
            if cell.coordinate != "B2":
                assert repr(after[cell.coordinate].fill) == repr(cell.fill)


def convert(paths, kind, folder):
    """Convert files with LibreOffice, in one call."""
    profile = f"-env:UserInstallation=file://{folder.parent}/profile"
    command = ["soffice", "--headless", "--norestore", profile]
    command += ["--convert-to", kind, "--outdir", str(folder), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_what_was_written(tmp_path):
    """Its own workbooks too, which are written in another way than those of the generator."""
    paths = [generate(number, tmp_path / f"{number}.xlsx") for number in (0, 1, 8, 9, 16, 17)]
    convert(paths, "xlsx", tmp_path / "saved")

    written = []
    for path in (*paths, *(tmp_path / "saved").iterdir()):
        to = tmp_path / f"{path.parent.name}-{path.name}"
        written.append(write(path, to, "new"))
        check_kept(to, path, "Orders", changed_cells(path))

    convert(written, "xlsx", tmp_path / "opened")
    for path in written:
        opened = openpyxl.load_workbook(tmp_path / "opened" / path.name, data_only=True)
        names, *rows = opened["Orders"].values
        cells = dict(zip(names, zip(*rows[:ROWS], strict=True), strict=True))
        assert cells["objects.o.new"] == ("=1+1",) * ROWS
        assert cells["run.status"] == ("ok", "ok", "rejected", "ok", "invalid")
        assert cells["objects.o.id"] == ("000", "001", "002", "003", "004")
