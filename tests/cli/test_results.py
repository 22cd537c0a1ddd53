"""A command writes its result to a file, and reports it in the exit status."""

import signal

import pandas as pd
import pytest

from flxframe.cli.results import complain, exit_status, uninterrupted, write_and_show
from flxframe.files.reading import read_table


def result_of(*statuses: str, stopped: str | None = None) -> pd.DataFrame:
    result = pd.DataFrame({"a": range(len(statuses)), "run.status": statuses})
    result["run.http_status"] = 200
    result["run.error"] = None
    if stopped:
        result.attrs["flxframe"] = {"stopped": stopped}
    return result


@pytest.mark.parametrize(
    ("statuses", "stopped", "expected"),
    [
        (("ok", "ok"), None, 0),
        (("ok", "unknown"), None, 1),
        (("rejected",), None, 1),
        (("ok", "not_sent"), "deadline", 1),
        (("rejected", "not_sent"), "token", 3),
        (("ok", "not_sent"), "interrupted", 130),
        ((), None, 0),
    ],
)
def test_the_exit_status_reports_the_worst_outcome(statuses, stopped, expected) -> None:
    """A refused token and an interrupt have their own exit status."""
    assert exit_status(result_of(*statuses, stopped=stopped)) == expected


def test_a_result_that_cannot_be_written_goes_to_another_file(tmp_path, capsys) -> None:
    """The path of that file is printed, and the reason goes to the error stream."""
    output = tmp_path / "missing" / "out.csv"
    path = write_and_show(result_of("ok"), output)
    captured = capsys.readouterr()
    assert path != output
    assert f"The result is in {path}" in captured.out
    assert "can't be written" in captured.err
    assert read_table(path)["run.status"].tolist() == ["ok"]


def test_ctrl_c_is_ignored_while_a_result_is_written() -> None:
    """Afterwards it works again."""
    handler = signal.getsignal(signal.SIGINT)
    with uninterrupted():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_message_is_one_line(capsys) -> None:
    """Line breaks and control characters of a server are removed."""
    complain("a\nb\x1b[2J")
    assert capsys.readouterr().err == "flxframe: a b [2J\n"
