"""The progress bar, as a line of text if there are no widgets."""

import io
import itertools
import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import nbformat
import pytest
import tqdm.std
from nbclient import NotebookClient

from flxframe.run.progress import Progress
from tests.conftest import environment

BROKEN_WIDGET = """
import sys
import tqdm.notebook

def display(widget):
    raise RuntimeError("the front end is gone")

tqdm.notebook.display = display
"""

NO_WIDGETS = """
sys.modules["ipywidgets"] = None
"""

RUN = """
import flxframe, pandas as pd
with flxframe.sandbox(limit=None) as api:
    orders = pd.DataFrame({"eventHandle": ["order_import"] * 5})
    result = flxframe.run_workflows(orders, token=api.token, base_url=api.url, rate=None)
print(*result["run.status"])
"""

STOPPED_RUN = """
import sys
from pathlib import Path
import flxframe, pandas as pd
orders = pd.DataFrame({"eventHandle": ["order_import"] * 3})
with flxframe.sandbox(limit=None) as api:
    result = flxframe.run_workflows(
        orders, token="wrong", base_url=api.url, rate=None, max_in_flight=1
    )
Path(sys.argv[1]).write_text("stopped: " + result.attrs["flxframe"]["stopped"])
"""

OVERLAPPING_RUNS = """
import sys, threading, traceback, warnings
import flxframe, pandas as pd

class Recorder(warnings.catch_warnings):
    entered = []

    def __enter__(self):
        self.entered.append("".join(traceback.format_stack(limit=4)))
        return super().__enter__()

warnings.catch_warnings = Recorder
filters = list(warnings.filters)
orders = pd.DataFrame({"eventHandle": ["order_import"] * 3})
with flxframe.sandbox(limit=None) as api:
    def run():
        flxframe.run_workflows(orders, token=api.token, base_url=api.url, rate=None)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
assert warnings.filters == filters
print(*Recorder.entered, sep="")
"""


def test_in_a_terminal_the_bar_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is redrawn in place, with the counts and the time left, and without colours."""
    terminal = io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    counts = Counter(rejected=1)
    with Progress(3, seconds=1.5, counts=counts, show=True) as bar:
        bar.update(1, 1.0)
        counts["ok"] = 2
        bar.update(2, 0.0)

    assert terminal.getvalue().count("\n") == 1
    assert "3/3" in terminal.getvalue()
    assert "2 ok, 1 rejected]" in terminal.getvalue()
    assert "\x1b[" not in terminal.getvalue()


def test_a_file_contains_few_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the first bar, the last, and one every 30 seconds, not one per row."""
    terminal = io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    # Each call of the clock is a second later, as if each row took a second.
    monkeypatch.setattr("tqdm.std.time", itertools.count(1.0).__next__)
    counts: Counter[str] = Counter()
    with Progress(25, seconds=25.0, counts=counts, show=True) as bar:
        for row in range(25):
            counts["ok"] += 1
            bar.update(1, 24.0 - row)

    assert terminal.getvalue().count("/25 [") <= 4
    assert "25/25" in terminal.getvalue()


def test_without_a_rate_no_time_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rehearsal runs at full speed, so "0 s left" would be shown from the first row on."""
    terminal = io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Progress(3, seconds=0.0, counts=Counter(ok=1), show=True) as bar:
        bar.update(1, 0.0)

    assert "1 ok" in terminal.getvalue()
    assert "left" not in terminal.getvalue()


def test_nothing_is_shown_without_progress(capsys: pytest.CaptureFixture[str]) -> None:
    """The bar and messages are hidden."""
    for rows in (3, 0):
        with Progress(rows, seconds=1.5, counts=Counter(ok=1), show=False) as bar:
            bar.update(1, 1.0)
            bar.note("a message")
        bar.end("the last line")

    assert capsys.readouterr() == ("", "")


def test_the_last_line_is_below_the_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """Also where there is no bar, since nothing is sent."""
    with Progress(0, seconds=0.0, counts=Counter(ok=1), show=True) as bar:
        bar.end("Nothing was sent.")
    assert "".join(capsys.readouterr()) == "Nothing was sent.\n"


def test_a_bar_that_stopped_early_shows_no_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with "stopped" instead."""
    terminal = io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Progress(3, seconds=1.5, counts=Counter(ok=1), show=True) as bar:
        bar.update(1, 1.0)

    assert terminal.getvalue().rstrip().endswith("1 ok, stopped]")


