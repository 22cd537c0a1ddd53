"""Fixtures and functions for the tests of the journal."""

import os
from pathlib import Path

import pandas as pd
import pytest

from flxframe import Journal
from flxframe.journal.known import Intent
from flxframe.journal.writer import JournalWriter
from flxframe.models import RunWorkflowRequest
from flxframe.sandbox import Sandbox

URL = "http://127.0.0.1:1"
"""A URL without a server, for journals that are only opened."""


def open_for_run(path: object, base_url: str = URL) -> JournalWriter:
    """Open a journal as a run does."""
    return JournalWriter(path, place=base_url)


either_way = pytest.mark.parametrize("use", [Journal, open_for_run], ids=["read", "run"])
"""The test opens a journal by calling `use`: for reading, or as a run does."""


KEY = b"key with a NUL\0\0"
LEFT = b"left with a NUL\0"


def intent(position: int, key: bytes = KEY, nth: int = 0) -> Intent:
    """Return the intent to send a row."""
    request = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"n": position}})
    return Intent(position, request, os.urandom(10), key, nth, LEFT, token_tag=7)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a journal that does not exist yet."""
    return tmp_path / "backfill.db"


def statuses(result: pd.DataFrame) -> list[str]:
    """Return the status of each row."""
    return result["run.status"].tolist()


def sent_numbers(api: Sandbox) -> list[str]:
    """Return the numbers of the orders that arrived, in that order."""
    return [arrival.body["objects"]["order"]["number"] for arrival in api.arrivals]
