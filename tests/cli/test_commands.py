"""The commands as a user runs them: in their own process, against a real sandbox."""

import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import requests
from click.testing import CliRunner

from flxframe.cli import main
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from tests.conftest import COMMAND, TOKEN, environment, finish, start

IN_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
"""Takes the terminal at its standard input, so that Ctrl-C reaches it, then becomes the command."""


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """A shell starts background jobs with SIGINT ignored, and a child process inherits that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = {
        "eventHandle": ["order_import"] * 6,
        "objects.order.sku": [f"{number:05d}" for number in range(6)],
    }
    return write_results(pd.DataFrame(rows), tmp_path / "orders.csv")


@pytest.fixture
def done(table: Path) -> Path:
    return table.with_name("orders.done.csv")


def test_a_run_writes_the_result_next_to_the_table(api, table, done) -> None:
    """The exit status is 0 if all rows are ok; no file contains the token."""
    status, said = finish(start(api, "run", table, "--rate", 100))
    assert status == 0, said
    assert str(done) in said
    assert read_table(done)["objects.order.sku"].tolist()[1] == "00001"
    assert all(TOKEN.encode() not in path.read_bytes() for path in table.parent.iterdir())


def test_the_result_of_a_workbook_is_a_workbook(api, table) -> None:
    """The result has the format of the table."""
    workbook = write_results(read_table(table), table.with_name("orders.xlsx"))
    status, said = finish(start(api, "run", workbook, "--rate", 100, "--quiet"))
    assert status == 0, said
    assert read_table(table.with_name("orders.done.xlsx"))["run.status"].tolist() == ["ok"] * 6
    assert TOKEN not in str(
        list(openpyxl.load_workbook(table.with_name("orders.done.xlsx")).active.values)
    )


def test_a_workbook_keeps_its_macros(api, table) -> None:
    """It is edited in place, and the output needs no name for that."""
    workbook = write_results(read_table(table), table.with_name("plain.xlsx")).rename(
        table.with_name("orders.xlsm")
    )
    with zipfile.ZipFile(workbook, "a") as package:
        package.writestr("xl/vbaProject.bin", b"macros")
    status, said = finish(start(api, "run", workbook, "--rate", 100, "--quiet"))
    assert status == 0, said
    with zipfile.ZipFile(table.with_name("orders.done.xlsm")) as package:
        assert package.read("xl/vbaProject.bin") == b"macros"


def test_the_options_reach_the_requests(api, tmp_path) -> None:
    """Each option is the argument of run_workflows with its name."""
    table = tmp_path / "shop.tsv"
    table.write_text("Country\tNote\tsku\nCA\tcall\t007\n")
    options = [
        "--event-handle",
        "order_import",
        "--draft",
        "--param",
        "sourceId=12",
        "--object-handle",
        "order",
    ]
    options += [
        "--column",
        "Country=objects.order.shippingAddress.countryCode",
        "--column",
        "Note=",
    ]
    status, said = finish(
        start(api, "run", table, *options, "--dtype", "sku=string", "-o", tmp_path / "out.csv")
    )
    assert status == 0, said
    assert [arrival.body for arrival in api.runs] == [
        {
            "eventHandle": "order_import",
            "draft": True,
            "params": [{"key": "sourceId", "value": 12}],
            "objects": {"order": {"shippingAddress": {"countryCode": "CA"}, "sku": "007"}},
        }
    ]


def test_a_rejected_row_is_exit_status_1(api, table) -> None:
    """The exit status and the summary report a row that is not ok."""
    api.fail("400_error")
    status, said = finish(start(api, "run", table, "--rate", 100))
    assert status == 1
    assert "rejected" in said


def test_a_refused_token_is_exit_status_3(api, table, done) -> None:
    """The run stops with the reason in one line, and the result is written."""
    status, said = finish(
        start(api, "run", table, "--rate", 100, "--quiet", FLXPOINT_API_TOKEN="wrong")
    )
    assert status == 3
    assert re.search(r"^flxframe: .*the token was refused", said, flags=re.MULTILINE)
    assert len(read_table(done)) == 6


def test_an_existing_result_is_not_overwritten(api, table, done) -> None:
    """It is refused before anything is sent."""
    done.write_text("mine")
    status, said = finish(start(api, "run", table))
    assert status == 2
    assert "--force" in said
    assert done.read_text() == "mine"
    assert api.arrivals == []


def test_force_overwrites(api, table, done) -> None:
    """With --force the result replaces the file."""
    done.write_text("mine")
    status, said = finish(start(api, "run", table, "--rate", 100, "--force"))
    assert status == 0, said
    assert len(read_table(done)) == 6


def test_an_output_that_cannot_be_written_is_refused_first(api, table) -> None:
    """Otherwise a missing folder would be noticed after the last row."""
    status, said = finish(start(api, "run", table, "-o", table.parent / "nowhere" / "out.csv"))
    assert status == 2
    assert "nowhere" in said
    assert api.arrivals == []


def test_a_result_that_cannot_be_written_is_not_lost(api, table, done) -> None:
    """The workflows have run, so it goes to another file, and the exit status reports it."""
    api.add_workflow("order_import", lambda objects: done.write_text("mine") and None)
    status, said = finish(start(api, "run", table, "--rate", 100, "--quiet"))
    assert status == 2
    assert done.read_text() == "mine"
    found = re.search(r"The result is in (.*\.jsonl)", said)
    assert found, said
    assert read_table(found[1])["run.status"].tolist() == ["ok"] * 6
    Path(found[1]).unlink()
    Path(found[1]).parent.rmdir()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere.xlsx"], r"flxframe: there is no file .*nowhere\.xlsx.*\n"),
        (["bad.csv"], r"flxframe: .*objects\.order\[.*\n"),
        (["plain.csv"], r"flxframe: .*\n"),
        (["orders.csv", "--param", "sourceId=x"], r"flxframe: .*'x'\n"),
        (["orders.csv", "--rate", "-1"], r"flxframe: .*-1.*\n"),
        (["orders.csv", "--column", "sku"], r"(?s)Usage: .*'sku' must be written as NAME=PATH\n"),
        (
            ["orders.csv", "--column", "a=x", "--column", "a=y"],
            r"(?s)Usage: .*'a' is given twice: 'x' and 'y'\n",
        ),
        (["orders.csv", "--token", "x"], r"(?s)Usage: .*No such option.*--token.*\n"),
    ],
)
def test_a_mistake_is_one_line_and_exit_status_2(api, table, arguments, complaint) -> None:
    """It has no traceback, and nothing is sent."""
    table.with_name("bad.csv").write_text("eventHandle,objects.order[\na,b\n")
    table.with_name("plain.csv").write_text("Order,Country\n#1,CA\n")
    status, said = finish(start(api, "run", table.with_name(arguments[0]), *arguments[1:]))
    assert status == 2, said
    assert re.fullmatch(complaint, said), said
    assert api.arrivals == []


def test_a_folder_is_not_a_table(api, table, monkeypatch) -> None:
    """Not even the current one."""
    monkeypatch.chdir(table.parent)
    for folder in (".", "/", ""):
        status, said = finish(start(api, "run", folder))
        assert status == 2
        assert re.fullmatch(r"flxframe: .*\n", said), said


def test_a_missing_token_is_exit_status_2(table) -> None:
    """There is no --token option: a shell keeps a history."""
    without = subprocess.run(
        [*COMMAND, "run", str(table)], env=environment(), capture_output=True, text=True
    )
    assert without.returncode == 2
    assert re.fullmatch(r"flxframe: .*FLXPOINT_API_TOKEN.*\n", without.stderr)


def test_a_response_cannot_control_the_terminal(api, table) -> None:
    """Its control characters are not printed."""
    api.add_workflow("order_import", steer)
    _, said = finish(start(api, "run", table, "--rate", 100, "--quiet"))
    assert "the workflow failed" in said
    assert "\x1b" not in said


def steer(objects: object) -> None:
    raise ValueError("\x1b[2J\x1b]0;gotcha\x07")


def test_an_interrupt_leaves_a_result_with_every_row(api, table, done) -> None:
    """SIGINT during the run still writes the result, and the exit status is 130."""
    api.add_workflow("order_import", lambda objects: os.kill(process.pid, signal.SIGINT))
    process = start(api, "run", table, "--max-in-flight", 1)
    status, said = finish(process)
    assert status == 130, said
    assert read_table(done)["run.status"].tolist() == ["ok"] + ["not_sent"] * 5


def test_ctrl_c_in_a_terminal_leaves_a_result_with_every_row(api, table, done) -> None:
    """The real key, in a real terminal, while the progress bar is drawn."""
    keyboard, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 100))  # a bar needs a width
    process = subprocess.Popen(
        [sys.executable, "-c", IN_TERMINAL, *COMMAND, "run", str(table)],
        env=environment(api),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    said, pressed = b"", False
    try:
        while chunk := os.read(keyboard, 4096):
            said += chunk
            if not pressed and b"2 ok" in said:
                pressed = os.write(keyboard, b"\x03") == 1
    except OSError:  # on Linux, the last process has closed the terminal
        pass
    os.close(keyboard)
    assert process.wait(timeout=60) == 130, said.decode()
    assert b"Traceback" not in said
    statuses = read_table(done)["run.status"].tolist()
    assert len(statuses) == 6
    assert statuses[0] == "ok"
    assert statuses[-1] == "not_sent"


def test_an_interrupt_before_the_run_is_exit_status_130(tmp_path) -> None:
    """Ctrl-C while the table is being read."""
    fifo = tmp_path / "orders.csv"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        [*COMMAND, "run", str(fifo)], stderr=subprocess.PIPE, text=True, env=environment()
    )
    writer = os.open(fifo, os.O_WRONLY)  # returns once the command reads
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    os.close(writer)
    assert (process.returncode, said.strip()) == (130, "flxframe: interrupted")


def test_a_preview_sends_nothing(api, table) -> None:
    """The curl commands contain the name of the variable, never the token."""
    status, said = finish(start(api, "preview", table, "--curl"))
    assert status == 0
    assert said.count("$FLXPOINT_API_TOKEN") == 6
    assert api.arrivals == []


def test_a_preview_reports_the_rows_that_cannot_be_sent(tmp_path, monkeypatch) -> None:
    """It takes the options of `run`, needs no token, and exits with 1 if a row would be invalid."""
    monkeypatch.delenv("FLXPOINT_API_TOKEN", raising=False)
    table = tmp_path / "orders.csv"
    table.write_text("eventHandle,params.sourceId\norder_import,12\norder_import,twelve\n")
    for arguments in (
        ["preview", str(table), "--stop-after-failures", "3"],
        ["preview", str(table), "--curl"],
    ):
        answer = CliRunner().invoke(main, arguments)
        assert answer.exit_code == 1
        assert "'twelve'" in answer.output


def test_the_sandbox_serves_until_stopped() -> None:
    """It prints the variables to set, and ends quietly; a port in use is one line."""
    serving = subprocess.Popen(
        [*COMMAND, "sandbox", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert serving.stdout is not None
    found = re.match(
        r"export FLXPOINT_BASE_URL=(\S+:(\d+)) FLXPOINT_API_TOKEN=(\S+)", serving.stdout.readline()
    )
    assert found
    url, port, token = found.groups()
    body = {"eventHandle": "order_import", "objects": {}}
    assert (
        requests.post(f"{url}/workflow/run", json=body, headers={"X-API-TOKEN": token}).status_code
        == 200
    )
    second = subprocess.run([*COMMAND, "sandbox", "--port", port], capture_output=True, text=True)
    assert second.returncode == 2
    assert re.fullmatch(rf"flxframe: port {port} can't be used .*\n", second.stderr)
    serving.send_signal(signal.SIGINT)
    assert "1 request\n" in serving.communicate(timeout=30)[0]
    assert serving.returncode == 0
