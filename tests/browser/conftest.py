"""A real JupyterLab, on loopback and with its own settings, in a headless Chromium."""

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

LAB_FLAGS = (
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    "--port=0",
    "--IdentityProvider.token=",
)
CHROMIUM_FLAGS = (
    "no-sandbox",
    "disable-gpu",
    "disable-quic",
    "no-first-run",
    "disable-background-networking",
    "disable-component-update",
)
LAB_SETTINGS = {
    "apputils-extension/notification": '{"fetchNews": "false"}',
    # Without this, the page contains only the visible cells.
    "notebook-extension/tracker": '{"windowingMode": "none"}',
}


DIRECTORIES = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
    "IPYTHONDIR",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that updates the README's picture: ``--picture notebooks/run.png``."""
    parser.addoption("--picture", help="where to put a screenshot of a run")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The lab's folder: a copy of the notebooks and the sample data."""
    folder = tmp_path / "home"
    ignore = shutil.ignore_patterns("*.db*", "*_files")
    for name in ("notebooks", "sample_data"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)

    return folder


@pytest.fixture
def lab(home: Path, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """A function that starts a JupyterLab with environment variables, and returns its address."""
    processes: list[subprocess.Popen[bytes]] = []
    settings = tmp_path / "settings"
    _write_settings(settings / "@jupyterlab")

    def start(**variables: str) -> str:
        environment = {**os.environ, "JUPYTERLAB_SETTINGS_DIR": str(settings), **variables}
        for name in DIRECTORIES:
            environment[name] = str(tmp_path / name.lower())

        log = tmp_path / "lab.log"
        command = [sys.executable, "-m", "jupyterlab", *LAB_FLAGS]
        with log.open("w") as stream:
            process = subprocess.Popen(
                [*command, f"--ServerApp.root_dir={home}"], env=environment, stderr=stream
            )
        processes.append(process)

        while process.poll() is None:
            match = re.search(r"http://127\.0\.0\.1:\d+/", log.read_text())
            if match:
                return match.group()
            time.sleep(0.1)

        pytest.fail(f"JupyterLab ended early:\n{log.read_text()}")

    yield start

    for process in processes:
        process.terminate()
        process.wait(timeout=30)


def _write_settings(folder: Path) -> None:
    for name, text in LAB_SETTINGS.items():
        path = folder / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """A page of headless Chromium: the system's, or that of ``playwright install chromium``."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=shutil.which("chromium"),
            args=[f"--{flag}" for flag in CHROMIUM_FLAGS],
            viewport={"width": 1100, "height": 1400},
        )
        yield context.pages[0]
        context.close()
