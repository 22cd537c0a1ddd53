"""What LibreOffice makes of a workbook is sent as before, from its .xlsx and from its .csv.

A .csv file has the displayed texts, and no types. So a sheet is promised to be sent alike from its
.xlsx and its .csv if each column has one type, and its cells have no number format: a date is its
text in the format of its cell, 0.15 as 15% is a text, and TRUE among texts is one.
"""

import os
import random
import shutil
import subprocess

import pytest
from openpyxl import Workbook

from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from tests.files.tricky import TEXTS, VALUES, one_column, sent

SOFFICE = shutil.which("soffice")
SEED = int(os.environ.get("FLXFRAME_TEST_SEED", "16"))
SHEETS = 12
ROWS = 6
TRICKY = TEXTS + VALUES

pytestmark = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")


def convert(paths, kind, folder, profile):
    """Convert workbooks with one start of LibreOffice, which takes seconds."""
    subprocess.run(
        [
            *[SOFFICE, "--headless", "--norestore", f"-env:UserInstallation={profile.as_uri()}"],
            *["--convert-to", kind, "--outdir", folder, *paths],
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )


def random_cells(rng):
    """Return the cells of a column, of one kind or mixed, with blanks."""
    kinds = {
        "integer": lambda: rng.choice([0, 7, -3, rng.randrange(10**9)]),
        "decimal": lambda: rng.choice([0.5, -2.25, rng.randrange(10**6) / 100]),
        "boolean": lambda: rng.random() < 0.5,
        "text": lambda: rng.choice(["x", "A-1", "Zoë", "a,b", 'say "x"', "O'Neil", "'Til", "Y"]),
        "code": lambda: rng.choice(["00123", "02134-1234", "K1A 0B1", "A1", "2026-11-23"]),
        "long": lambda: rng.choice([820982911946154508, 468769000000000000, 1.5e300]),
        "error": lambda: rng.choice(["=1/0", "=NA()"]),
        "sum": lambda: rng.choice(["=1+1", "=2*3.5", 7]),
        "joined": lambda: rng.choice(['="00" & "7"', '="A" & 1']),
        "comparison": lambda: rng.choice(["=1=1", "=1>2", True]),
    }
    chosen = rng.choice([[kind] for kind in kinds] + [["integer", "error"], ["boolean", "error"]])
    cells = [kinds[rng.choice(chosen)]() for _ in range(ROWS)]
    for position in rng.sample(range(1, ROWS), rng.randrange(3)):
        cells[position] = None
    return cells


def write_workbook(path, rng):
    """Write a workbook as a user fills it."""
    workbook = Workbook()
    sheet = workbook.active
    columns = [[f"k{row}" for row in range(ROWS)]] + [random_cells(rng) for _ in range(6)]
    sheet.append(["objects.key", *(f"objects.c.{number}" for number in range(6))])
    for row in zip(*columns, strict=True):
        sheet.append(row)
    workbook.save(path)


def outcome(rows):
    """Return what is sent; of an invalid row only that it is."""
    return ["invalid" if isinstance(row, str) else row for row in rows]


def test_what_libreoffice_saves_is_sent_as_before(tmp_path):
    """Tricky cells stay what they are, and a sheet is sent alike from its .xlsx and its .csv.

    This is one test, since each start of LibreOffice takes seconds.
    """
    rng = random.Random(SEED)
    write_results(one_column(TRICKY), tmp_path / "tricky.xlsx")
    for number in range(SHEETS):
        write_workbook(tmp_path / f"{number}.xlsx", rng)
    paths = sorted(tmp_path.glob("*.xlsx"))
    saved = tmp_path / "saved"
    for kind in ("xlsx", "csv:Text - txt - csv (StarCalc):44,34,76"):
        convert(paths, kind, saved, tmp_path / "profile")

    after = sent(read_table(saved / "tricky.xlsx"))
    rows = zip(TRICKY, after, sent(one_column(TRICKY)), strict=True)
    assert [(str(cell), new["c"], old["c"]) for cell, new, old in rows if new != old] == []

    for number in range(SHEETS):
        from_xlsx = sent(read_table(saved / f"{number}.xlsx"))
        from_csv = sent(read_table(saved / f"{number}.csv"))
        assert outcome(from_csv) == outcome(from_xlsx), f"seed {SEED}, sheet {number}"
        assert len(from_csv) == ROWS
