"""The notebooks run from top to bottom, and their saved outputs are clean."""

import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def problems(notebook: nbformat.NotebookNode) -> list[object]:
    """Return errors, and any output on the error stream, where warnings go."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [
        output
        for output in outputs
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
# jupyter_client warns that it starts its kernel over TCP, which stays on this machine.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_notebook_runs_without_an_error_or_a_warning(path: Path, tmp_path: Path) -> None:
    """It runs in a temporary copy, so that its files are not kept."""
    shutil.copytree(ROOT / "sample_data", tmp_path / "sample_data")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=100, resources={"metadata": {"path": str(folder)}}).execute()
    assert problems(notebook) == []
    assert any(cell.get("outputs") for cell in notebook.cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_saved_with_its_outputs_and_without_secrets(path: Path) -> None:
    """It contains no token, and no path of the machine on which it ran."""
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    code_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code_cells)
    assert problems(notebook) == []
    assert "sandbox-token" not in text
    assert not re.search(r"/(home|root|Users|tmp|work)/", text)
    assert os.fspath(ROOT) not in text
