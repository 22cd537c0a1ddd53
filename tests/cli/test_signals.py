"""Commands that are interrupted, or whose output nobody reads: the result is always written."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.sandbox import Sandbox, sandbox
from tests.cli.conftest import IN_TERMINAL
from tests.conftest import COMMAND, TOKEN, environment, finish, start


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = {"eventHandle": ["order_import"] * 6, "objects.order.number": range(6)}
    return write_results(pd.DataFrame(rows), tmp_path / "orders.csv")


def numbers_run(api: Sandbox) -> list[int]:
    """Return the numbers of the orders that ran, sorted."""
    return sorted(arrival.body["objects"]["order"]["number"] for arrival in api.runs)


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_a_run_with_a_result(api, table, done, journal, number, expected) -> None:
    """What is in flight finishes; the exit status tells the signal; the same command resumes."""
    api.add_workflow("order_import", lambda objects: os.kill(process.pid, number))
    process = start(api, "run", table, "--rate", 20, "--max-in-flight", 1)
    status, output = finish(process)
    assert status == expected, output
    assert read_table(done)["run.status"].tolist() == ["ok"] + ["not_sent"] * 5

    api.add_workflow("order_import", lambda objects: None)
    status, output = finish(start(api, "run", table, "--rate", 100))
    assert status == 0, output
    assert numbers_run(api) == list(range(6))
    second = done.with_name("orders.done2.csv")
    assert read_table(second)["run.status"].tolist() == ["ok"] * 6


def test_a_sigterm_waits_at_most_eight_seconds_for_answers(table, done) -> None:
    """Its sender often kills the process after ten; the row in flight is unknown."""
    with sandbox(token=TOKEN, limit=None, latency=30) as api:
        process = start(api, "run", table, "--max-in-flight", 1)
        while not api.arrivals:
            time.sleep(0.01)
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        status, output = finish(process)
        assert 7.5 < time.monotonic() - started < 10
    assert status == 143, output
    assert read_table(done)["run.status"].tolist() == ["unknown"] + ["not_sent"] * 5


def test_a_held_ctrl_c_leaves_a_result(table, done) -> None:
    """The key repeats until the process has ended, while it writes the result, too."""
    with sandbox(token=TOKEN, limit=None, latency=0.2) as api:
        process = start(api, "run", table, "--rate", 20, "--max-in-flight", 2)
        while not api.arrivals:
            time.sleep(0.01)
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.005)
        status, output = finish(process)
    assert status == 130, output
    statuses = read_table(done)["run.status"].tolist()
    assert statuses.count("ok") == len(api.runs)
    assert set(statuses) == {"ok", "not_sent"}


def test_nohup_stays_nohup(api, table, done) -> None:
    """A run that ignores the closing of its terminal continues."""
    api.add_workflow("order_import", lambda objects: os.kill(process.pid, signal.SIGHUP))
    process = subprocess.Popen(
        ["nohup", *COMMAND, "run", str(table), "--rate", "100"],
        env=environment(api),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    status, output = finish(process)
    assert status == 0, output
    assert read_table(done)["run.status"].tolist() == ["ok"] * 6


def test_a_closed_terminal_leaves_a_result(api, table, done) -> None:
    """The system sends SIGHUP, and nothing can be printed any more."""
    keyboard, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", IN_TERMINAL, *COMMAND, "run", str(table), "--max-in-flight", "1"],
        env=environment(api),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    while len(api.arrivals) < 2:
        time.sleep(0.01)
    os.close(keyboard)

    assert process.wait(timeout=60) == 129
    statuses = read_table(done)["run.status"].tolist()
    assert statuses.count("ok") == len(api.runs) >= 2
    assert set(statuses) == {"ok", "not_sent"}


@pytest.mark.parametrize("redirection", ["2>&1 | true", "> /dev/full 2>&1"])
def test_a_run_that_nobody_reads_writes_its_result(api, table, done, tmp_path, redirection) -> None:
    """The exit status is that of the rows, and the same command sends nothing again."""
    script = f'"$@" {redirection}; exit ${{PIPESTATUS[0]}}'
    command = ["bash", "-c", script, "bash", *COMMAND, "run", str(table), "--rate", "100"]
    command += ["--journal", str(tmp_path / "j.db")]
    for _ in range(2):
        process = subprocess.Popen(
            command,
            env=environment(api),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        status, output = finish(process)
        assert status == 0, output
        assert read_table(done)["run.status"].tolist() == ["ok"] * 6
    assert numbers_run(api) == list(range(6))


def test_warnings_as_errors_do_not_cost_the_result(api, table, done) -> None:
    """The reason of the stop is printed, and the exit status tells it."""
    process = start(
        api, "run", table, "--rate", 100, FLXPOINT_API_TOKEN="wrong", PYTHONWARNINGS="error"
    )
    status, output = finish(process)
    assert status == 3, output
    assert "flxframe: the run stopped early: the token was refused" in output
    assert len(read_table(done)) == 6


@pytest.mark.parametrize("redirection", ["2>&1 | true", "> /dev/full 2>&1"])
def test_an_export_that_nobody_reads_writes_its_file(
    api, table, done, journal, redirection
) -> None:
    """The exit status is 0, since the file is what it was asked for."""
    finish(start(api, "run", table, "--rate", 100))
    copy = f"{done}.copy.csv"
    script = f'"$@" {redirection}; exit ${{PIPESTATUS[0]}}'
    command = ["bash", "-c", script, "bash", *COMMAND, "export", str(journal), "-o", copy]
    assert subprocess.run(command, env=environment(api)).returncode == 0
    assert len(read_table(Path(copy))) == 6


@pytest.mark.parametrize("options", [[], ["--quiet"]])
def test_a_note_about_the_result_is_printed_once(api, table, options) -> None:
    """It does not depend on the bar."""
    api.add_workflow("order_import", lambda objects: objects["order"].update(l=[7] * 101))
    status, output = finish(start(api, "run", table, "--rate", 100, *options))
    assert status == 0
    assert output.count("objects.order.l is whole in one cell in 6 rows") == 1
