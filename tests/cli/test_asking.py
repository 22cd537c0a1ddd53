"""The question about rows that might have been sent before, at the command line."""

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from flxframe.cli.asking import option
from flxframe.exceptions import AlreadySentError
from flxframe.files.reading import read_table
from flxframe.sandbox import Sandbox
from tests.conftest import COMMAND, environment, finish, orders, start


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A .csv file of three orders; what is sent is recorded in a journal that nobody names."""
    monkeypatch.setenv("FLXFRAME_JOURNAL", str(tmp_path / "journal.db"))
    path = tmp_path / "orders.csv"
    orders(3).to_csv(path, index=False)
    return path


def test_without_a_terminal_a_question_is_exit_status_4(api: Sandbox, table: Path) -> None:
    """The answers are options, each with what it does, and nothing is sent or written."""
    assert finish(start(api, "run", table, "--quiet", "--rate", 100))[0] == 0
    status, output = finish(start(api, "run", table, "--quiet"))

    assert status == 4
    assert "3 rows of 3 were already sent to" in output
    assert re.search(r"^ +--resend never +leaves them as they are$", output, re.MULTILINE)
    assert re.search(r"^ +--resend all +", output, re.MULTILINE)
    assert re.search(r"^ +--occasion \d{4}-\d\d-\d\d +", output, re.MULTILINE)
    assert "resend=" not in output
    assert len(api.runs) == 3
    assert not table.with_name("orders.done2.csv").exists()


@pytest.mark.parametrize("redirection", ["<&-", "2>&-", "<&- 2>&-"])
def test_a_closed_stream_is_not_a_terminal(api: Sandbox, table: Path, redirection: str) -> None:
    """A service might start the command without standard input."""
    assert finish(start(api, "run", table, "--quiet", "--rate", 100))[0] == 0
    command = f"{' '.join(COMMAND)} run {table} --quiet {redirection}"
    done = subprocess.run(
        ["/bin/sh", "-c", command], env=environment(api), capture_output=True, timeout=30
    )
    assert done.returncode == 4
    assert b"Traceback" not in done.stderr
    assert len(api.runs) == 3


@pytest.mark.parametrize(
    ("options", "runs"),
    [(["--resend", "never"], 3), (["--resend", "all"], 6), (["--occasion", "today"], 6)],
    ids=["never", "all", "occasion"],
)
def test_an_option_answers(api: Sandbox, table: Path, options: list[str], runs: int) -> None:
    """The second result gets the next free name."""
    finish(start(api, "run", table, "--quiet", "--rate", 100))
    status, output = finish(start(api, "run", table, "--quiet", "--rate", 100, *options))
    assert status == 0, output
    assert len(api.runs) == runs
    result = read_table(table.with_name("orders.done2.csv"))
    assert result["run.recalled"].tolist() == [runs == 3] * 3


@pytest.mark.parametrize(("answer", "status", "runs"), [("1", 0, 3), ("2", 0, 6), ("", 4, 3)])
def test_a_terminal_asks(api: Sandbox, table: Path, answer: str, status: int, runs: int) -> None:
    """A number chooses an answer; Enter sends nothing."""
    finish(start(api, "run", table, "--quiet", "--rate", 100))
    exit_status, output = _in_terminal(api, answer, "run", table, "--quiet", "--rate", "100")
    assert "Choose 1 to 3, or press Enter to send nothing" in output
    assert exit_status == status, output
    assert len(api.runs) == runs


def test_the_result_of_a_run_can_be_run_again(api: Sandbox, table: Path) -> None:
    """All of its rows are ok, so nothing is sent, and nothing is asked."""
    finish(start(api, "run", table, "--quiet", "--rate", 100))
    done = table.with_name("orders.done.csv")
    status, output = finish(start(api, "run", done, "--quiet", FLXFRAME_JOURNAL="off"))
    assert status == 0, output
    assert len(api.runs) == 3
    assert table.with_name("orders.done2.csv").exists()


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ('resend="edited"', "--resend edited"),
        ("same_account=True", "--same-account"),
        ("same_account=False", "--no-same-account"),
        ('occasion="2026-12-01"', "--occasion 2026-12-01"),
    ],
)
def test_an_argument_has_an_option(argument: str, expected: str) -> None:
    """Messages at the shell never name an argument of Python."""
    assert option(argument) == expected


def test_an_answer_that_is_not_an_argument_is_a_defect() -> None:
    """It raises instead of printing nonsense."""
    with pytest.raises(ValueError, match="NAME=VALUE"):
        option("resend")
    assert "resend" in str(AlreadySentError("Sent.", answers={'resend="never"': "leaves them"}))


def _in_terminal(api: Sandbox, answer: str, *arguments: object) -> tuple[int, str]:
    """Run a command in a pseudo-terminal, type an answer, and return its status and output."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        env=environment(api),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())

    output = b""
    while True:
        try:
            chunk = os.read(ours, 4096)
        except OSError:  # Linux reports the end of a terminal as an error
            break
        if not chunk:
            break
        output += chunk
    os.close(ours)
    return process.wait(timeout=60), output.decode()
