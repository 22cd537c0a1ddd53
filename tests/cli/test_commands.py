"""The commands, run as by a user: in their own process, against a sandbox."""

import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import requests
from click.testing import CliRunner

from flxframe.cli import main
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from tests.cli.conftest import IN_TERMINAL
from tests.conftest import COMMAND, TOKEN, environment, finish, start
from tests.run.raw_server import raw_server, response


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = {
        "eventHandle": ["order_import"] * 6,
        "objects.order.sku": [f"{number:05d}" for number in range(6)],
    }
    return write_results(pd.DataFrame(rows), tmp_path / "orders.csv")


def test_a_run_writes_the_result_next_to_the_table(api, table, done) -> None:
    """The exit status is 0 if all rows are ok; no file contains the token."""
    status, output = finish(start(api, "run", table, "--rate", 100))
    assert status == 0, output
    assert str(done) in output
    assert read_table(done)["objects.order.sku"].tolist()[1] == "00001"
    assert all(TOKEN.encode() not in path.read_bytes() for path in table.parent.iterdir())


def test_the_limit_of_an_answer_is_an_option(table, done) -> None:
    """A larger answer makes the row unknown."""
    content = response({"objects": {"order": {"note": "x" * 2**20}}})
    with raw_server(lambda arrival: arrival.send(content)) as server:
        command = ["run", table, "--rate", 100, "--no-journal", "--max-response-mib", 1]
        status, output = finish(start(server, *command, FLXPOINT_BASE_URL=server.url))

    assert status == 1, output
    assert read_table(done)["run.status"].tolist() == ["unknown"] * 6
    assert "larger than 1 MiB (max_response_mib)" in output


def test_the_result_of_a_workbook_is_a_workbook(api, table) -> None:
    """The result has the format of the table."""
    workbook = write_results(read_table(table), table.with_name("orders.xlsx"))
    status, output = finish(start(api, "run", workbook, "--rate", 100, "--quiet"))
    assert status == 0, output
    assert read_table(table.with_name("orders.done.xlsx"))["run.status"].tolist() == ["ok"] * 6
    assert TOKEN not in str(
        list(openpyxl.load_workbook(table.with_name("orders.done.xlsx")).active.values)
    )


def test_a_workbook_keeps_its_macros(api, table) -> None:
    """The workbook is edited in place, even without an output path."""
    workbook = write_results(read_table(table), table.with_name("new.xlsx")).rename(
        table.with_name("orders.xlsm")
    )
    with zipfile.ZipFile(workbook, "a") as package:
        package.writestr("xl/vbaProject.bin", b"macros")
    status, output = finish(start(api, "run", workbook, "--rate", 100, "--quiet"))
    assert status == 0, output
    with zipfile.ZipFile(table.with_name("orders.done.xlsm")) as package:
        assert package.read("xl/vbaProject.bin") == b"macros"


def test_the_options_reach_the_requests(api, tmp_path) -> None:
    """Each option has the name of an argument of run_workflows."""
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
    status, output = finish(
        start(api, "run", table, *options, "--dtype", "sku=string", "-o", tmp_path / "out.csv")
    )
    assert status == 0, output
    assert [arrival.body for arrival in api.runs] == [
        {
            "eventHandle": "order_import",
            "draft": True,
            "params": [{"key": "sourceId", "value": 12}],
            "objects": {"order": {"shippingAddress": {"countryCode": "CA"}, "sku": "007"}},
        }
    ]


def test_a_rejected_row_is_exit_status_1(api, table) -> None:
    """The summary shows the row too."""
    api.fail("400_error")
    status, output = finish(start(api, "run", table, "--rate", 100))
    assert status == 1
    assert "rejected" in output


def test_a_refused_token_is_exit_status_3(api, table, done) -> None:
    """The run stops with the reason in one line, and the result is written."""
    status, output = finish(
        start(api, "run", table, "--rate", 100, "--quiet", FLXPOINT_API_TOKEN="wrong")
    )
    assert status == 3
    assert re.search(r"^flxframe: .*the token was refused", output, flags=re.MULTILINE)
    assert len(read_table(done)) == 6


def test_an_existing_result_is_not_overwritten(api, table, done) -> None:
    """The result gets the next free name; a name of the user's own needs --force."""
    done.write_text("mine")
    status, output = finish(start(api, "run", table, "--rate", 100))
    assert status == 0, output
    assert done.read_text() == "mine"
    assert len(read_table(done.with_name("orders.done2.csv"))) == 6

    runs = len(api.runs)
    status, output = finish(start(api, "run", table, "-o", done))
    assert status == 2
    assert "--force" in output
    assert len(api.runs) == runs


def test_force_overwrites(api, table, done) -> None:
    """With --force the result replaces the file."""
    done.write_text("mine")
    status, output = finish(start(api, "run", table, "--rate", 100, "--force"))
    assert status == 0, output
    assert len(read_table(done)) == 6


def test_an_output_that_cannot_be_written_is_refused_first(api, table) -> None:
    """Otherwise a missing folder would only be detected after the last row."""
    status, output = finish(start(api, "run", table, "-o", table.parent / "nowhere" / "out.csv"))
    assert status == 2
    assert "nowhere" in output
    assert api.arrivals == []


