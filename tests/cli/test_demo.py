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
