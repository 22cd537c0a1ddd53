"""The bar where there are no widgets: one line of text, without a word about it."""

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
    """It is drawn over itself, with the counts and the time that is left, and no colours of its own."""
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    counts = Counter(rejected=1)
    with Progress(3, seconds=1.5, counts=counts, show=True) as bar:
        bar.update(1, 1.0)
        counts["ok"] = 2
        bar.update(2, 0.0)
    assert shown.getvalue().count("\n") == 1
    assert "3/3" in shown.getvalue()
    assert "2 ok, 1 rejected]" in shown.getvalue()
    assert "\x1b[" not in shown.getvalue()


def test_a_file_keeps_no_wall_of_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand rows in a log would be as many bars; it has the first and the last."""
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    # Another time at each update, as if a row took a second.
    monkeypatch.setattr("tqdm.std.time", itertools.count(1.0).__next__)
    counts: Counter[str] = Counter()
    with Progress(25, seconds=25.0, counts=counts, show=True) as bar:
        for row in range(25):
            counts["ok"] += 1
            bar.update(1, 24.0 - row)
    assert shown.getvalue().count("/25 [") <= 4
    assert "25/25" in shown.getvalue()


def test_without_a_pace_no_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rehearsal goes as fast as it can, which isn't "0 s left" from the first row on."""
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    with Progress(3, seconds=0.0, counts=Counter(ok=1), show=True) as bar:
        bar.update(1, 0.0)
    assert "1 ok" in shown.getvalue()
    assert "left" not in shown.getvalue()


def test_nothing_is_shown_that_is_not_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    """With ``progress=False``."""
    for rows in (3, 0):
        with Progress(rows, seconds=1.5, counts=Counter(ok=1), show=False) as bar:
            bar.update(1, 1.0)
            bar.note("said")
    assert capsys.readouterr() == ("", "")


def test_a_run_with_nothing_to_send_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    """Such as one whose journal knows all of its rows."""
    for counts in (Counter(invalid=1, ok=27), Counter[str]()):
        with Progress(0, seconds=0.0, counts=counts, show=True):
            pass
    said = "Nothing to send: 27 ok, 1 invalid.\nNothing to send: the table has no rows.\n"
    assert capsys.readouterr() == (said, "")


def test_a_bar_that_stopped_early_promises_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that it stopped, and not how long the rest would take."""
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    with Progress(3, seconds=1.5, counts=Counter(ok=1), show=True) as bar:
        bar.update(1, 1.0)
    assert shown.getvalue().rstrip().endswith("1 ok, stopped]")


# jupyter_client starts its kernel over TCP, and says so; nothing of it leaves the machine.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_notebook_without_ipywidgets_has_a_text_bar_and_no_warning() -> None:
    """A missing extra is no news in the middle of a run."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(RUN)])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    shown = "".join(output.get("text", "") for output in notebook.cells[0].outputs)
    assert "5/5" in shown
    assert "Warning" not in shown
    assert shown.count("\n") <= 1
