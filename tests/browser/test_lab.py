"""What a person sees in JupyterLab: a bar that moves and ends, a stop button that keeps the result, and no token.

Apart from the other tests, since it needs a browser::

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

IDLE = "#jp-main-statusbar >> text=Python 3 (ipykernel) | Idle"
BAR = ".widget-hprogress .progress-bar"
RED, GREEN = "rgb(179, 38, 30)", "rgb(0, 128, 0)"
WIDTH = f"parseFloat((document.querySelector('{BAR}') || {{style: {{}}}}).style.width || 0)"

RUN = """
import flxframe, pandas as pd

countries = {"objects.order.shippingAddress.countryCode": ["US", "CA"] * 100}
orders = pd.DataFrame({"eventHandle": "order_import", "objects.order.number": range(200), **countries})
result = flxframe.run_workflows(orders)
""".strip()
ALL_OK = "all_ok = flxframe.run_workflows(orders.head(2))"
KEPT = 'print("kept", result["run.status"].iloc[0], result["run.status"].iloc[199], len(result))'


def run_all(page: Page, address: str, path: str) -> None:
    """Open a notebook as a person does, and choose Run All."""
    page.goto(f"{address}lab/tree/{path}")
    page.wait_for_selector(IDLE, timeout=60_000)
    page.wait_for_timeout(1_000)  # the kernel says that it is idle before the notebook may run
    page.click("li.lm-MenuBar-item >> text=Run")
    page.click('li[data-command="runmenu:run-all"]')


def wait_for_width(page: Page, condition: str) -> float:
    """Wait until the first bar's width, in percent, is so; and return it."""
    page.wait_for_function(f"{WIDTH} {condition}", timeout=60_000)
    return float(page.evaluate(WIDTH))


def wait_for_the_end(page: Page) -> None:
    """Wait until no cell is left to run."""
    page.wait_for_selector(".jp-InputPrompt:text-is('[*]:')", state="detached", timeout=60_000)
    page.wait_for_selector(IDLE, timeout=60_000)


def colours(page: Page) -> list[str]:
    """Return the colours that a person sees the bars in."""
    found: list[str] = page.locator(BAR).evaluate_all(
        "bars => bars.map(bar => getComputedStyle(bar).backgroundColor)"
    )
    return found


def everything(page: Page, home: Path, path: str) -> str:
    """Save the notebook; return its file's text, the page's, and what the lab logged."""
    with page.expect_response(
        lambda answer: answer.request.method == "PUT" and path in answer.url
    ) as answer:
        page.keyboard.press("Control+s")
    assert answer.value.ok
    return "\n".join(
        [
            (home / path).read_text("utf-8"),
            page.content(),
            (home.parent / "lab.log").read_text("utf-8"),
        ]
    )


def take_picture(page: Page, first: str, last: str, path: str) -> None:
    """Picture the notebook from the cell that holds one text to the cell that holds another, without the sidebar."""
    page.keyboard.press("Control+b")
    cells = [page.locator(".jp-Notebook .jp-Cell", has_text=text).first for text in (first, last)]
    cells[0].evaluate("cell => cell.scrollIntoView({block: 'start'})")
    top, bottom = (cell.bounding_box() for cell in cells)
    assert top is not None
    assert bottom is not None
    height = bottom["y"] + bottom["height"] - top["y"]
    page.screenshot(
        path=path, clip={"x": top["x"], "y": top["y"], "width": top["width"], "height": height}
    )


def test_the_bar_moves_and_ends_and_nothing_shows_the_token(
    page: Page, lab: Callable[..., str], home: Path, pytestconfig: pytest.Config
) -> None:
    """In the analysts' notebook, which runs to its end without an error or a warning."""
    path = "notebooks/analysis_session.ipynb"
    run_all(page, lab(), path)
    first = wait_for_width(page, "> 5")
    second = wait_for_width(page, f"> {first}")
    assert first < second < 100
    wait_for_width(page, "== 100")
    wait_for_the_end(page)
    assert colours(page) == [RED, RED], "a run with a refused row ends red"
    assert page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    assert "sandbox-token" not in everything(page, home, path)
    if picture := pytestconfig.getoption("picture"):
        take_picture(page, "Run the live version", "flxframe.plot_changes(", picture)


def test_the_stop_button_in_the_middle_leaves_a_result_in_the_variable(
    page: Page, lab: Callable[..., str], home: Path
) -> None:
    """With the rows that were sent and those that weren't; and a token from the environment is nowhere to be seen."""
    path, token = "stopped.ipynb", secrets.token_hex(20)
    cells = [nbformat.v4.new_code_cell(code) for code in (RUN, KEPT, ALL_OK)]
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
    assert colours(page) == [RED, GREEN], (
        "a run that stopped early ends red, one whose rows are all ok green"
    )
    assert token not in everything(page, home, path)
