"""The process that reads a workbook with python-calamine."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from flxframe.files import calamine_process
from flxframe.files.calamine_process import read_sheets
from tests.conftest import DATA

python_calamine = pytest.importorskip("python_calamine")


def test_the_worksheets_are_read():
    """Each has its rows and its merged ranges."""
    rows, merged = read_sheets(str(DATA / "orders.ods"))["sheets"]["Orders"]
    assert rows[0][1] == "eventHandle"
    assert merged == []


def test_a_protected_file_and_a_damaged_one_differ(tmp_path):
    """Each has its own error message."""
    assert "protected" in read_sheets(str(DATA / "locked.ods"))
    (tmp_path / "t.xls").write_bytes(b"nothing")
    assert read_sheets(str(tmp_path / "t.xls"))["error"]


@pytest.mark.parametrize("memory", [4 * 2**30, 2**20])
def test_it_answers_or_ends_within_its_memory(memory):
    """It needs nothing of flxframe, and prints nothing of its own."""
    folder = str(Path(python_calamine.__file__).parent.parent)
    arguments = [str(DATA / "orders.ods"), folder, str(memory)]
    command = [sys.executable, "-P", calamine_process.__file__, *arguments]
    process = subprocess.run(command, capture_output=True, check=False, timeout=60)
    if memory > 2**30:
        assert list(pickle.loads(process.stdout)["sheets"]) == ["Orders", "Chart"]
        assert process.stderr == b""
    else:
        assert process.returncode != 0
        assert process.stdout == b""
