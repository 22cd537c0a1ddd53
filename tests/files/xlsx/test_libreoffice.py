"""A round trip with a workbook: the command, LibreOffice, and the command again."""

import shutil
import subprocess
import zipfile

import openpyxl
import pytest
from openpyxl.styles import Color, GradientFill, PatternFill

from flxframe.files.xlsx.marks import CHANGED_FILL, FAILED_FILL
from flxframe.sandbox import sandbox
from tests.conftest import DATA, TOKEN, finish, start
from tests.files.xlsx.packages import comments, correct, marks

pytestmark = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not installed"
)


def resave(path, folder, *others):
    """Open workbooks in LibreOffice and save them in another folder; return the first new path."""
    profile = f"-env:UserInstallation=file://{folder.parent}/profile"
    command = ["soffice", "--headless", "--norestore", profile]
    command += ["--convert-to", "xlsx", "--outdir", str(folder), str(path), *map(str, others)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    return folder / path.name  # the exit status is 0 even if this file is missing


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    """The folder of a run's files, and the number of requests after a correction in LibreOffice."""
    folder = tmp_path_factory.mktemp("loop")
    orders, done = folder / "orders.xlsx", folder / "orders.done.xlsx"
    shutil.copy(DATA / "orders.xlsx", orders)

    with sandbox(token=TOKEN, limit=None) as api:

        def run(path, to):
            finish(start(api, "run", path, "-o", to, "--rate", "100", "--quiet"))
            return len(api.arrivals)

        sent = run(orders, done)
        shutil.copy(done, folder / "first.xlsx")
        correct(folder / "first.xlsx", done)
        shutil.copy(resave(done, folder / "saved"), done)
        return folder, run(done, folder / "orders.done2.xlsx") - sent


def test_libreoffice_displays_the_result(loop):
    """After LibreOffice saved the file, it has the marks, comments, chart and formulas."""
    folder, _ = loop
    book = openpyxl.load_workbook(resave(folder / "first.xlsx", folder / "opened"))
    sheet = book["Orders"]
    assert {cell[1:] for cell in marks(sheet, FAILED_FILL)} == {"5", "8", "10"}
    assert marks(sheet, CHANGED_FILL) == {"K4", "K7", "K13", "N4", "N7", "N13"}
    assert comments(sheet)["K7"] == "flxframe: was Open"

    assert sheet["J5"].value == "=H5*I5"
    assert (sheet["L5"].value, sheet["L5"].number_format) == (2134, "00000")
    assert len(book["Chart"]._charts) == 1
    assert book["flxframe"]["A3"].value == "Rows"


def test_three_corrected_rows_are_three_requests(loop):
    """This is so even though LibreOffice rewrote the whole workbook."""
    folder, requests = loop
    assert requests == 3
    book = openpyxl.load_workbook(folder / "orders.done2.xlsx")
    assert not marks(book["Orders"], FAILED_FILL)
    assert {cell.value for cell in book["Orders"]["O"][1:]} == {"ok"}
    with zipfile.ZipFile(folder / "orders.done2.xlsx") as package:
        assert any(name.startswith("xl/charts/chart") for name in package.namelist())


def test_fills_are_as_before_after_two_runs_with_libreoffice(book, tmp_path):
    """It is opened and saved there after each run, and without any run."""
    fills = {
        "A2": PatternFill("lightUp", start_color="FFFF0000"),
        "B2": PatternFill("solid", start_color=Color(theme=4, tint=0.4)),
        "A3": PatternFill("solid", start_color=FAILED_FILL),
        "B3": GradientFill(stop=("FF00FF00", "FF0000FF")),
    }
    for place, fill in fills.items():
        book.sheet[place].fill = fill
    original = book.path
    book.path = resave(book.write(status=["rejected", "ok"], n=[1, 9]), tmp_path / "first")
    assert marks(book.sheet_of(book.path), FAILED_FILL) >= {"A2", "B2"}

    again = resave(book.write(name="again.xlsx"), tmp_path / "second", original)
    expected = book.sheet_of(again.with_name(original.name))
    for place in fills:
        assert repr(book.sheet_of(again)[place].fill) == repr(expected[place].fill)
