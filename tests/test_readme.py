"""The README's Python runs as it stands."""

import re
from pathlib import Path


def test_the_readme_runs(capsys) -> None:
    """Each block of Python runs after the one before it, in one namespace."""
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", readme, flags=re.MULTILINE | re.DOTALL)
    namespace: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), namespace)
    assert len(blocks) >= 3
    assert "International" in capsys.readouterr().out
