"""The README's Python runs as is, and prints the output that the README shows."""

import re

import pytest

from tests.conftest import ROOT

BLOCKS = re.compile(
    r"^```python\n(.*?)^```\n(?:\n^```text\n(.*?)^```)?", flags=re.MULTILINE | re.DOTALL
)


def test_the_readme_runs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Python blocks share a namespace, and each prints the text that follows it."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("FLXPOINT_BASE_URL", raising=False)
    namespace: dict[str, object] = {}
    blocks = BLOCKS.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(blocks) >= 4
    for code, output in blocks:
        exec(compile(code, "README.md", "exec"), namespace)
        assert capsys.readouterr().out == output