def test_a_result_that_cannot_be_written_is_not_lost(api, table, done) -> None:
    """The workflows have run, so it is written to another file, and the exit status is 2."""
    api.add_workflow("order_import", lambda objects: done.write_text("mine") and None)
    status, output = finish(start(api, "run", table, "--rate", 100, "--quiet"))
    assert status == 2
    assert done.read_text() == "mine"
    match = re.search(r"The result is in (.*\.jsonl)", output)
    assert match, output
    assert read_table(match[1])["run.status"].tolist() == ["ok"] * 6
    Path(match[1]).unlink()
    Path(match[1]).parent.rmdir()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.xlsx"], r"flxframe: there is no file .*nowhere\.xlsx.*\n"),
        (["bad.csv"], r"flxframe: .*objects\.order\[.*\n"),
        (["no_fields.csv"], r"flxframe: .*\n"),
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
def test_a_mistake_is_one_line_and_exit_status_2(api, table, arguments, message) -> None:
    """There is no traceback, and nothing is sent."""
    table.with_name("bad.csv").write_text("eventHandle,objects.order[\na,b\n")
    table.with_name("no_fields.csv").write_text("Order,Country\n#1,CA\n")
    status, output = finish(start(api, "run", table.with_name(arguments[0]), *arguments[1:]))
    assert status == 2, output
    assert re.fullmatch(message, output), output
    assert api.arrivals == []


def test_a_folder_is_not_a_table(api, table, monkeypatch) -> None:
    """This includes the current folder and an empty path."""
    monkeypatch.chdir(table.parent)
    for folder in (".", "/", ""):
        status, output = finish(start(api, "run", folder))
        assert status == 2
        assert re.fullmatch(r"flxframe: .*\n", output), output


def test_a_missing_token_is_exit_status_2(table) -> None:
    """There is no --token option, since a shell keeps its history."""
    process = subprocess.run(
        [*COMMAND, "run", str(table)], env=environment(), capture_output=True, text=True
    )
    assert process.returncode == 2
    assert re.fullmatch(r"flxframe: .*FLXPOINT_API_TOKEN.*\n", process.stderr)


def test_a_response_cannot_control_the_terminal(api, table) -> None:
    """The control characters of a response are not printed."""
    api.add_workflow("order_import", steer)
    _, output = finish(start(api, "run", table, "--rate", 100, "--quiet"))
    assert "the workflow failed" in output
    assert "\x1b" not in output


def steer(objects: object) -> None:
    raise ValueError("\x1b[2J\x1b]0;gotcha\x07")


def test_an_interrupt_leaves_a_result_with_every_row(api, table, done) -> None:
    """The command writes the result, and the exit status is 130."""
    api.add_workflow("order_import", lambda objects: os.kill(process.pid, signal.SIGINT))
    process = start(api, "run", table, "--max-in-flight", 1)
    status, output = finish(process)
    assert status == 130, output
    assert read_table(done)["run.status"].tolist() == ["ok"] + ["not_sent"] * 5


def test_ctrl_c_in_a_terminal_leaves_a_result_with_every_row(api, table, done) -> None:
    """The key is sent to a real terminal while the progress bar is drawn."""
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
    output, pressed = b"", False
    try:
        while chunk := os.read(keyboard, 4096):
            output += chunk
            if not pressed and b"2 ok" in output:
                pressed = os.write(keyboard, b"\x03") == 1
    except OSError:  # on Linux, the last process has closed the terminal
        pass
    os.close(keyboard)
    assert process.wait(timeout=60) == 130, output.decode()
    assert b"Traceback" not in output
    statuses = read_table(done)["run.status"].tolist()
    assert len(statuses) == 6
    assert statuses[0] == "ok"
    assert statuses[-1] == "not_sent"


def test_an_interrupt_before_the_run_is_exit_status_130(tmp_path) -> None:
    """Ctrl-C is pressed while the tokens are being read."""
    fifo = tmp_path / "tokens.json"
    os.mkfifo(fifo, 0o600)
    options = ["--token-column", "token", "--token-file", str(fifo)]
    process = subprocess.Popen(
        [*COMMAND, "run", "orders.csv", *options],
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    writer = os.open(fifo, os.O_WRONLY)  # returns once the command reads
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    output = process.communicate(timeout=60)[1]
    os.close(writer)
    assert (process.returncode, output.strip()) == (130, "flxframe: interrupted")


def test_a_preview_sends_nothing(api, table) -> None:
    """The curl commands contain the name of the variable, never the token."""
    status, output = finish(start(api, "preview", table, "--curl"))
    assert status == 0
    assert output.count("$FLXPOINT_API_TOKEN") == 6
    assert api.arrivals == []


def test_a_preview_reports_the_rows_that_cannot_be_sent(tmp_path, monkeypatch) -> None:
    """It takes the options of `run`, needs no token, and exits with 1 if a row is invalid."""
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
    """It prints the variables to set, and ends quietly; a port in use is a one-line error."""
    serving = subprocess.Popen(
        [*COMMAND, "sandbox", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert serving.stdout is not None
    match = re.match(
        r"export FLXPOINT_BASE_URL=(\S+:(\d+)) FLXPOINT_API_TOKEN=(\S+)", serving.stdout.readline()
    )
    assert match
    url, port, token = match.groups()
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
