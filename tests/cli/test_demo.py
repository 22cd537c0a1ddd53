"""`flxframe demo` shows a complete run, at the API's real pace."""

import subprocess
import time

from flxframe.files.reading import read_table
from tests.conftest import COMMAND, ROOT, environment


def test_the_demo_prints_the_text_of_the_readme_and_overwrites_nothing(tmp_path) -> None:
    """It needs no token, exits with 0, and uses the next free name for its result."""
    (tmp_path / "flxframe-demo.xlsx").write_text("mine")
    start = time.monotonic()
    demo = subprocess.run(
        [*COMMAND, "demo"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert time.monotonic() - start > 12  # the real pace
    assert "27/27" in demo.stderr
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert demo.stdout.replace("flxframe-demo-2", "flxframe-demo") in readme
    result = read_table(tmp_path / "flxframe-demo-2.xlsx")
    assert result["run.status"].value_counts().to_dict() == {"ok": 26, "rejected": 1, "invalid": 1}
    assert (tmp_path / "flxframe-demo.xlsx").read_text() == "mine"


def test_the_demo_of_order_lines_sends_each_order_once(tmp_path) -> None:
    """The rows of an order that was refused are all refused."""
    demo = subprocess.run(
        [*COMMAND, "demo", "--lines"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "22 sample orders, in 60 rows, go to a sandbox" in demo.stderr
    assert "22 orders (60 rows)" in demo.stderr
    result = read_table(tmp_path / "flxframe-demo.xlsx")
    counts = result.groupby("run.status")["Name"].nunique().to_dict()
    assert counts == {"ok": 20, "rejected": 1, "invalid": 1}
    assert result.groupby("Name")["run.status"].nunique().max() == 1


def test_the_sample_of_order_lines_is_the_same_in_both_formats() -> None:
    """In the shape of a shop's export: only the first row of an order has its address."""
    text = read_table(ROOT / "sample_data" / "order_lines.csv")
    book = read_table(ROOT / "sample_data" / "order_lines.xlsx")
    assert text.equals(book)
    sizes = text.groupby("Name").size()
    assert len(sizes) == 22
    assert sizes.between(1, 6).all()
    is_first = ~text["Name"].duplicated()
    assert text["Shipping Zip"].notna().tolist() == is_first.tolist()
    assert text["Shipping Zip"].str.startswith("0").any()
