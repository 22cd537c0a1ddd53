"""A workbook's whole way, as its user goes it: the command, LibreOffice, and the command again."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from flxframe.files.xlsx.styles import CHANGED_FILL, FAILED_FILL
from flxframe.sandbox import sandbox
from tests.files.xlsx.test_writer import comments, marks, mend

pytestmark = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice isn't installed"
)

ORDERS = Path(__file__).parents[2] / "data" / "orders.xlsx"


def converted(path, kind, to):
    """Let LibreOffice open a file and save it in another folder."""
    profile = f"-env:UserInstallation=file://{to.parent}/profile"
    command = [
        "soffice",
        "--headless",
        "--norestore",
        profile,
        "--convert-to",
        kind,
        "--outdir",
        to,
        path,
    ]
    subprocess.run(list(map(str, command)), check=True, capture_output=True, timeout=100)
    return (
        to / f"{path.stem}.{kind}"
    )  # its exit status says nothing, so whoever opens this finds out


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    """Run a workbook; mend what came back and save it in LibreOffice; run that."""
    folder = tmp_path_factory.mktemp("loop")
    shutil.copy(ORDERS, folder / "orders.xlsx")
    with sandbox(limit=None) as api:

        def run(name, to):
            subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "flxframe",
                    "run",
                    name,
                    "-o",
                    to,
                    "--rate",
                    "100",
                    "--quiet",
                ],
                cwd=folder,
                env={**os.environ, "FLXPOINT_API_TOKEN": api.token, "FLXPOINT_BASE_URL": api.url},
                check=False,
                capture_output=True,
            )
            return len(api.arrivals)

        first = run("orders.xlsx", "orders.done.xlsx")
        shutil.copy(folder / "orders.done.xlsx", folder / "first.xlsx")
        mend(folder / "first.xlsx", folder / "orders.done.xlsx")
        shutil.copy(
            converted(folder / "orders.done.xlsx", "xlsx", folder / "saved"),
            folder / "orders.done.xlsx",
        )
        return folder, run("orders.done.xlsx", "orders.done2.xlsx") - first


def test_libreoffice_shows_what_came_back(loop):
    """Three red rows, the marks, the comments, the chart and the formulas are there when it has opened and saved it."""
    book = openpyxl.load_workbook(converted(loop[0] / "first.xlsx", "xlsx", loop[0] / "opened"))
    sheet = book["Orders"]
    assert {cell[1:] for cell in marks(sheet, FAILED_FILL)} == {"5", "8", "10"}
    assert marks(sheet, CHANGED_FILL) == {"K4", "K7", "K13", "N4", "N7", "N13"}
    assert comments(sheet)["K7"] == "flxframe: was Open"
    assert (sheet["J5"].value, sheet["L5"].value, sheet["L5"].number_format) == (
        "=H5*I5",
        2134,
        "00000",
    )
    assert len(book["Chart"]._charts) == 1
    assert book["flxframe"]["A3"].value == "Rows"


def test_three_mended_rows_are_three_requests(loop):
    """Though LibreOffice wrote all of the workbook anew."""
    folder, requests = loop
    assert requests == 3
    book = openpyxl.load_workbook(folder / "orders.done2.xlsx")
    assert not marks(book["Orders"], FAILED_FILL)
    assert {cell.value for cell in book["Orders"]["O"][1:]} == {"ok"}
    with zipfile.ZipFile(folder / "orders.done2.xlsx") as package:
        assert any(name.startswith("xl/charts/chart") for name in package.namelist())
