"""Fixtures for the tests of files."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from flxframe.files.reading import read_table


@pytest.fixture
def read_content(tmp_path: Path) -> Callable[..., pd.DataFrame]:
    """A function that writes content to a file and reads the file as a table."""

    def read(content: str | bytes, name: str = "t.csv", **settings: object) -> pd.DataFrame:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path, **settings)

    return read