def test_a_display_that_is_gone_does_not_cost_the_result(tmp_path: Path) -> None:
    """Neither the bar nor the last warning raises, if nobody reads it or the disk is full."""
    redirections = ["2>&1 | true", "2> /dev/full", "> /dev/full 2>&1", "2>&-", ">&- 2>&-"]
    processes = []
    for number, redirection in enumerate(redirections):
        script = f'"$0" -c "$1" "$2" {redirection}; exit ${{PIPESTATUS[0]}}'
        path = tmp_path / f"{number}.txt"
        command = ["bash", "-c", script, sys.executable, STOPPED_RUN, str(path)]
        processes.append(subprocess.Popen(command, env=environment()))
    for process in processes:
        process.wait(timeout=60)

    texts = [path.read_text() for path in sorted(tmp_path.iterdir())]
    assert texts == ["stopped: token"] * len(redirections)


def test_warnings_as_errors_do_not_cost_the_result(tmp_path: Path) -> None:
    """The warning of a run that stopped early is printed instead."""
    path = tmp_path / "result.txt"
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", STOPPED_RUN, str(path)],
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert path.read_text() == "stopped: token"
    assert "StoppedWarning: the run stopped early: the token was refused" in process.stderr
    assert "Traceback" not in process.stderr


def test_a_bar_that_cannot_be_drawn_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader can end at any time, here after the first drawing."""
    reader, writer = os.pipe()
    with open(writer, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setattr("tqdm.std.time", itertools.count(1.0, 60.0).__next__)
        with Progress(3, seconds=1.5, counts=Counter(ok=1), show=True) as bar:
            os.close(reader)
            bar.update(1, 1.0)
            bar.update(1, 1.0)
            bar.note("a message")
        with Progress(3, seconds=1.5, counts=Counter(ok=1), show=True) as bar:
            bar.update(3, 0.0)
        monkeypatch.undo()
        with pytest.raises(BrokenPipeError):  # what the bar could not write is still there
            terminal.close()


def test_a_failed_bar_does_not_block_the_bars_of_other_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They share a lock, which tqdm leaves locked if a drawing raises."""
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stderr", full)
        with Progress(3, seconds=1.5, counts=Counter(ok=1), show=True) as bar:
            bar.update(1, 1.0)
        monkeypatch.undo()
        with pytest.raises(OSError, match="No space left"):
            full.close()

    locked = threading.Event()

    def draw() -> None:
        with tqdm.std.tqdm.get_lock():
            locked.set()

    threading.Thread(target=draw, daemon=True).start()
    assert locked.wait(5)


def test_overlapping_runs_do_not_change_the_filters_of_warnings() -> None:
    """The filters belong to all threads, so one run would restore what another has changed."""
    process = subprocess.run(
        [sys.executable, "-c", OVERLAPPING_RUNS],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "flxframe" not in process.stdout
    assert "tqdm" not in process.stdout


# jupyter_client warns that it starts its kernel over TCP, which stays on this machine.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_notebook_without_working_widgets_has_its_result_and_no_warning() -> None:
    """Without ipywidgets there is a text bar; a front end that raises has none."""
    cells = [nbformat.v4.new_code_cell(code) for code in (BROKEN_WIDGET + RUN, NO_WIDGETS + RUN)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    broken, missing = (
        "".join(output.get("text", "") for output in cell.outputs) for cell in notebook.cells
    )

    assert broken.endswith("s: 5 ok; 5 sent, 0 recalled\nok ok ok ok ok\n")
    assert "5/5" in missing
    assert "ok ok ok ok ok\n" in missing
    assert "Warning" not in missing
    assert missing.count("\n") <= 3
