"""Generated sheets are read with the cells that were put in, whichever program saved them."""

import datetime as dt
import random
import shutil
import subprocess

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.files.reading import read_table
from tests.files.kinds import quick, to_python

CODES = {
    "text": (None, lambda dice: "".join(dice.choices("ab é😀<&'\"0", k=5)) + "."),
    "digits": ("@", lambda dice: f"{dice.randrange(10**5):05}"),
    "integer": ("General", lambda dice: dice.randrange(-(10**14), 10**14)),
    "amount": ('"$"#,##0.00', lambda dice: dice.randrange(10**7) / 100),
    "share": ("0.0%", lambda dice: dice.randrange(1000) / 1000),
    "date": ("yyyy-mm-dd", lambda dice: dt.date(1901, 1, 1) + dt.timedelta(dice.randrange(10**5))),
    "moment": (
        "yyyy-mm-dd hh:mm:ss",
        lambda dice: dt.datetime(1901, 1, 1) + dt.timedelta(seconds=dice.randrange(2**32)),
    ),
    "time": ("hh:mm:ss", lambda dice: dt.time(dice.randrange(24), dice.randrange(60))),
    "boolean": (None, lambda dice: dice.random() < 0.5),
}
"""The number format and a random value of each kind of column."""


def write(path, seed, rows=40):
    """Write a generated sheet, and return its cells."""
    dice = random.Random(seed)
    columns = {}
    book = openpyxl.Workbook()
    for number, (name, (code, value_of)) in enumerate(CODES.items(), 1):
        cells = [value_of(dice) if dice.random() < 0.8 else None for _ in range(rows - 1)]
        columns[name] = [*cells, value_of(dice)]
        book.active.cell(1, number, f"objects.order.{name}")
        for row, value in enumerate(columns[name], 2):
            cell = book.active.cell(row, number, value)
            cell.number_format = code or "General"
    book.save(path)
    return columns


def read(path):
    """Return the cells of a file, by the kind of their column."""
    table = read_table(path).astype(object)
    columns = {}
    for name in table:
        columns[name.removeprefix("objects.order.")] = list(map(to_python, table[name].tolist()))
    return columns


@pytest.mark.parametrize("seed", range(5))
def test_the_cells_of_openpyxl_come_back(tmp_path, seed):
    """Each has its value and its type."""
    path = tmp_path / "t.xlsx"
    expected = write(path, seed)
    columns = read(path)
    assert columns == expected
    assert repr(columns) == repr(expected)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_the_cells_of_libreoffice_come_back(tmp_path):
    """It saves the same sheet in three formats; two of them are read without number formats."""
    expected = write(tmp_path / "t.xlsx", 7)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    for kind in ("xlsx", "ods", "xls"):
        command = ["soffice", "--headless", "--norestore", profile, "--convert-to", kind]
        command += ["--outdir", str(tmp_path / kind), str(tmp_path / "t.xlsx")]
        subprocess.run(command, check=True, capture_output=True, timeout=100)

    assert repr(read(tmp_path / "xlsx" / "t.xlsx")) == repr(expected)
    for kind in ("ods", "xls"):
        with pytest.warns(UserWarning, match="number formats and errors can't be read"):
            assert read(tmp_path / kind / f"t.{kind}") == expected


@quick
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=9))
def test_an_identifier_is_read_as_it_is_shown(tmp_path, numbers):
    """Its prefix and its zeros are part of it."""
    book = openpyxl.Workbook()
    book.active.append([f"objects.order.{number}" for number in range(3)])
    codes = {'"#"0': "#{}", '"SKU-"00': "SKU-{:02}", "00000": "{:05}"}
    for row, number in enumerate(numbers, 2):
        for column, code in enumerate(codes, 1):
            book.active.cell(row, column, number).number_format = code
    book.save(tmp_path / "t.xlsx")

    table = read_table(tmp_path / "t.xlsx")
    for name, text in zip(table, codes.values(), strict=True):
        assert table[name].tolist() == list(map(text.format, numbers))
