"""Generated sheets are read with the cells that were put in, whichever program saved them."""

import datetime as dt
import random
import shutil
import subprocess

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from tests.files.kinds import quick, to_python
from tests.files.xlsx.validity import check_kept

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


def generate(seed, rows=40):
    """Return the cells of a generated sheet, by the kind of their column."""
    dice = random.Random(seed)
    columns = {}
    for name, (_, value_of) in CODES.items():
        cells = [value_of(dice) if dice.random() < 0.8 else None for _ in range(rows - 1)]
        columns[name] = [*cells, value_of(dice)]
    return columns


def write(path, seed):
    """Write a generated sheet with openpyxl, and return its cells."""
    columns = generate(seed)
    book = openpyxl.Workbook()
    for number, (name, cells) in enumerate(columns.items(), 1):
        book.active.cell(1, number, f"objects.order.{name}")
        for row, value in enumerate(cells, 2):
            cell = book.active.cell(row, number, value)
            cell.number_format = CODES[name][0] or "General"
    book.save(path)
    return columns


def write_with_xlsxwriter(path, seed):
    """Write a generated sheet with XlsxWriter as an Excel Table, and return its cells."""
    columns = generate(seed)
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Orders")
    for number, (name, cells) in enumerate(columns.items()):
        sheet.write_string(0, number, f"objects.order.{name}")
        style = book.add_format({"num_format": CODES[name][0] or "General"})
        for row, value in enumerate(cells, 1):
            if value is not None:
                put = sheet.write_string if isinstance(value, str) else sheet.write
                put(row, number, value, style)

    names = [{"header": f"objects.order.{name}"} for name in columns]
    last_row = len(columns["text"])
    sheet.add_table(0, 0, last_row, len(names) - 1, {"columns": names, "name": "Orders"})
    book.close()
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


@pytest.mark.parametrize("seed", range(5))
def test_the_cells_of_xlsxwriter_come_back_and_its_workbook_is_written_back(tmp_path, seed):
    """The written package is valid, and what it had is kept."""
    path = tmp_path / "t.xlsx"
    expected = write_with_xlsxwriter(path, seed)
    assert repr(read(path)) == repr(expected)

    table = read_table(path)
    result = table.assign(**{"objects.order.new": "=1+1", "run.status": "ok"})
    done = write_results(result, tmp_path / "done.xlsx", template=path, before=table)
    check_kept(done, path, "Orders")
    again = read(done)
    assert {name: again[name] for name in expected} == expected
    assert set(again["new"]) == {"=1+1"}


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
