"""Messages on standard output and standard error, which might be gone."""

import subprocess
import sys

import pytest

from flxframe.cli.streams import complain

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
