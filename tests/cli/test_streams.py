"""Messages on standard output and standard error, which might be gone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flxframe import sandbox
from flxframe.cli.streams import complain
from tests.conftest import COMMAND, environment, orders, run

SPEAK = """
from flxframe.cli.streams import complain, drain, say
say("a" * 100)
complain("b" * 100)
say("c")
print("d", flush=False)
drain()
"""


def test_a_message_is_one_line(capsys) -> None:
    """Line breaks become spaces, and control characters of a server are shown escaped."""
    complain("a\nb\x1b[2J\u202e")
    assert capsys.readouterr().err == "flxframe: a b\\x1b[2J\\u202e\n"


@pytest.mark.parametrize(
    "redirection",
    [
        "| true",
        "2>&1 | true",
        "> /dev/full 2>&1",
        ">&- 2>&-",
        "2>&-",
        "> /dev/full",
        "2> /dev/full",
    ],
)
def test_a_stream_that_cannot_be_written_does_not_end_the_command(redirection: str) -> None:
    """Its exit status is its own, and there is no traceback on a stream that works."""
    script = f'"$0" -c "$1" {redirection}; echo "status ${{PIPESTATUS[0]}}"'
    output = subprocess.run(
        ["bash", "-c", script, sys.executable, SPEAK], capture_output=True, text=True, check=True
    )
    assert output.stdout.endswith("status 0\n")
    assert "Traceback" not in output.stdout + output.stderr
    assert "Exception" not in output.stdout + output.stderr


def shell(arguments: str, redirection: str, folder: Path, **variables: str) -> tuple[int, str]:
    """Run the command with its streams redirected; return its status, and what can be read."""
    script = f'"$@" {arguments} {redirection}; echo "status ${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", script, "bash", *COMMAND],
        cwd=folder,
        env={**environment(), "PYTHONPATH": os.getcwd(), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=True,
    )
    text, _, status = done.stdout.rpartition("status ")
    return int(status), text


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with a table, one with an invalid row, and a journal."""
    folder = tmp_path_factory.mktemp("streams")
    orders(2).to_csv(folder / "good.csv", index=False)
    orders(2).assign(eventHandle=["e", None]).to_csv(folder / "bad.csv", index=False)
    with sandbox(limit=None) as api:
        run(orders(2), api, journal=folder / "j.db")
    return folder


@pytest.mark.parametrize(
    ("arguments", "status"),
    [("preview --curl bad.csv", 1), ("status j.db", 0), ("run --help", 0), ("--version", 0)],
)
def test_a_full_disk_is_reported_by_what_only_prints(folder, arguments, status) -> None:
    """In one sentence; a reader that has ended, or a closed stream, loses nothing."""
    code, text = shell(arguments, "> /dev/full", folder)
    assert (code, text.count("\n")) == (2, 1)
    assert "flxframe: standard output can't be written (No space left on device)" in text

    assert shell(arguments, "2>&1 | true", folder) == (status, "")
    assert shell(arguments, ">&-", folder) == (status, "")


MISTAKES = {
    "nosuch": "2> /dev/full",
    "run --rate x good.csv": "2>&1 | true",
    "preview nosuch.csv": "2>&-",
    "": "> /dev/full 2>&1",
}


@pytest.mark.parametrize(("arguments", "redirection"), list(MISTAKES.items()))
def test_a_mistake_has_its_status_although_nobody_reads_it(folder, arguments, redirection) -> None:
    """It is 2, as with streams that work."""
    assert shell(arguments, redirection, folder) == (2, "")


def test_an_export_is_done_although_its_message_is_lost(folder) -> None:
    """The file is what was asked for."""
    for redirection in ("> /dev/full", ">&-", "| true"):
        assert shell("export j.db -o out.csv --force", redirection, folder) == (0, "")


def test_a_letter_that_the_terminal_lacks_is_shown_as_an_escape(folder) -> None:
    """The rest of the output is still there."""
    orders(1).assign(Größe=1).to_csv(folder / "größe.csv", index=False)
    code, text = shell("preview größe.csv", "", folder, PYTHONIOENCODING="iso8859-5")
    assert (code, "\\xf6" in text, "order_import" in text) == (0, True, True)
