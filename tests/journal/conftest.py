"""Shared by the tests of the journal."""

from pathlib import Path

import pytest

from flxframe.sandbox import Sandbox

URL = "http://127.0.0.1:1"
"""Where nothing listens: for journals that are opened but not sent with."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a journal that does not exist yet."""
    return tmp_path / "backfill.db"


def sent(api: Sandbox) -> list[str]:
    """Return the numbers of the orders that arrived, in order."""
    return [arrival.body["objects"]["order"]["number"] for arrival in api.arrivals]
