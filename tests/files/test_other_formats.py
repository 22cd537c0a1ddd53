"""Workbooks of other formats, and files that only look like one."""

import os
import subprocess
import sys
import warnings
import zipfile

import pandas as pd
import pytest

import flxframe
from flxframe.exceptions import FileError
from flxframe.files.reading import read_table
from tests.conftest import DATA


@pytest.mark.parametrize("kind", ["ods", "xls", "xlsb"])
def test_another_format_is_read_with_a_warning(kind):
    """Only its values are read."""
    pytest.importorskip("python_calamine")
    with pytest.warns(UserWarning, match="number formats and errors can't be read from"):
        table = read_table(DATA / f"orders.{kind}")
    expected = read_table(DATA / "orders.xlsx")
    names = [name for name in expected if name != "Zip shown"]
    pd.testing.assert_frame_equal(table[names], expected[names])


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_a_duration_and_a_sum_are_read_as_displayed(kind):
    """36 hours are 36:00:00, and 0.1 + 0.2 is 0.3, in every format."""
    pytest.importorskip("python_calamine")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*number formats and errors can't be read from")
        table = read_table(DATA / f"seen.{kind}")
    assert table.loc[0].tolist() == ["36:00:00", 0.3, "PT is a text"]


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_a_workbook_with_a_password_is_an_error(kind):
    """The test files were locked by real programs."""
    pytest.importorskip("python_calamine")
    with pytest.raises(
        FileError, match=rf"locked.{kind} is password-protected: save a copy without a password"
    ):
        read_table(DATA / f"locked.{kind}")


@pytest.mark.parametrize(
    ("package", "arguments", "message"),
    [
        (
            "python_calamine",
            [DATA / "orders.xlsb"],
            "orders.xlsb: .xlsb files require python-calamine; install it",
        ),
        (
            "python_calamine",
            [DATA / "orders.ods"],
            "orders.ods: .ods files require python-calamine; install it",
        ),
        (
            "pyarrow",
            ["orders.parquet"],
            "orders.parquet: Parquet files require pyarrow; install it",
        ),
        (
            "pyarrow",
            [DATA / "orders.xlsx", "-o", "done.parquet"],
            "done.parquet: Parquet files require pyarrow; install it",
        ),
    ],
)
def test_a_missing_extra_is_reported_with_its_install_command(
    tmp_path, package, arguments, message
):
    """The error is raised before anything is sent, in a process that cannot import the package."""
    pd.DataFrame({"eventHandle": ["e"]}).to_parquet(tmp_path / "orders.parquet")
    code = f"import sys; sys.modules[{package!r}] = None; from flxframe.cli import main; main()"
    with flxframe.sandbox() as api:
        process = subprocess.run(
            [sys.executable, "-c", code, "run", *map(str, arguments)],
            env={**os.environ, "FLXPOINT_API_TOKEN": api.token, "FLXPOINT_BASE_URL": api.url},
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert not api.arrivals
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr.endswith(f"{message} with: pip install 'flxframe[formats]'\n")
    assert process.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.ods", b"PK nothing", "can't be read as a workbook"),
        ("t.xlsb", b"PK nothing", "can't be read as a workbook"),
        ("t.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 nothing", "can't be read as a workbook"),
        (
            "t.xls",
            b"nothing",
            "is not an Excel workbook but a text file: rename it so that it ends in .csv",
        ),
        (
            "t.xls",
            "a\tb\n".encode("utf-16"),
            "is not an Excel workbook but a text file: rename it so that it ends in .csv",
        ),
        (
            "t.xls",
            b"<html><table></table></html>",
            "is not an Excel workbook but a web page or XML",
        ),
        ("t.ods", b"", "is an empty file"),
        ("t.xls", b"PK nothing", "is a newer workbook, .* with the wrong extension: rename it"),
        (
            "t.xlsb",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 nothing",
            "is an .xls workbook with the wrong extension: rename it",
        ),
    ],
)
def test_a_file_that_is_not_a_workbook_is_an_error(tmp_path, name, content, message):
    """Many shops export a web page as .xls."""
    pytest.importorskip("python_calamine")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=message) as caught:
        read_table(tmp_path / name)
    assert name in str(caught.value)


def test_a_zip_bomb_of_another_format_is_refused(tmp_path):
    """An .ods of a few KB that unpacks to GB is not unpacked."""
    pytest.importorskip("python_calamine")
    with (
        zipfile.ZipFile(tmp_path / "t.ods", "w", zipfile.ZIP_DEFLATED) as package,
        package.open("a", "w") as part,
    ):
        for _ in range(300):
            part.write(bytes(2**20))
    with pytest.raises(FileError, match="would unpack to 300 MiB"):
        read_table(tmp_path / "t.ods")
