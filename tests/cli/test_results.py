"""A command writes its result to a file, and reports it in the exit status."""

import tempfile

import pandas as pd
import pytest

from flxframe.cli.results import exit_status, show, write
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


@pytest.mark.parametrize(("number", "expected"), [(1, 129), (2, 130), (15, 143), (None, 130)])
def test_the_exit_status_tells_the_signal_that_interrupted_the_run(number, expected) -> None:
    """It is the one that a shell reports for a command that was ended by the signal."""
    assert exit_status(result_of("ok", "not_sent", stopped="interrupted"), number) == expected


def test_a_signal_after_the_last_answer_does_not_change_the_exit_status() -> None:
    """The result is complete."""
    assert exit_status(result_of("ok"), 15) == 0


def test_a_result_that_cannot_be_written_goes_to_another_file(tmp_path, capsys) -> None:
    """The path of that file is printed, and the reason goes to the error stream."""
    output = tmp_path / "missing" / "out.csv"
    result = result_of("ok")
    path = write(result, output)
    show(result, path)
    captured = capsys.readouterr()
    assert path != output
    assert f"The result is in {path}" in captured.out
    assert "can't be written" in captured.err
    assert read_table(path)["run.status"].tolist() == ["ok"]


def test_a_result_that_cannot_be_written_anywhere_is_shown(tmp_path, capsys, monkeypatch) -> None:
    """The summary is still printed, and the message names the way to the answers."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    result = result_of("ok")
    path = write(result, tmp_path / "missing" / "out.csv")
    show(result, path)
    captured = capsys.readouterr()
    assert path is None
    assert "flxframe export" in captured.err
    assert captured.out.startswith("status")
