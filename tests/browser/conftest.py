"""A real JupyterLab, on loopback and with settings of its own, in a real headless Chromium."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.conftest import ROOT

FLAGS = ("--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0", "--IdentityProvider.token=")
QUIET = (
    "disable-gpu",
    "disable-quic",
    "no-first-run",
    "disable-background-networking",
    "disable-component-update",
)
SETTINGS = {
    "apputils-extension/notification": '{"fetchNews": "false"}',
    "notebook-extension/tracker": '{"windowingMode": "none"}',  # else only the cells in view are in the page
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the picture of the README be made anew: ``... -n 0 tests/browser --picture notebooks/run.png``."""
    parser.addoption("--picture", help="where to put a screenshot of a run")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the lab is at home: a copy of the notebooks and the sample data."""
    folder = tmp_path / "home"
    for name in ("notebooks", "sample_data"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.db*", "*_files")
        )
    return folder


@pytest.fixture
def lab(home: Path, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Start a JupyterLab with these variables in its environment, and return its address."""
    started: list[subprocess.Popen[bytes]] = []

    def start(**variables: str) -> str:
        settings = tmp_path / "settings" / "@jupyterlab"
        for name, text in SETTINGS.items():
            path = settings / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        own = {
            name: str(tmp_path / name.lower())
            for name in (
                "JUPYTER_CONFIG_DIR",
                "JUPYTER_RUNTIME_DIR",
                "JUPYTERLAB_WORKSPACES_DIR",
                "IPYTHONDIR",
            )
        }
        log = tmp_path / "lab.log"
        with log.open("w") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *FLAGS, f"--ServerApp.root_dir={home}"],
                env={
                    **os.environ,
                    **own,
                    "JUPYTERLAB_SETTINGS_DIR": str(settings.parent),
                    **variables,
                },
                stderr=stream,
            )
        started.append(process)
        while process.poll() is None:
            if found := re.search(r"http://127\.0\.0\.1:\d+/", log.read_text()):
                return found.group()
            time.sleep(0.1)
        pytest.fail(f"JupyterLab ended at once:\n{log.read_text()}")

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """A page of a headless Chromium: the system's, or else the one that ``playwright install chromium`` gets."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", *(f"--{flag}" for flag in QUIET)],
            viewport={"width": 1100, "height": 1400},
        )
        yield context.pages[0]
        context.close()
