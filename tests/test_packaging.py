"""The package that users install: its names, its version, and the files in the wheel."""

import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import flxframe
from tests.conftest import ROOT


def test_the_public_names_are_sorted_and_exist() -> None:
    """`__all__` lists them, and dir() shows no other names."""
    assert flxframe.__all__ == sorted(flxframe.__all__)
    assert all(hasattr(flxframe, name) for name in flxframe.__all__)
    assert dir(flxframe) == sorted([*flxframe.__all__, "__version__"])


def test_tab_completion_shows_only_the_public_names() -> None:
    """This is tested in IPython, which notebooks use."""
    shell = InteractiveShell()
    shell.run_cell("import flxframe")
    with provisionalcompleter():
        completions = list(shell.Completer.completions("flxframe.", len("flxframe.")))
    names = {completion.text.removeprefix(".") for completion in completions}
    assert names - {"__version__"} == set(flxframe.__all__)


def test_the_version_is_declared_once() -> None:
    """The metadata of the installed package takes it from the source."""
    assert version("flxframe") == flxframe.__version__


def test_the_wheel_has_the_types_and_the_sample_data(tmp_path: Path) -> None:
    """It does not contain the tests."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.startswith(f"flxframe-{flxframe.__version__}-")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "flxframe/py.typed",
        "flxframe/sample_data/orders.csv",
        "flxframe/sample_data/orders.xlsx",
        "flxframe/files/xlsx/reader.py",
    } <= names
    assert not any(name.startswith("tests/") for name in names)
