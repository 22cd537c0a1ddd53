"""The command, as a user runs it: in a process of its own."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from flxframe.sandbox import Sandbox, sandbox
from flxframe.tables import read_table, write_results

TOKEN = "a-secret-token-4711"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = {"eventHandle": ["order_import"] * 6, "objects.order.sku": [f"{number:05d}" for number in range(6)]}
    return write_results(pd.DataFrame(rows), tmp_path / "orders.csv")


@pytest.fixture
def api():
    with sandbox(token=TOKEN, limit=None) as running:
        yield running


def start(api: Sandbox, *arguments: object, token: str = TOKEN) -> subprocess.Popen[str]:
    environment = {**os.environ, "FLXPOINT_API_TOKEN": token, "FLXPOINT_BASE_URL": api.url}
    return subprocess.Popen(
        [sys.executable, "-m", "flxframe", *map(str, arguments)],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=60)
    assert TOKEN not in out + err
    assert "Traceback" not in err
    return process.returncode, out + err


def test_a_run_writes_its_result(api, table) -> None:
    """All rows ok is exit status 0, and texts keep their zeros."""
    status, said = finish(start(api, "run", table, "--rate", 100))
    assert status == 0, said
    result = read_table(table.with_name("orders.done.csv"))
    assert result["objects.order.sku"].tolist()[1] == "00001"
    assert TOKEN not in table.with_name("orders.done.csv").read_text(encoding="utf-8-sig")


def test_a_refused_row_is_exit_status_1(api, table) -> None:
    """Some row that isn't ok is told by the exit status and the summary."""
    api.fail("400_error")
    status, said = finish(start(api, "run", table, "--rate", 100))
    assert status == 1
    assert "rejected" in said


def test_a_refused_token_is_exit_status_3(api, table) -> None:
    """The run stops, and the result is written all the same."""
    status, said = finish(start(api, "run", table, "--rate", 100, token="wrong"))
    assert status == 3
    assert "the token was refused" in said
    assert len(read_table(table.with_name("orders.done.csv"))) == 6


def test_nothing_is_overwritten(api, table) -> None:
    """An existing result is refused before anything is sent."""
    done = table.with_name("orders.done.csv")
    done.write_text("mine")
    status, said = finish(start(api, "run", table))
    assert status == 2
    assert "--force" in said
    assert done.read_text() == "mine"
    assert api.arrivals == []


def test_a_missing_file_is_one_sentence(api, tmp_path) -> None:
    """A user's mistake gets a sentence with the file's name."""
    status, said = finish(start(api, "run", tmp_path / "nowhere.xlsx"))
    assert status == 2
    assert re.fullmatch(r"flxframe: there is no file .*nowhere\.xlsx.*\n", said)


def test_an_interrupt_leaves_a_result_with_every_row(api, table) -> None:
    """Ctrl-C in the middle writes what is known, and exits with 130."""
    api.add_workflow("order_import", lambda objects: os.kill(process.pid, signal.SIGINT))
    process = start(api, "run", table, "--max-in-flight", 1)
    status, said = finish(process)
    assert status == 130, said
    result = read_table(table.with_name("orders.done.csv"))
    assert len(result) == 6
    assert set(result["run.status"]) == {"ok", "not_sent"}


def test_a_preview_sends_nothing(api, table) -> None:
    """The curl commands hold the variable's name, never the token."""
    status, said = finish(start(api, "preview", table, "--curl"))
    assert status == 0
    assert said.count("$FLXPOINT_API_TOKEN") == 6
    assert api.arrivals == []
