"""JupyterLab shows a moving bar and no token, and its stop button keeps the result.

These tests are not run with the others, since they need a browser::

    pip install '.[browser]'    # and Debian's chromium, or `playwright install chromium`
    python -m pytest -n 0 tests/browser
"""

import secrets
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page

import flxframe
from flxframe.options import RunOptions
from flxframe.options.arguments import arguments

IDLE = "#jp-main-statusbar >> text=Python 3 (ipykernel) | Idle"
BAR = ".widget-hprogress .progress-bar"
RED, GREEN = "rgb(179, 38, 30)", "rgb(0, 128, 0)"
WIDTH = f"parseFloat((document.querySelector('{BAR}') || {{style: {{}}}}).style.width || 0)"

RUN = """
import flxframe, pandas as pd

orders = pd.DataFrame({"eventHandle": "order_import", "objects.order.number": range(200)})
orders["objects.order.shippingAddress.countryCode"] = ["US", "CA"] * 100
result = flxframe.run_workflows(orders)
""".strip()
RUN_ALL_OK = "all_ok = flxframe.run_workflows(orders.head(2))"
PRINT_RESULT = (
    'print("kept", result["run.status"].iloc[0], result["run.status"].iloc[199], len(result))'
)


def run_all(page: Page, address: str, path: str) -> None:
    """Open a notebook as a user does, and choose Run All."""
    page.goto(f"{address}lab/tree/{path}")
    page.wait_for_selector(IDLE, timeout=60_000)
    page.wait_for_timeout(1_000)  # the kernel is idle before the notebook can run
    page.click("li.lm-MenuBar-item >> text=Run")
    page.click('li[data-command="runmenu:run-all"]')


def wait_for_width(page: Page, condition: str) -> float:
    """Wait until the first bar's width in percent meets the condition, and return it."""
    page.wait_for_function(f"{WIDTH} {condition}", timeout=60_000)
    return float(page.evaluate(WIDTH))


def wait_for_the_end(page: Page) -> None:
    """Wait until all cells have run."""
    page.wait_for_selector(".jp-InputPrompt:text-is('[*]:')", state="detached", timeout=60_000)
    page.wait_for_selector(IDLE, timeout=60_000)


def bar_colours(page: Page) -> list[str]:
    """Return the colours of the displayed bars."""
    colours: list[str] = page.locator(BAR).evaluate_all(
        "bars => bars.map(bar => getComputedStyle(bar).backgroundColor)"
    )
    return colours


def all_texts(page: Page, home: Path, path: str) -> str:
    """Save the notebook; return the texts of its file, of the page and of the lab's log."""
    with page.expect_response(
        lambda answer: answer.request.method == "PUT" and path in answer.url
    ) as answer:
        page.keyboard.press("Control+s")
    assert answer.value.ok

    notebook = (home / path).read_text("utf-8")
    log = (home.parent / "lab.log").read_text("utf-8")
    return "\n".join([notebook, page.content(), log])


def take_picture(page: Page, first: str, last: str, path: str) -> None:
    """Take a picture from the cell with the first text to the cell with the last one."""
    page.keyboard.press("Control+b")
    cells = [page.locator(".jp-Notebook .jp-Cell", has_text=text).first for text in (first, last)]
    cells[0].evaluate("cell => cell.scrollIntoView({block: 'start'})")
    top, bottom = (cell.bounding_box() for cell in cells)
    assert top is not None
    assert bottom is not None

    height = bottom["y"] + bottom["height"] - top["y"]
    page.screenshot(
        path=path,
        clip={"x": top["x"], "y": top["y"], "width": top["width"], "height": height},
    )


def test_the_bar_moves_to_its_end_and_the_token_appears_nowhere(
    page: Page, lab: Callable[..., str], home: Path, pytestconfig: pytest.Config
) -> None:
    """The notebook of an analysis session runs without an error or a warning."""
    path = "notebooks/analysis_session.ipynb"
    run_all(page, lab(), path)
    first = wait_for_width(page, "> 5")
    second = wait_for_width(page, f"> {first}")
    assert first < second < 100
    wait_for_width(page, "== 100")
    wait_for_the_end(page)
    assert bar_colours(page) == [RED, RED], "a run with a refused row ends red"
    assert page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    assert "sandbox-token" not in all_texts(page, home, path)

    picture = pytestconfig.getoption("picture")
    if picture:
        take_picture(page, "Run the live version", "flxframe.plot_changes(", picture)


def test_the_stop_button_leaves_a_result_in_the_variable(
    page: Page, lab: Callable[..., str], home: Path
) -> None:
    """The result has the rows that were sent and those that were not; the token appears nowhere."""
    path, token = "stopped.ipynb", secrets.token_hex(20)
    cells = [nbformat.v4.new_code_cell(code) for code in (RUN, PRINT_RESULT, RUN_ALL_OK)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), home / path)

    with flxframe.sandbox(token=token) as api:
        run_all(page, lab(FLXPOINT_API_TOKEN=token, FLXPOINT_BASE_URL=api.url), path)
        wait_for_width(page, "> 2")
        page.click('[data-command="notebook:interrupt-kernel"]')
        page.wait_for_selector("text=kept ok not_sent 200", timeout=30_000)
        wait_for_the_end(page)

    assert 4 < len(api.runs) < 100
    assert page.locator("text=the run stopped early: interrupted").count() == 1
    message = "a run that stopped early ends red, a run with only ok rows ends green"
    assert bar_colours(page) == [RED, GREEN], message
    assert token not in all_texts(page, home, path)


def test_tab_and_shift_tab_show_the_public_names_and_the_arguments(
    page: Page, lab: Callable[..., str], home: Path
) -> None:
    """Tab shows no module of the package, and Shift-Tab every argument of a run."""
    cells = ["import flxframe", "flxframe.", "flxframe.run_workflows("]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    nbformat.write(notebook, home / "help.ipynb")

    page.goto(f"{lab()}lab/tree/help.ipynb")
    page.wait_for_selector(IDLE, timeout=60_000)
    page.wait_for_timeout(1_000)  # the kernel is idle before the notebook can run
    editors = page.locator(".jp-CodeCell .cm-content")
    editors.nth(0).click()
    page.keyboard.press("Shift+Enter")
    page.wait_for_selector(".jp-InputPrompt:text-is('[1]:')", timeout=60_000)

    editors.nth(1).click()
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.wait_for_selector(".jp-Completer-item", timeout=60_000)
    names = set(page.locator(".jp-Completer-item .jp-Completer-match").all_inner_texts())
    page.keyboard.press("Escape")
    assert {name.removeprefix("flxframe.") for name in names} == set(flxframe.__all__)

    editors.nth(2).click()
    page.keyboard.press("End")
    page.keyboard.press("Shift+Tab")
    page.wait_for_selector(".jp-Tooltip", timeout=60_000)
    text = page.locator(".jp-Tooltip").inner_text()
    for name in arguments(RunOptions):
        assert name in text
    assert "Stop after this many consecutive failures" in text
