"""The progress bar, as a line of text if there are no widgets."""

import io
import itertools
import sys
from collections import Counter

import nbformat
import pytest
from nbclient import NotebookClient

from flxframe.run.progress import Progress

RUN = """
import sys
sys.modules["ipywidgets"] = None
import flxframe, pandas as pd
with flxframe.sandbox(limit=None) as api:
    orders = pd.DataFrame({"eventHandle": ["order_import"] * 5})
    result = flxframe.run_workflows(orders, token=api.token, base_url=api.url, rate=None)
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

    assert capsys.readouterr() == ("", "")


def test_a_run_with_nothing_to_send_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    """For example, all rows can be in the journal already."""
    for counts in (Counter(invalid=1, ok=27), Counter[str]()):
        with Progress(0, seconds=0.0, counts=counts, show=True):
            pass
    text = "Nothing to send: 27 ok, 1 invalid.\nNothing to send: the table has no rows.\n"

    assert capsys.readouterr() == (text, "")


def test_a_bar_that_stopped_early_shows_no_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with "stopped" instead."""
    terminal = io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Progress(3, seconds=1.5, counts=Counter(ok=1), show=True) as bar:
        bar.update(1, 1.0)

    assert terminal.getvalue().rstrip().endswith("1 ok, stopped]")


# jupyter_client warns that it starts its kernel over TCP, which stays on this machine.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_notebook_without_ipywidgets_has_a_text_bar_and_no_warning() -> None:
    """A missing extra must not interrupt a run with a warning."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(RUN)])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    text = "".join(output.get("text", "") for output in notebook.cells[0].outputs)

    assert "5/5" in text
    assert "Warning" not in text
    assert text.count("\n") <= 1
