"""Fixtures and functions for all tests: a sandbox, orders, a run, and the command."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from flxframe import run_workflows
from flxframe.sandbox import Sandbox, sandbox

TOKEN = "a-secret-token-4711"
SECOND_TOKEN = "secret-us"
COMMAND = [sys.executable, "-m", "flxframe"]
ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "data"
SAMPLE_ORDERS = ROOT / "sample_data" / "orders.xlsx"


@pytest.fixture(autouse=True)
def _no_user_journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the user's own journal out of the tests, also out of the commands that they start."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("FLXFRAME_JOURNAL", raising=False)


@pytest.fixture
def api() -> Iterator[Sandbox]:
    """A sandbox that does not limit the rate."""
    with sandbox(token=TOKEN, tokens=[TOKEN, SECOND_TOKEN], limit=None) as running:
        yield running


def orders(rows: int) -> pd.DataFrame:
    """Return a table of orders with consecutive numbers."""
    numbers = [f"{number:05d}" for number in range(rows)]
    return pd.DataFrame({"eventHandle": "order_import", "objects.order.number": numbers})


def run(table: pd.DataFrame, api: Sandbox, **settings: object) -> pd.DataFrame:
    """Run a table against the sandbox, by default without a rate or a progress bar."""
    settings = {
        "token": api.token,
        "base_url": api.url,
        "rate": None,
        "progress": False,
        **settings,
    }
    return run_workflows(table, **settings)


def environment(api: Sandbox | None = None, **variables: str) -> dict[str, str]:
    """Return the environment of a command, with the sandbox's URL and token if one is given."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("FLXPOINT_")}
    if api is None:
        return inherited
    return {**inherited, "FLXPOINT_API_TOKEN": TOKEN, "FLXPOINT_BASE_URL": api.url, **variables}


def start(api: Sandbox, *arguments: object, **variables: str) -> subprocess.Popen[str]:
    """Start the command against the sandbox; `variables` are added to its environment."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        env=environment(api, **variables),
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Return the exit status and output of a command; check for the token and tracebacks."""
    output, _ = process.communicate(timeout=60)
    assert TOKEN not in output
    assert "Traceback" not in output
    return process.returncode, output
