"""The notebooks run from top to bottom, and what is saved in them is clean."""

import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def troubles(notebook: nbformat.NotebookNode) -> list[object]:
    """Errors, and anything on the error stream, where warnings go."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [
        output
        for output in outputs
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
# jupyter_client starts its kernel over TCP, and says so; nothing of it leaves the machine.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_notebook_runs_without_an_error_or_a_warning(path: Path, tmp_path: Path) -> None:
    """In a copy, so that what it writes is thrown away."""
    shutil.copytree(ROOT / "sample_data", tmp_path / "sample_data")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=100, resources={"metadata": {"path": str(folder)}}).execute()
    assert troubles(notebook) == []
    assert any(cell.get("outputs") for cell in notebook.cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_saved_with_its_outputs_and_without_secrets(path: Path) -> None:
    """No token, no path of the machine on which it was made."""
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    ran = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in ran)
    assert troubles(notebook) == []
    assert "sandbox-token" not in text
    assert not re.search(r"/(home|root|Users|tmp|work)/", text)
    assert os.fspath(ROOT) not in text
